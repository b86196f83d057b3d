"""The promise that tasks drain before they end, whether or not somebody loses a request when they do not.

By canary the tasks that end have long had no traffic, so a wrong order costs nothing there and is seen only
here: from what the timeline says was done to each task, and how long the load balancer and the task
definition give it. A task that dies of itself was not ended; what that costs is counted as loss. One that
no load balancer knew need not drain, but whoever ends a task is not believed that of a healthy target.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from rehearsal.judge.facts import Facts, Found, clock, listed
from rehearsal.judge.played import Due, Event

PROMISE: Final = "Every task drains before it is told to end, and is killed only after its stop timeout."
SLACK: Final = 0.05
"""Seconds by which a wait may seem shorter than it was: this machine's clock is set while it runs."""
_STEPS: Final = ("draining", "stopping", "killed")
_HEALTHY: Final = "healthy"

Steps = Mapping[str, Event]
"""What was done to a task that lived, by what it was: the first time of each."""


def judge(facts: Facts) -> Found:
    """Whether every task that was ended had drained, and had its time to end by itself."""
    tasks = _tasks(facts.played.events)
    ended = {task: steps for task, steps in tasks.items() if "stopping" in steps or "killed" in steps}
    wrong = [
        f"{_name(task)} {why} (at {clock(_end(steps) - facts.played.start)})"
        for task, steps in ended.items()
        if (why := _wrong(steps, facts.played.due))
    ]
    if wrong:
        return "fail", f"{len(wrong)} of {len(ended)} tasks ended in a wrong order: {listed(wrong)}."
    targets = [steps for steps in ended.values() if steps["draining"]["least_s"] is not None]
    if not targets:
        return "not played", "No target was told to end."
    killed = sum("killed" in steps for steps in targets)
    return "pass", f"All {len(targets)} targets that were told to end had drained; {killed} had to be killed."


def _tasks(events: Iterable[Event]) -> dict[str, dict[str, Event]]:
    """Return what was done to each task."""
    tasks: dict[str, dict[str, Event]] = {}
    for event in events:
        if event["kind"] == "task" and event["what"] in {*_STEPS, _HEALTHY} and event.get("by") != "kernel":
            tasks.setdefault(event["task"], {}).setdefault(event["what"], event)
    return tasks


def _wrong(steps: Steps, due: Due | None) -> str:
    """Return what was wrong about a task's end; nothing when all was right."""
    draining, told, killed = (steps.get(what) for what in _STEPS)
    if draining is None or draining["at"] > _end(steps):
        return "was ended before it was deregistered"
    if draining["least_s"] is None and steps.get(_HEALTHY, {}).get("is_target"):
        return "was a healthy target and was given no time to drain"
    drain = due.drain if due and draining["least_s"] is not None else draining["least_s"]
    if why := _undrained(drain, _end(steps) - draining["at"]):
        return why
    if killed is None:
        return ""
    if told is None:
        return "was killed without being told to end"
    given, least = killed["at"] - told["at"], due.stop if due else told["least_s"]
    return f"was killed after {_of(given, least)}" if given < least - SLACK else ""


def _undrained(least: float | None, given: float) -> str:
    """Return in which way a task was not given the time to drain that its target groups ask for."""
    if least is None:
        return ""  # no load balancer knew it
    if least <= 0:
        return "has target groups whose deregistration delay is 0"
    return f"drained for {_of(given, least)}" if given < least - SLACK else ""


def _end(steps: Steps) -> float:
    """Return when a task was told to end, or killed."""
    return min(float(steps[what]["at"]) for what in ("stopping", "killed") if what in steps)


def _of(given: float, least: float) -> str:
    return f"{given:.2f} of {least:.2f} s"


def _name(task: str) -> str:
    return f"task {task.rpartition('/')[2][:8]}"
