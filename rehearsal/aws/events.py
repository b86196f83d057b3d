"""Events and clocks that call functions, as the rules of the templates say.

AWS documentation (EventBridge User Guide):
- "Amazon EventBridge event patterns" and "Event bus targets": an event that a rule's pattern matches reaches
  its targets; a disabled rule does nothing. Lambda is called asynchronously: it repeats a call that failed.
- "Creating an Amazon EventBridge rule that runs on a schedule": `rate(10 minutes)` calls for the first time
  when that time has passed. Here it is shortened, but no clock strikes more often than every five seconds.
  Rules with `cron(…)` are not played.

moto calls no function and has no clock.
"""

import copy
import json
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Final

from rehearsal.aws.functions import Runner
from rehearsal.aws.original import Moto
from rehearsal.isolation import ACCOUNT, REGION

SHORTEST: Final = 5.0
"""Seconds between two strokes of a clock, at least: every call takes time from what is being rehearsed."""
_LOOK: Final = 0.5
_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_SECONDS: Final = {"minute": 60, "hour": 3600, "day": 86400}
_PLAYED_BY_MOTO: Final = (":logs:", ":events:", ":sqs:")

_models: Final[Moto] = import_module("moto.events.models")
_functions: Final[Moto] = import_module("moto.awslambda.models")


def mend(runner: Runner) -> None:
    """Let events and clocks call functions."""
    original: Callable[[Moto, Moto, bool], None] = _models.Rule.send_to_targets

    def send_to_targets(rule: Moto, event: Moto, transform_input: bool = True) -> None:  # noqa: FBT001, FBT002
        if rule.scheduled_expression:  # moto takes a rule without a pattern for one that matches all
            return
        if rule.state == "ENABLED" and rule.event_pattern.matches_event(event):
            _call(runner, rule.targets, event)
        rest = copy.copy(rule)
        rest.targets = [item for item in rule.targets if any(name in item["Arn"] for name in _PLAYED_BY_MOTO)]
        original(rest, event, transform_input)

    _models.Rule.send_to_targets = send_to_targets
    threading.Thread(target=_strike, args=(runner,), daemon=True).start()


def period(expression: str | None, shortened: Callable[[float], float]) -> float | None:
    """Return how often a schedule strikes here, in seconds; None when it is no rate."""
    rate = _RATE.fullmatch(expression or "")
    if rate is None:
        return None
    return max(SHORTEST, shortened(int(rate[1]) * _SECONDS[rate[2]]))


def _strike(runner: Runner) -> None:
    """Call the targets of every rule whose time has come, for as long as this process runs."""
    due: dict[str, float] = {}
    while True:
        time.sleep(_LOOK)
        rules = {rule.arn: rule for rule in _rules()}
        due = {arn: at for arn, at in due.items() if arn in rules}
        for arn, rule in rules.items():
            seconds = period(rule.scheduled_expression, runner.launch.clock.real)
            if seconds is None or rule.state != "ENABLED":
                continue
            if time.monotonic() >= due.setdefault(arn, time.monotonic() + seconds):
                due[arn] = time.monotonic() + seconds
                _call(runner, rule.targets, _stroke(arn))


def _rules() -> Iterable[Moto]:
    buses = _models.events_backends[ACCOUNT][REGION].event_buses
    return [rule for bus in list(buses.values()) for rule in list(bus.rules.values())]


def _stroke(arn: str) -> dict[str, Moto]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": time.time(),
        "region": REGION,
        "resources": [arn],
        "detail": {},
    }


def _call(runner: Runner, targets: Iterable[Mapping[str, Moto]], event: Mapping[str, Moto]) -> None:
    """Call the functions among a rule's targets."""
    told = dict(event) | {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(event["time"]))}
    for target in targets:
        if ":lambda:" in target["Arn"]:
            backend = _functions.lambda_backends[ACCOUNT][REGION]
            function = backend.get_function(target["Arn"])
            runner.run_later(function, json.loads(target["Input"]) if target.get("Input") else told)
