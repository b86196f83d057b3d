"""Where a release is killed: before and after every call that changes something."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from release.record import CURRENT, RECORDS, Step
from tests.e2e.release.world import Rule

CODEDEPLOY: Final = "CODEDEPLOY"
Moment = Literal["before", "after"]


@dataclass(frozen=True)
class Point:
    """A call that hangs before or after it took effect, and how far the release has written that it is."""

    name: str
    moment: Moment
    step: Step | None
    """None: it has claimed nothing yet."""
    service: str
    action: str
    path: str = ""
    skip: int = 0

    @property
    def at(self) -> str:
        """Who serves the call."""
        return CODEDEPLOY if self.service == "codedeploy" else ""

    @property
    def rule(self) -> Rule:
        """What has the call hang."""
        call = {"service": self.service, "action": self.action, "path": self.path, "skip": self.skip}
        return {**call, "agent": "switchyard-release", "kind": f"stall-{self.moment}"}

    def __str__(self) -> str:
        return f"{self.moment} {self.name}"


def _points(
    name: str, step: Step, service: str, action: str, path: str = "", skip: int = 0
) -> tuple[Point, Point]:
    before, after = (Point(name, moment, step, service, action, path, skip) for moment in ("before", "after"))
    return before, after


_CLAIM_BEFORE, _CLAIM_AFTER = _points("claim", Step.CLAIM, "s3", "PutObject", CURRENT)

UNDONE_BY_STOP: Final[Sequence[Point]] = (
    Point("claim", "before", None, "s3", "PutObject", CURRENT),
    _CLAIM_AFTER,
    *_points("hold of Traffic", Step.HOLD, "cloudformation", "SetStackPolicy"),
    *_points("hold of Service", Step.HOLD, "cloudformation", "SetStackPolicy", skip=1),
)
UNDONE_BY_SHIP: Final[Sequence[Point]] = (
    *_points("gate document", Step.PREPARE, "s3", "PutObject", "releases/probes/"),
    *_points("revision", Step.REGISTER, "ecs", "RegisterTaskDefinition"),
    Point("deployment", "before", Step.SHIFT, "codedeploy", "CreateDeployment"),
)
UNDOING: Final[Sequence[Point]] = _points(
    "revision that runs, once more", Step.REMEMBER, "ecs", "RegisterTaskDefinition"
)
FINISHED: Final[Sequence[Point]] = (
    *_points("live colour", Step.REMEMBER, "ssm", "PutParameter"),
    *_points("update of Traffic", Step.REMEMBER, "cloudformation", "UpdateStack"),
    *_points("tag", Step.TAG, "ecr", "PutImage"),
    *_points("record", Step.RECORD, "s3", "PutObject", RECORDS),
    *_points("release of Traffic", Step.FREE, "cloudformation", "SetStackPolicy"),
    *_points("release of Service", Step.FREE, "cloudformation", "SetStackPolicy", skip=1),
)
