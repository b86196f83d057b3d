"""A whole stage on the control plane, as a release opens it, looks at it and verifies it."""

from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest

from infra.settings import Engine, StageSettings, Strategy
from rehearsal.control_plane import ControlPlane
from release import fleet, look, newest, preflight, revision, verify
from release.acts import Compared
from release.errors import Refused
from release.patience import Patient
from release.stage import engine, open_stage
from release.stage_facts import Stage, Way
from release.view_model import ColourSeen
from tests.rehearsal.aws.estate import CONTAINER, Estate
from tests.release.facts import ACCOUNT, NEW, OLD, RELEASE, settings_with

pytestmark = pytest.mark.slow

SETTINGS = replace(settings_with(), name="whole")


@dataclass
class Whole:
    """The stage, and what it is made of."""

    estate: Estate
    stage: Stage
    tasks: tuple[str, ...]


@pytest.fixture(scope="module")
def whole(plane: ControlPlane, ask: Patient) -> Whole:
    """A stage at rest: two tasks behind blue, which takes all traffic, and every alarm well."""
    subnets = boto3.client("ec2").describe_subnets()["Subnets"]
    places = [subnet["SubnetId"] for subnet in subnets[:2]]
    estate = Estate(plane, SETTINGS.prefix, subnets[0]["VpcId"], places)
    container = {**CONTAINER, "image": f"switchyard@{NEW}"}
    estate.register(containerDefinitions=[container], runtimePlatform={"cpuArchitecture": "X86_64"})
    test = plane.elbv2.create_listener(
        LoadBalancerArn=estate.balancer,
        Port=9000,
        Protocol="HTTP",
        DefaultActions=[{"Type": "forward", "TargetGroupArn": estate.groups["green"]}],
    )["Listeners"][0]["ListenerArn"]
    estate.create()
    publish(plane, SETTINGS, estate, test)
    stage = open_stage(ask, SETTINGS)
    for name in stage.alarms:
        alarm(name)
    (own,) = fleet.fleets_of(estate.service())
    tasks = tuple(estate.run(own.id, "blue") for _ in range(2))
    for task in tasks:
        estate.report(task, "RUNNING", imageDigest=NEW)
    return Whole(estate, stage, tasks)


def publish(plane: ControlPlane, settings: StageSettings, estate: Estate, test: str) -> None:
    """Write the stage's directory."""
    entries = {
        "service/name": "service",
        "traffic/blue": estate.groups["blue"],
        "traffic/green": estate.groups["green"],
        "traffic/production-listener": estate.listener,
        "traffic/test-listener": test,
        "logs/gate": "gate-log",
        "live-colour": "blue",
    }
    for name, value in entries.items():
        plane.ssm.put_parameter(Name=settings.entry(name), Value=value, Type="String")


def alarm(name: str, state: str = "OK") -> None:
    """Have an alarm, in this state."""
    cloudwatch = boto3.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="Errors",
        Namespace="Rehearsed",
        Period=60,
        Statistic="Sum",
        Threshold=1,
    )
    state_value: Any = state
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state_value, StateReason="said so")


def test_a_stage_is_opened_by_its_directory_and_its_service(whole: Whole) -> None:
    """Whatever a release needs of it, and nothing that the settings would only suppose."""
    groups = whole.estate.groups
    assert whole.stage == Stage(
        settings=SETTINGS,
        engine_name=SETTINGS.release.engine,
        account=ACCOUNT,
        partition="aws",
        service="service",
        service_arn=f"arn:aws:ecs:eu-central-1:{ACCOUNT}:service/switchyard-whole/service",
        groups=groups,
        production=Way(arn=whole.estate.listener, is_rule=False),
        test=whole.stage.test,
        gate=f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:switchyard-whole-release-gate",
        gate_log="gate-log",
        container="service",
        port=8080,
    )


def test_a_stage_that_is_not_provisioned_is_refused(ask: Patient, plane: ControlPlane) -> None:
    """With what is missing, and what to do first."""
    del plane
    with pytest.raises(Refused, match="Stage nowhere is not provisioned: its directory has no entry"):
        open_stage(ask, replace(SETTINGS, name="nowhere"))


def test_a_service_that_runs_the_digest_is_verified(whole: Whole, ask: Patient) -> None:
    """Every task, the revision, and the traffic; another digest is not found anywhere."""
    assert verify.compare(ask, whole.stage, NEW) == Compared()
    running = fleet.primary_of(fleet.read_service(ask, whole.stage)).revision
    ids = sorted(task.rpartition("/")[2] for task in whole.tasks)
    told = verify.compare(ask, whole.stage, OLD)
    assert sorted(told.wrong) == sorted(
        [
            f"The service's own revision {running} names {NEW}, not {OLD}.",
            *(f"Task {task} runs {NEW}, not {OLD}." for task in ids),
        ]
    )


def test_what_a_release_took_back_is_not_the_newest_revision(whole: Whole, ask: Patient) -> None:
    """What runs is registered once more as it is, however often asked; the stack's own is left alone."""

    def at_end() -> tuple[str, dict[str, Any]]:
        found = whole.estate.plane.ecs.describe_task_definition(taskDefinition=SETTINGS.prefix)
        return found["taskDefinition"]["taskDefinitionArn"], revision.shape_of(found["taskDefinition"])

    _, runs = at_end()
    container = {**CONTAINER, "image": f"switchyard@{OLD}"}
    by_the_stack = whole.estate.register(containerDefinitions=[container], memory="2048")
    assert (newest.supersede(ask, whole.stage), at_end()[0]) == ("", by_the_stack)
    tags = [{"key": revision.TAG, "value": RELEASE}]
    bad = whole.estate.register(containerDefinitions=[container], memory="1024", tags=tags)
    assert newest.supersede(ask, whole.stage) == ""
    again, shape = at_end()
    assert (again != bad, shape) == (True, runs)
    assert (newest.supersede(ask, whole.stage), at_end()[0]) == ("", again)


def test_a_stage_is_seen_as_it_is(whole: Whole, ask: Patient) -> None:
    """Colours, shares, targets, digests, alarms, and what CloudFormation believes."""
    seen = look.snapshot(ask, whole.stage)
    assert seen.colours == (
        ColourSeen(name="blue", share=100, test=False, healthy=2, targets=2, digests=(NEW,)),
        ColourSeen(name="green", share=0, test=True, healthy=0, targets=0, digests=()),
    )
    assert ([item.name for item in seen.alarms], seen.remembered) == ([*whole.stage.alarms], "blue")
    assert {item.state for item in seen.alarms} == {"OK"}
    assert look.live_digest(ask, whole.stage) == NEW


def test_everything_that_is_wrong_is_told_at_once(whole: Whole, ask: Patient) -> None:
    """Traffic that is split and a red alarm, beside one another; a stage at rest has neither."""
    stage = whole.stage
    scene = fleet.look(ask, stage)
    assert [*preflight.service_problems(stage, scene), *preflight.traffic_problems(stage, scene)] == []
    alarm("switchyard-whole-green-errors", "ALARM")
    seen = look.snapshot(ask, stage).alarms
    assert list(preflight.alarm_problems(stage.alarms, seen)) == [
        "Alarm switchyard-whole-green-errors is red (said so): see docs/runbooks/alarm-red.md."
    ]
    alarm("switchyard-whole-green-errors")


def test_the_engine_is_the_services_own(whole: Whole, ask: Patient) -> None:
    """As the service says; settings that say another are refused before anything is done."""
    assert engine(ask, whole.stage).name == "codedeploy"
    rolling = settings_with(Engine.ECS, strategy=Strategy.ROLLING)
    with pytest.raises(Refused, match="is moved by codedeploy, and the settings say ecs"):
        open_stage(ask, replace(rolling, name="whole"))
