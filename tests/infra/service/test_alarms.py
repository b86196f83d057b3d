"""What turns a release around, and what does not."""

import itertools
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.config import REGISTRY, STAGES
from infra.settings import Engine, Strategy
from tests.infra.assembly import Assembly, synthesised
from tests.infra.service.metric_math import Series, is_red
from tests.infra.variants import changed

pytestmark = pytest.mark.slow

NAMES = (
    *(f"{colour}-{what}" for colour in ("blue", "green") for what in ("errors", "latency", "unhealthy")),
    "load-balancer-errors",
)
BOOK = " See docs/runbooks/alarm-red.md."
NOTHING: Series = (None, None, None)


def alarm(assembly: Assembly, name: str) -> dict[str, Any]:
    """Return the properties of one rollback alarm."""
    alarms = assembly.resources("Service", "AWS::CloudWatch::Alarm").values()
    (found,) = (one["Properties"] for one in alarms if one["Properties"]["AlarmName"].endswith(f"-{name}"))
    return dict(found)


def dimensions(assembly: Assembly, colour: str | None) -> list[dict[str, str]]:
    """Return what a metric belongs to: a colour behind the load balancer, or the load balancer itself."""
    entry = f"/switchyard/{assembly.stage}/traffic"
    if colour is None:
        return [{"Name": "LoadBalancer", "Value": f"{entry}/load-balancer.split(:loadbalancer/)[1]"}]
    parts = "/".join(f"{entry}/load-balancer.split(/)[{i}]" for i in (1, 2, 3))
    return [
        {"Name": "LoadBalancer", "Value": parts},
        {"Name": "TargetGroup", "Value": f"{entry}/{colour}.split(:)[5]"},
    ]


def query(assembly: Assembly, colour: str, id_: str, metric: str, statistic: str) -> dict[str, Any]:
    """Return one metric of an expression."""
    return {
        "Id": id_,
        "MetricStat": {
            "Metric": {
                "Dimensions": dimensions(assembly, colour),
                "MetricName": metric,
                "Namespace": "AWS/ApplicationELB",
            },
            "Period": 60,
            "Stat": statistic,
        },
        "ReturnData": False,
    }


def judged(assembly: Assembly, colour: str, expression: str, other: dict[str, Any]) -> dict[str, Any]:
    """Return an expression and its two metrics."""
    requests = query(assembly, colour, "requests", "RequestCount", "Sum")
    shown = {"Id": "expr_1", "Expression": expression, "ReturnData": True}
    return {"Metrics": [shown, requests, other]}


def one_metric(assembly: Assembly, colour: str | None, metric: str, statistic: str) -> dict[str, Any]:
    """Return a metric that is looked at as it is."""
    return {
        "Namespace": "AWS/ApplicationELB",
        "MetricName": metric,
        "Statistic": statistic,
        "Dimensions": dimensions(assembly, colour),
        "Period": 60,
    }


def expected(assembly: Assembly, name: str) -> dict[str, Any]:
    """Return the whole of one rollback alarm."""
    limits = STAGES[assembly.stage].alarms
    colour, what = name.rsplit("-", 1)
    since = f"judged from {limits.min_requests} requests a minute on"
    busy = f"requests >= {limits.min_requests}"
    looks: dict[str, Any]
    threshold: float
    if name == "load-balancer-errors":
        looks, threshold, minutes = (
            one_metric(assembly, None, "HTTPCode_ELB_5XX_Count", "Sum"),
            limits.max_balancer_errors,
            1,
        )
        meaning = (
            f"The load balancer itself answered over {limits.max_balancer_errors} requests in a minute "
            "with an error (502, 503, 504): tasks crash, hang or are not there."
        )
    elif what == "errors":
        errors = query(assembly, colour, "errors", "HTTPCode_Target_5XX_Count", "Sum")
        enough = f"({busy}) AND (FILL(errors, 0) >= {limits.min_errors})"
        looks = judged(assembly, colour, f"IF({enough}, 100 * FILL(errors, 0) / requests, 0)", errors)
        threshold, minutes = limits.max_error_percent, 1
        meaning = (
            f"Over {limits.max_error_percent:g} % of {colour}'s responses are errors (5xx), {since} and from "
            f"{limits.min_errors} errors."
        )
    elif what == "latency":
        latency = query(assembly, colour, "latency", "TargetResponseTime", "p99")
        looks = judged(assembly, colour, f"IF({busy}, latency, 0)", latency)
        threshold, minutes = limits.max_latency, 3
        meaning = (
            f"The slowest hundredth of {colour}'s responses takes over {limits.max_latency:g} s, "
            f"three minutes running, {since}."
        )
    else:
        looks = one_metric(assembly, colour, "UnHealthyHostCount", "Maximum")
        threshold, minutes = 0, 3
        meaning = f"A task of {colour} has failed its health checks for three minutes."
    return {
        **looks,
        "AlarmName": f"switchyard-{assembly.stage}-{name}",
        "AlarmDescription": meaning + BOOK,
        "EvaluationPeriods": minutes,
        "DatapointsToAlarm": minutes,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": threshold,
        "TreatMissingData": "notBreaching",
    }


@pytest.mark.parametrize("name", NAMES)
def test_rollback_alarms_are_whole(assembly: Assembly, name: str) -> None:
    """Both colours and the load balancer's own errors are watched by the minute; silence breaches nothing."""
    assert alarm(assembly, name) == expected(assembly, name)


def test_there_is_no_other_alarm(assembly: Assembly) -> None:
    """Seven, within the ten alarms that CodeDeploy has always taken for a deployment group."""
    assert len(assembly.resources("Service", "AWS::CloudWatch::Alarm")) == len(NAMES) <= 10


@pytest.mark.parametrize(
    ("requests", "errors", "red"),
    [
        (None, None, False),  # a night without requests
        (1, 1, False),  # one failed request at night
        (9, 9, False),  # too few to judge, however bad
        (10, None, False),  # no errors are no data points
        (10, 2, False),  # two failed requests, 20 %
        (10, 3, True),
        (19, 1, False),  # one failed request, 5 %
        (99, 2, False),
        (100, 2, False),
        (100, 3, True),
        (1000, 2, False),
        (1000, 20, False),
        (1000, 21, True),
        (1000, 300, True),
        (None, 1, False),  # an error that arrives in the minute after its request
        (None, 9, False),
    ],
)
def test_a_share_of_errors_turns_a_release_around(
    dev: Assembly, requests: float | None, errors: float | None, *, red: bool
) -> None:
    """More than 2 % of a minute's requests do, from 10 requests and 3 errors on; one or two errors do not."""
    assert errors_are_red(dev, requests, errors) is red


def errors_are_red(assembly: Assembly, requests: float | None, errors: float | None) -> bool:
    """Return whether a minute with so many requests and errors turns a release around, of either colour."""
    metrics = {"RequestCount": [requests], "HTTPCode_Target_5XX_Count": [errors]}
    (red,) = {is_red(alarm(assembly, f"{colour}-errors"), metrics) for colour in ("blue", "green")}
    return red


@pytest.mark.parametrize(
    ("requests", "errors", "red"), [(300, 3, False), (299, 3, True), (100, 2, False), (1000, 11, True)]
)
def test_production_bears_fewer_errors(
    assemblies: Mapping[str, Assembly], requests: float, errors: float, *, red: bool
) -> None:
    """More than 1 % of a minute's requests turn a release around there, from as many errors on."""
    assert errors_are_red(assemblies["production"], requests, errors) is red


@pytest.mark.parametrize(
    ("to_the_stage", "failing", "red"),
    [
        (90, 1.0, False),  # what remains unseen: nine requests a minute to the new colour, all of them failed
        (100, 1.0, True),
        (100, 0.3, True),
        (100, 0.2, False),  # and two failed requests in every minute
        (300, 0.1, True),
        (300, 0.05, False),
        (1000, 0.03, True),
    ],
)
def test_a_tenth_of_the_requests_is_judged_from_a_hundred_a_minute_on(
    dev: Assembly, to_the_stage: int, failing: float, *, red: bool
) -> None:
    """A canary of 10 % is: the share of its failing requests counts, wherever there are three of them."""
    requests = to_the_stage // 10
    assert errors_are_red(dev, requests, math.floor(requests * failing)) is red


@pytest.mark.parametrize(
    ("requests", "seconds", "red"),
    [
        (NOTHING, NOTHING, False),
        ((10, 10, 10), (2.5, 2.5, 2.5), True),
        ((10, 10, 10), (2.0, 2.0, 2.0), False),
        ((10, 10, 9), (2.5, 2.5, 2.5), False),  # too few to judge
        ((1, 1, 1), (9.0, 9.0, 9.0), False),
        ((90, 90, 90), (0.1, 9.0, 9.0), False),  # two minutes are not three
        ((90, None, 90), (9.0, None, 9.0), False),
    ],
)
def test_three_slow_minutes_turn_a_release_around(
    dev: Assembly, requests: Series, seconds: Series, *, red: bool
) -> None:
    """Each above 2 s, each with 10 requests or more."""
    metrics = {"RequestCount": requests, "TargetResponseTime": seconds}
    assert {is_red(alarm(dev, f"{colour}-latency"), metrics) for colour in ("blue", "green")} == {red}


@pytest.mark.parametrize(
    ("name", "metric", "values", "red"),
    [
        ("blue-unhealthy", "UnHealthyHostCount", NOTHING, False),
        ("blue-unhealthy", "UnHealthyHostCount", (1, 0, 1), False),
        ("green-unhealthy", "UnHealthyHostCount", (1, 1, 1), True),
        ("load-balancer-errors", "HTTPCode_ELB_5XX_Count", (None,), False),
        ("load-balancer-errors", "HTTPCode_ELB_5XX_Count", (10,), False),
        ("load-balancer-errors", "HTTPCode_ELB_5XX_Count", (11,), True),
    ],
)
def test_unhealthy_tasks_and_lost_requests_turn_a_release_around(
    dev: Assembly, name: str, metric: str, values: Series, *, red: bool
) -> None:
    """Three minutes of the one, or more than ten in a minute of the other."""
    assert is_red(alarm(dev, name), {metric: values}) is red


@pytest.mark.parametrize("engine", [None, Engine.ECS])
def test_people_are_told_once_when_a_rollback_alarm_turns_red(
    assemblies: Mapping[str, Assembly], tmp_path: Path, engine: Engine | None
) -> None:
    """One composite alarm over all that turn a release around, with the topic as its action both ways.

    It depends on each of them, so that it is made after them, and goes before them with `alarms.enabled`.
    """
    stages = (
        [synthesised(changed(STAGES["dev"], {"release.engine": engine}), tmp_path)]
        if engine
        else list(assemblies.values())
    )
    for assembly in stages:
        here = f"eu-central-1:<AWS::AccountId>:switchyard-{assembly.stage}"
        start = f"arn:<AWS::Partition>:cloudwatch:{here.replace(':switchyard', ':alarm:switchyard')}"
        unwell = assembly.only("Service", "AWS::CloudWatch::CompositeAlarm")
        assert unwell["Properties"] == {
            "AlarmName": f"switchyard-{assembly.stage}-unwell",
            "AlarmDescription": "At least one rollback alarm is red." + BOOK,
            "AlarmRule": " OR ".join(f'ALARM("{start}-{name}")' for name in NAMES),
            "AlarmActions": [f"arn:<AWS::Partition>:sns:{here}-notifications"],
            "OKActions": [f"arn:<AWS::Partition>:sns:{here}-notifications"],
        }
        keys = json.loads(assembly.texts()[f"Switchyard-{assembly.stage}-Service.template.json"])["Resources"]
        alarms = [key for key, one in keys.items() if one["Type"] == "AWS::CloudWatch::Alarm"]
        (depends,) = (
            one["DependsOn"] for one in keys.values() if one["Type"] == "AWS::CloudWatch::CompositeAlarm"
        )
        assert sorted(depends) == sorted(alarms)


def test_a_link_leads_to_the_runbook(tmp_path: Path) -> None:
    """Whoever is woken by an alarm can click on what to do."""
    registry = type(REGISTRY)(github="owner/name")
    assembly = synthesised(STAGES["dev"], tmp_path, registry=registry)
    link = "See https://github.com/owner/name/blob/main/docs/runbooks/alarm-red.md."
    found = [alarm(assembly, name)["AlarmDescription"] for name in NAMES]
    assert [text.endswith(link) for text in found] == [True] * len(NAMES)


@pytest.mark.parametrize(
    ("engine", "strategy"),
    [
        (Engine.CODEDEPLOY, Strategy.BLUE_GREEN),
        (Engine.ECS, Strategy.BLUE_GREEN),
        (Engine.ECS, Strategy.ROLLING),
    ],
)
def test_without_alarms_nothing_refers_to_any(tmp_path: Path, engine: Engine, strategy: Strategy) -> None:
    """A stage may do without; then neither the service nor what moves it nor what people see knows of one."""
    settings = changed(
        STAGES["dev"],
        {"alarms.enabled": False, "release.engine": engine, "release.strategy": strategy},
    )
    assembly = synthesised(settings, tmp_path)
    for part, kind in itertools.product(("Service", "Operations"), ("Alarm", "CompositeAlarm")):
        assert assembly.resources(part, f"AWS::CloudWatch::{kind}") == {}
    texts = assembly.texts()
    for name in NAMES:
        told = [file for file, text in texts.items() if f"switchyard-dev-{name}".encode() in text]
        assert told == []


@pytest.mark.parametrize("strategy", [s for s in Strategy if s is not Strategy.ALL_AT_ONCE])
def test_either_engine_asks_the_same_alarms(dev: Assembly, tmp_path: Path, strategy: Strategy) -> None:
    """ECS turns back on what CodeDeploy turns back on; with one colour, whichever of the two is live."""
    settings = changed(STAGES["dev"], {"release.engine": Engine.ECS, "release.strategy": strategy})
    other = synthesised(settings, tmp_path)
    assert {name: alarm(other, name) for name in NAMES} == {name: alarm(dev, name) for name in NAMES}
    configuration = other.only("Service", "AWS::ECS::Service")["Properties"]["DeploymentConfiguration"]
    group = dev.only("Service", "AWS::CodeDeploy::DeploymentGroup")["Properties"]
    assert configuration["Alarms"] == {
        "AlarmNames": [item["Name"] for item in group["AlarmConfiguration"]["Alarms"]],
        "Enable": True,
        "Rollback": True,
    }
