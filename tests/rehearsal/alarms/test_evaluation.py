"""What "Configuring how CloudWatch alarms treat missing data" and "Alarm evaluation" state.

Both are pages of the CloudWatch user guide. In the tables 0 is within the threshold, X breaches it and - is
missing; the latest data point is on the right.
"""

import pytest

from rehearsal.alarms.errors import NotPlayed
from rehearsal.alarms.evaluation import Series, evaluate, evaluation_range

from .made import alarm

TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
_VALUES = {"0": 0.0, "X": 9.0, "-": None}
KEEPS = None

THREE_OF_THREE = {
    "0-X-X": ("OK", "OK", "OK", "OK"),
    "0----": ("OK", "OK", "OK", "OK"),
    "-----": ("INSUFFICIENT_DATA", KEEPS, "ALARM", "OK"),
    "0XX-X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "--X--": ("ALARM", KEEPS, "ALARM", "OK"),
}
TWO_OF_THREE = {
    "0-X-X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "00X0X": ("ALARM", "ALARM", "ALARM", "ALARM"),
    "0-X--": ("OK", "OK", "ALARM", "OK"),
    "----0": ("OK", "OK", "ALARM", "OK"),
    "---X-": ("ALARM", KEEPS, "ALARM", "OK"),
}
ROWS = [
    (row, needed, treatment, state)
    for table, needed in ((THREE_OF_THREE, 3), (TWO_OF_THREE, 2))
    for row, states in table.items()
    for treatment, state in zip(TREATMENTS, states, strict=True)
]


def series(row: str) -> Series:
    """Return the data points that a row of a table shows."""
    return tuple(_VALUES[sign] for sign in row)


@pytest.mark.parametrize(("row", "needed", "treatment", "state"), ROWS)
def test_the_documented_tables_hold(row: str, needed: int, treatment: str, state: str | None) -> None:
    """All forty cells of both."""
    three = alarm(EvaluationPeriods=3, DatapointsToAlarm=needed, TreatMissingData=treatment)
    assert evaluation_range(three) == len(row)
    assert evaluate(three, series(row)).state == state


@pytest.mark.parametrize("row", ["----X", "---X-"])
def test_one_breaching_point_among_missing_ones_is_no_alarm_yet(row: str) -> None:
    """Not until it is as old as the datapoints to alarm ("Avoiding premature transitions to alarm state")."""
    assert evaluate(alarm(EvaluationPeriods=3, TreatMissingData="missing"), series(row)).state != "ALARM"


@pytest.mark.parametrize(
    ("row", "state"), [("00X", "ALARM"), ("0X0", "OK"), ("X--", "ALARM"), ("---", "OK"), ("-0-", "OK")]
)
def test_an_alarm_over_one_minute_judges_the_latest_that_is_known(row: str, state: str) -> None:
    """As many real data points as are needed are evaluated, however old: also two minutes after the last."""
    assert evaluate(alarm(TreatMissingData="notBreaching"), series(row)).state == state


@pytest.mark.parametrize(
    ("operator", "below", "same", "above"),
    [
        ("GreaterThanThreshold", "OK", "OK", "ALARM"),
        ("GreaterThanOrEqualToThreshold", "OK", "ALARM", "ALARM"),
        ("LessThanThreshold", "ALARM", "OK", "OK"),
        ("LessThanOrEqualToThreshold", "ALARM", "ALARM", "OK"),
    ],
)
def test_a_value_is_compared_as_the_operator_says(operator: str, below: str, same: str, above: str) -> None:
    """PutMetricAlarm, ComparisonOperator."""
    compared = alarm(ComparisonOperator=operator)
    states = [evaluate(compared, (None, None, value)).state for value in (1.0, 2.0, 3.0)]
    assert states == [below, same, above]


def test_an_operator_that_is_not_played_is_told() -> None:
    """Rather than guessed."""
    with pytest.raises(NotPlayed, match="LessThanLowerThreshold"):
        evaluate(alarm(ComparisonOperator="LessThanLowerThreshold"), (0.0, 0.0, 0.0))
