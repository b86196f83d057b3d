"""What the region writes into the timeline: what became of tasks, and where traffic goes."""

from collections.abc import Mapping
from dataclasses import dataclass

from rehearsal.errors import StepFailed
from rehearsal.region.task import Task
from rehearsal.timeline import Timeline
from rehearsal.traffic import Listener, LoadBalancer

_WHOLE = 100


@dataclass
class Events:
    """Writes lines of the kinds `task` and `weights`."""

    timeline: Timeline
    colours: Mapping[str, str]
    """Colours by the ARN of their target group."""
    _told: tuple[dict[str, float], ...] = ()

    def task(self, task: Task, what: str, text: str, /, **details: object) -> None:
        """Write what became of a task.

        Details: `least_s` of `draining` and `stopping`, the seconds of this machine that must pass before the
        task is told to end, or killed (null when no load balancer knew it); `is_target` of `healthy`, whether
        a load balancer finds it so; `by` of `killed`, when it was not the region.
        """
        self.timeline.add(
            "task",
            text,
            at=None,
            task=task.arn,
            colour=self._colour(task),
            what=what,
            address=task.address,
            pid=task.running.program.process.pid if task.running else None,
            image=task.digest or None,
            exit_code=task.exit_code,
            reason=task.container_reason or task.reason,
            **details,
        )

    def weights(self, balancer: LoadBalancer) -> None:
        """Write which share of each listener's requests goes to which colour, in percent."""
        production, test = self._shares(balancer, "production"), self._shares(balancer, "test")
        if (production, test) == self._told:
            return
        self._told = (production, test)
        told = ", ".join(f"{share:g} % {colour}" for colour, share in production.items()) or "nowhere"
        self.timeline.add("weights", f"production: {told}", production=production, test=test)

    def _shares(self, balancer: LoadBalancer, which: str) -> dict[str, float]:
        try:
            listener = balancer.production if which == "production" else balancer.test
        except StepFailed:
            return {}
        return self.shares(listener)

    def shares(self, listener: Listener) -> dict[str, float]:
        """Return a listener's weights by colour, in percent; every known colour is named."""
        weights = dict(listener.effective)
        total = sum(weights.values())
        named = {arn: self.colours.get(arn, arn) for arn in (*self.colours, *weights)}
        return {
            name: round(_WHOLE * weights.get(arn, 0) / total, 2) if total else 0
            for arn, name in named.items()
        }

    def _colour(self, task: Task) -> str | None:
        groups = [target.group for target in task.fleet.targets]
        return next((self.colours[group] for group in groups if group in self.colours), None)
