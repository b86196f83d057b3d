"""The two sides of a deployment on the control plane, found once and then remembered."""

from dataclasses import dataclass

from rehearsal.codedeploy.state import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A task set and the target group that its tasks are in; the ARN is empty as long as there is none."""

    task_set: str
    target_group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where a deployment works; everything is an ARN."""

    cluster: str
    service: str
    production: str
    """The listener of production traffic."""
    test: str
    """The listener of test traffic; empty without one."""
    original: Place
    replacement: Place

    def at(self, side: Side) -> Place:
        """Return one side."""
        return self.replacement if side is Side.REPLACEMENT else self.original
