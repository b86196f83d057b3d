"""`cdk deploy` after releases and during one: nothing is lost, and traffic stays on the live colour.

Every test looks at the same stage, in the order in which they stand here. A deployment that would have to
write listeners is refused while a release runs, also when its command has died.
"""

import json
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from release.hold import ALLOW
from release.record import Outcome

from .deployments import Deployed, deploy
from .world import COLOURS, World

pytestmark = pytest.mark.slow

ROUNDS = (1, 2, 3)
DEPLOYMENTS = ("unrelated", "failing", "TLS policy")
WRITES = {"unrelated": 1, "failing": 2, "TLS policy": 1}
"""How often each makes CloudFormation write the production listener, so that it could go wrong."""


def variant(number: int, name: str) -> Any:  # noqa: ANN401 - importing its type starts Node
    """Return a deployment of a round."""
    from . import templates  # noqa: PLC0415 - starts Node

    return templates.ROUNDS[(number - 1) % 2][name]


def release(world: World) -> None:
    """Ship a version that is not live; no request is lost meanwhile."""
    started, before = time.time(), world.live
    code, said = world.ship(world.next_version)
    assert code == 0, said
    assert world.live not in {"", before}
    assert world.lost(started) == []


@pytest.mark.parametrize("name", ["release", *DEPLOYMENTS])
@pytest.mark.parametrize("number", ROUNDS)
def test_no_request_is_lost_and_traffic_stays_on_the_live_colour(
    world: World, number: int, name: str
) -> None:
    """After one, two and three releases: an unrelated change, a changed listener, a deployment that fails."""
    if name == "release":
        release(world)
        return
    live = world.live
    found = deploy(world, f"{name}, after {number} releases", variant(number, name))
    assert found.lost == []
    assert (world.live, world.remembered) == (live, live)
    assert found.status == ("UPDATE_ROLLBACK_COMPLETE" if name == "failing" else "UPDATE_COMPLETE")
    assert found.writes == WRITES[name]


@pytest.fixture(scope="module")
def left_behind(world: World) -> Iterator[World]:
    """A stage at which a release runs: in its canary, then before its last steps, and then dead."""
    with world.without_keeper():
        yield world


def refused(found: Deployed) -> bool:
    """Return whether CloudFormation refused a deployment with a sentence, and nothing came of it."""
    assert "denied by stack policy" in found.said.lower(), found.said
    return found.lost == [] and found.writes == 0 and found.status == "UPDATE_ROLLBACK_COMPLETE"


def test_a_deployment_is_refused_while_a_release_runs(left_behind: World) -> None:
    """In the canary, before CloudFormation knows the new colour, and after the release was killed."""
    world = left_behind
    started, before = time.time(), world.live
    moves = {"service": "elbv2", "action": "ModifyListener", "agent": "switchyard-codedeploy", "skip": 1}
    world.strike({**moves, "kind": "stall-after"})
    program = world.begin("ship", "--image", world.box.push(world.next_version.image))
    world.wait_until_stalled(program)
    assert world.live == ""
    assert refused(deploy(world, "unrelated, in the canary", variant(4, "unrelated")))
    world.strike({"service": "ssm", "action": "PutParameter", "kind": "stall-before"})
    world.wait_until_stalled(program)
    assert (world.live != before, world.remembered) == (True, before)
    assert refused(deploy(world, "TLS policy, before it is remembered", variant(4, "TLS policy")))
    program.process.send_signal(signal.SIGKILL)
    program.process.wait(10)
    world.strike()
    assert refused(deploy(world, "failing, with the release dead", variant(4, "failing")))
    code, said = world.run("idle")
    assert (code, "has staging: step remember" in said) == (1, True), said
    assert world.lost(started) == []


def test_without_the_hold_and_the_parameter_the_live_colour_is_lost(left_behind: World) -> None:
    """The same check is red when somebody lifts the policy by hand; the release makes up for it."""
    world = left_behind
    live, stack = world.live, world.settings.stack_name("Traffic")
    client = world.box.plane.cloudformation
    client.set_stack_policy(StackName=stack, StackPolicyBody=json.dumps(ALLOW))
    found = deploy(world, "TLS policy, the policy lifted", variant(4, "TLS policy"))
    assert found.lost
    assert world.live not in {"", live}
    _lead(world, live)
    code, said = world.run("ship", "--image", _left(world))
    assert code == 0, said
    assert world.records[-1].outcome is Outcome.SHIPPED
    assert (world.live, world.remembered, world.held) == (live, live, [False, False])


def test_without_the_condition_the_live_colour_is_lost(world: World) -> None:
    """The same check is red for templates that say one colour and nothing else; the right ones mend it."""
    from . import templates  # noqa: PLC0415 - starts Node

    literal = templates.literal(world.live)
    assert deploy(world, "templates without the condition", literal).lost == []
    release(world)
    live = world.live
    assert deploy(world, "TLS policy, without the condition", templates.TLS.and_then(literal)).lost
    assert world.live != live
    assert deploy(world, "the templates as they are", templates.NOTHING).writes == 1
    assert world.live == live


def _lead(world: World, live: str) -> None:
    """Lead the production listener to a colour by hand."""
    groups: Any = [
        {"TargetGroupArn": world.box.entry(f"traffic/{colour}"), "Weight": 100 if colour == live else 0}
        for colour in COLOURS
    ]
    action: Any = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
    arn = world.box.entry("traffic/production-listener")
    world.box.plane.elbv2.modify_listener(ListenerArn=arn, DefaultActions=[action])


def _left(world: World) -> str:
    claim = world.claim
    assert claim is not None
    return claim.image
