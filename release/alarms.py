"""The alarms that turn a release around, as they stand."""

from collections.abc import Mapping, Sequence
from typing import Any

from release.patience import Patient
from release.stage_facts import Stage
from release.view_model import AlarmSeen


def read(ask: Patient, stage: Stage) -> tuple[AlarmSeen, ...]:
    """Return the stage's alarms that there are, in the order of `Stage.alarms`."""
    names = list(stage.alarms)
    if not names:
        return ()
    answer = ask.ask(
        lambda clients: clients.cloudwatch.describe_alarms(
            AlarmNames=names, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
    )
    return seen(names, [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])])


def seen(names: Sequence[str], described: Sequence[Mapping[str, Any]]) -> tuple[AlarmSeen, ...]:
    """Return alarms that CloudWatch describes, in the order of their names."""
    found = {
        item["AlarmName"]: AlarmSeen(
            name=item["AlarmName"], state=item["StateValue"], reason=item.get("StateReason", "")
        )
        for item in described
    }
    return tuple(found[name] for name in names if name in found)
