"""A deployed stage that answers under a load that never stops: it can be released to, deployed and judged."""

import contextlib
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from infra.settings import StageSettings
from rehearsal import shift
from rehearsal.cdk import Cdk
from rehearsal.control_plane import ControlPlane
from rehearsal.errors import ProgramFailed
from rehearsal.follow import INTERVAL, Follower
from rehearsal.shift import Colour
from tests.e2e.live_colour.load import PATIENCE
from tests.e2e.live_colour.verdict import Expected, Request, Verdict, complete, judge, read

COLOURS: Final[tuple[Colour, Colour]] = ("blue", "green")
_LOOK: Final = 0.5
_REST: Final = 90
"""Percent that stay with the old colour in a canary's first step."""


@dataclass
class World:
    """Everything that is running, and what happened to the load."""

    settings: StageSettings
    plane: ControlPlane
    cdk: Cdk
    folder: Path
    follower: Follower
    expected: Expected
    lines: Path
    live: Colour = "blue"
    verdicts: list[Verdict] = field(default_factory=list)

    def release(self, *, remembered: bool = True) -> Verdict:
        """Swap the listeners as CodeDeploy does; without the release's last steps when not remembered.

        The test listener moves to the new colour, then a tenth of the traffic, then all of it. Then the test
        listener goes back to the colour that is idle now, for that is where the template has it.
        """
        colour = shift.other(self.live)
        started = time.time()
        whole = shift.WHOLE if colour == "green" else 0
        shift.send(self.plane, self.settings, "test", green=whole)
        shift.send(self.plane, self.settings, "production", green=abs(whole - _REST))
        self._settle()
        shift.send(self.plane, self.settings, "production", green=whole)
        shift.send(self.plane, self.settings, "test", green=shift.WHOLE - whole)
        if remembered:
            shift.remember(self.plane, self.settings, colour)
        self.live = colour
        self._settle()
        return self._judge(f"release of {colour}", started, allowed=COLOURS)

    def deploy(self, name: str, variant: Any) -> Verdict:  # noqa: ANN401 - see variants
        """Deploy a variant with the CDK CLI; whatever comes of it, only the live colour may answer."""
        assembly = self._assembly(variant)
        started = time.time()
        with contextlib.suppress(ProgramFailed):
            self.cdk.deploy(self.settings.stack_name("Traffic"), assembly=assembly)
        self._settle()
        return self._judge(f"deploy of {name}, {self.live} live", started, allowed=[self.live])

    def _assembly(self, variant: Any) -> Path:  # noqa: ANN401 - see variants
        """Return the templates of a variant."""
        from tests.e2e.live_colour import variants  # noqa: PLC0415 - starts Node

        folder = self.folder / f"variant-{len(self.verdicts)}"
        return variants.synthesise(self.settings, variant, folder=folder)

    def without_targets(self) -> Verdict:
        """Take the live colour's tasks out of its target group for a moment, and put them back."""
        started = time.time()
        arn = shift.entry(self.plane, self.settings, f"traffic/{self.live}")
        health = self.plane.elbv2.describe_target_health(TargetGroupArn=arn)
        targets: Any = [item["Target"] for item in health["TargetHealthDescriptions"]]
        self.plane.elbv2.deregister_targets(TargetGroupArn=arn, Targets=targets)
        self._settle()
        self.plane.elbv2.register_targets(TargetGroupArn=arn, Targets=targets)
        self._settle()
        return self._judge(f"no targets, {self.live} live", started, allowed=[self.live])

    def status(self) -> str:
        """Return the Traffic stack's status."""
        name = self.settings.stack_name("Traffic")
        return self.plane.cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]

    def production_writes(self) -> int:
        """Return how often the last update of the Traffic stack wrote the production listener."""
        name = self.settings.stack_name("Traffic")
        arn = shift.entry(self.plane, self.settings, "traffic/production-listener")
        events = self.plane.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        last = itertools.takewhile(
            lambda event: event.get("ResourceStatusReason") != "User Initiated", events
        )
        return sum(
            event.get("PhysicalResourceId") == arn and event["ResourceStatus"] == "UPDATE_COMPLETE"
            for event in last
        )

    def answering(self) -> set[Colour | None]:
        """Return which colours answer from now on, for a while."""
        started = time.time()
        time.sleep(_LOOK)
        return {request.colour for request in self._judged("a look", started, allowed=COLOURS).requests}

    def _settle(self) -> None:
        """Let the load balancer follow, as one that takes a moment."""
        self.follower.check()
        time.sleep(3 * INTERVAL)

    def _judge(self, name: str, started: float, *, allowed: Sequence[Colour]) -> Verdict:
        verdict = self._judged(name, started, allowed=allowed)
        self.verdicts.append(verdict)
        return verdict

    def _judged(self, name: str, started: float, *, allowed: Sequence[Colour]) -> Verdict:
        ended = time.time()
        deadline = time.monotonic() + PATIENCE + 2
        while not complete(self._requests(), until=ended):
            assert time.monotonic() < deadline, "the load has stopped"
            time.sleep(0.1)
        return judge(name, self._requests(), window=(started, ended), allowed=allowed)

    def _requests(self) -> list[Request]:
        return read(self.lines, self.expected)
