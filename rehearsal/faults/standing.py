"""How a stage stands: which image takes its traffic, and what keeps it from being released to.

Read from AWS's own interfaces alone, and apart from what the release itself believes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rehearsal import described, sessions
from rehearsal.box import Box
from rehearsal.provision import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

_STACKS: Final = ("Traffic", "Service")


@dataclass(frozen=True, slots=True)
class Standing:
    """What was found."""

    digest: str
    """Of the image that takes all production traffic; empty when there is not one."""
    unrest: tuple[str, ...]
    """Sentences: why the stage is not free, steady, remembered and green; none when it is."""


def look(stage: Stage) -> Standing:
    """Return how a stage stands now."""
    service = _service(stage.box)
    colour = live(stage.box)
    own = [item for item in service.get("taskSets", []) if item["status"] == "PRIMARY"]
    behind = own[0]["loadBalancers"][0]["targetGroupArn"] if own and own[0].get("loadBalancers") else ""
    digest = ""
    if colour and behind == stage.box.entry(f"traffic/{colour}"):
        digest = _digest(stage.box, own[0]["taskDefinition"])
    return Standing(digest, tuple(_unrest(stage, service, colour)))


def client(box: Box, name: str) -> Any:  # noqa: ANN401 - boto3 has a type for each name
    """Return a client of a service in the box, where its programs find that service."""
    special = box.environment.get(f"AWS_ENDPOINT_URL_{name.upper()}")
    return sessions.client(name, special or box.plane.endpoint)


def red(box: Box) -> tuple[str, ...]:
    """Return the alarms of the stage that are red and turn releases around."""
    prefix = box.settings.prefix
    watched = tuple(f"{prefix}-{name}" for name in ("blue-", "green-", "load-balancer-errors"))
    found = client(box, "cloudwatch").describe_alarms(AlarmNamePrefix=f"{prefix}-")["MetricAlarms"]
    names = [alarm["AlarmName"] for alarm in found if alarm["StateValue"] == "ALARM"]
    return tuple(name for name in names if name.startswith(watched))


def _unrest(stage: Stage, service: "Mapping[str, Any]", colour: str) -> Iterator[str]:
    box = stage.box
    record = stage.releases.current()
    if record is not None and record.runs:
        yield f"{record.id} is under way ({record.step})."
    sets = service.get("taskSets", [])
    if len(sets) != 1:
        yield f"There are {len(sets)} task sets."
    for item in sets:
        if item["stabilityStatus"] != "STEADY_STATE" or item["runningCount"] != item["computedDesiredCount"]:
            yield f"Task set {item['id']} is not steady."
    remembered = box.entry("live-colour")
    if remembered != colour:
        yield f"CloudFormation believes in {remembered}, and {colour or 'no colour alone'} is live."
    for part in _STACKS:
        yield from _held(box, box.settings.stack_name(part))
    for name in red(box):
        yield f"Alarm {name} is red."


def _held(box: Box, stack: str) -> Iterator[str]:
    policy = box.plane.cloudformation.get_stack_policy(StackName=stack).get("StackPolicyBody", "")
    if '"Deny"' in policy:
        yield f"Updates of {stack} are held off."
    status = box.plane.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
    if not status.endswith("_COMPLETE"):
        yield f"{stack} is in {status}."


def _service(box: Box) -> "Mapping[str, Any]":
    name = box.entry("service/name")
    found: Any = box.plane.ecs.describe_services(cluster=box.settings.prefix, services=[name])["services"]
    service: Mapping[str, Any] = found[0]
    return service


def live(box: Box) -> str:
    """Return the colour that takes all production traffic; empty when it is split."""
    arn = box.entry("traffic/load-balancer")
    shares = described.describe(box.plane.elbv2, arn).production.effective
    taking = [group for group, weight in shares if weight]
    for colour in ("blue", "green"):
        if taking == [box.entry(f"traffic/{colour}")]:
            return colour
    return ""


def _digest(box: Box, definition: str) -> str:
    described = box.plane.ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]
    return described["containerDefinitions"][0]["image"].rpartition("@")[2]
