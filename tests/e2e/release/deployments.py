"""`cdk deploy` of the Traffic stack while a load goes on, and what that does to the load."""

import itertools
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.errors import ProgramFailed
from rehearsal.follow import INTERVAL
from rehearsal.judge.requests import Request
from tests.e2e.release.world import World


@dataclass(frozen=True)
class Deployed:
    """What came of a deployment."""

    name: str
    said: str
    """By the CDK CLI when it failed; empty when it did not."""
    status: str
    """The stack's."""
    writes: int
    """How often CloudFormation wrote the production listener."""
    requests: int
    lost: Sequence[Request]
    """Requests that failed, or that another version answered than the live one."""
    seconds: float

    def __str__(self) -> str:
        rate = f"{self.requests} requests in {self.seconds:.1f} s"
        why = re.search(r"Action denied by stack policy[^.]*\.", self.said)
        told = f" ({why[0]})" if why else ""
        return f"deploy of {self.name}: {self.status}, {rate}, {len(self.lost)} lost or misled{told}"


def deploy(world: World, name: str, variant: Any) -> Deployed:  # noqa: ANN401 - importing its type starts Node
    """Deploy a variant; whatever comes of it, only the version that is live may answer."""
    from tests.e2e.release import templates  # noqa: PLC0415 - starts Node

    folder = world.box.workspace.run / f"variant-{len(world.told)}"
    assembly = templates.synthesise(world.settings, variant, folder=folder)
    live, stack, said = world.model, world.settings.stack_name("Traffic"), ""
    started = time.time()
    try:
        world.box.cdk().deploy(stack, assembly=assembly)
    except ProgramFailed as error:
        said = str(error)
    time.sleep(4 * INTERVAL)
    allowed = [live] if live else [version.model for version in world.versions]
    lost = world.lost(started, allowed=allowed)
    found = Deployed(
        name=name,
        said=said,
        status=world.box.plane.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"],
        writes=_writes(world, stack),
        requests=len(world.requests(started)),
        lost=lost,
        seconds=time.time() - started,
    )
    world.told.append(str(found))
    return found


def _writes(world: World, stack: str) -> int:
    """Return how often the last update of the stack wrote the production listener."""
    arn = world.box.entry("traffic/production-listener")
    events = world.box.plane.cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    last = itertools.takewhile(lambda event: event.get("ResourceStatusReason") != "User Initiated", events)
    return sum(
        event.get("PhysicalResourceId") == arn and event["ResourceStatus"] == "UPDATE_COMPLETE"
        for event in last
    )
