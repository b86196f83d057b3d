"""Rules of composite alarms: CloudWatch API Reference, PutCompositeAlarm, AlarmRule."""

import pytest

from rehearsal.alarms import rule
from rehearsal.alarms.definition import State
from rehearsal.alarms.errors import Malformed

ARN = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:red"
STATES: dict[str, State] = {
    "red": "ALARM",
    ARN: "ALARM",
    "green": "OK",
    "unknown": "INSUFFICIENT_DATA",
    "a name": "OK",
}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (f'ALARM("{ARN}")', True),
        ("ALARM(green)", False),
        ('OK("a name")', True),
        ("INSUFFICIENT_DATA(unknown)", True),
        ("ALARM(green) OR ALARM(red)", True),
        ("ALARM(green) AND ALARM(red) OR TRUE", True),
        ("ALARM(green) AND (ALARM(red) OR TRUE)", False),
        ("NOT ALARM(green) AND NOT FALSE", True),
        ("NOT (ALARM(red) OR ALARM(green))", False),
    ],
)
def test_a_rule_holds_by_the_states_of_others(text: str, result: bool) -> None:  # noqa: FBT001 - the expectation
    """Named by name or ARN, in quotes or without."""
    assert rule.holds(text, STATES.__getitem__) == result


@pytest.mark.parametrize("text", ["", "ALARM", "ALARM(red", "ALARM(red) OK(red)", "MAYBE(red)", "(TRUE"])
def test_what_is_no_rule_is_told(text: str) -> None:
    """With the rule."""
    with pytest.raises(Malformed, match="cannot be read"):
        rule.holds(text, STATES.__getitem__)
