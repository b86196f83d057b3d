"""Releases: what moves the traffic, in which steps, and what makes it turn back."""

from dataclasses import dataclass
from enum import StrEnum


class Engine(StrEnum):
    """What shifts traffic from the old version to the new one."""

    CODEDEPLOY = "codedeploy"
    """AWS CodeDeploy: `all-at-once`, `blue-green`, `canary`, `linear`."""
    ECS = "ecs"
    """Amazon ECS itself: `rolling`, `blue-green`, `canary`, `linear`."""


class Strategy(StrEnum):
    """In which steps production traffic moves."""

    ALL_AT_ONCE = "all-at-once"
    """All of it once the release gate has passed; the old tasks end at once, so the way back is a new
    release."""
    ROLLING = "rolling"
    """Task by task within one colour, without a release gate; ECS turns back when tasks do not become
    healthy."""
    BLUE_GREEN = "blue-green"
    """All of it in one step once the release gate has passed; the old tasks stay for `bake_minutes`."""
    CANARY = "canary"
    """`shift_percent` first, the rest after `shift_minutes`; the old tasks stay for `bake_minutes`."""
    LINEAR = "linear"
    """`shift_percent` every `shift_minutes`; the old tasks stay for `bake_minutes`."""


class Severity(StrEnum):
    """How bad a finding of an image's scan is, from harmless to worst."""

    NONE = "none"
    """No finding at all."""
    INFORMATIONAL = "informational"
    """Worth knowing; findings whose severity nobody has judged count as these."""
    LOW = "low"
    """Little could come of it."""
    MEDIUM = "medium"
    """Something could, under conditions."""
    HIGH = "high"
    """Much could."""
    CRITICAL = "critical"
    """Anyone could do anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSettings:
    """The stage's releases."""

    engine: Engine = Engine.CODEDEPLOY
    """What shifts the traffic. A change makes a new service: see the runbook replace-service."""
    strategy: Strategy = Strategy.BLUE_GREEN
    """In which steps it moves."""
    shift_percent: int = 10
    """Share of traffic moved in a step, in percent; used by canary and linear."""
    shift_minutes: int = 5
    """Minutes between two steps; used by canary and linear."""
    bake_minutes: int = 10
    """Minutes for which the old tasks stay up after the last step: alarms still turn the release around, and
    the way back is instant. CodeDeploy's termination wait, ECS's bake time; unused by all-at-once and
    rolling."""
    gate_tolerance: float = 1e-9
    """Largest difference between a probe's prediction and the answer on the test listener."""
    max_severity: Severity = Severity.HIGH
    """Worst finding of the registry's scan with which an image is released; by default images with critical
    ones are refused. The scan must have finished in any case."""

    @property
    def gradual(self) -> bool:
        """Whether traffic moves in several steps."""
        return self.strategy in {Strategy.CANARY, Strategy.LINEAR}

    @property
    def two_colours(self) -> bool:
        """Whether the new version has tasks and a target group of its own."""
        return self.strategy is not Strategy.ROLLING
