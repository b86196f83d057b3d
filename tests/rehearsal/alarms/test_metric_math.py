"""Metric math by the examples of its page, "Using math expressions with CloudWatch metrics"."""

import pytest

from rehearsal.alarms.errors import Malformed, NotPlayed
from rehearsal.alarms.evaluation import Series
from rehearsal.alarms.metric_math import Sheet

GAP = None
"""No data point."""
METRICS: dict[str, Series] = {
    "m1": (30.0, 20.0, 0.0, 0.0),
    "m2": (20.0, GAP, 20.0, GAP),
    "c1": (1.0, 1.0, 0.0, 0.0, GAP),
    "c2": (30.0, GAP, 0.0, 0.0, 30.0),
    "c3": (0.0, 0.0, 20.0, GAP, 20.0),
    "empty": (GAP, GAP, GAP, GAP),
}


def value(expression: str, periods: int = 4, **more: str) -> Series:
    """Return what an expression comes to."""
    metrics = {key: series for key, series in METRICS.items() if len(series) == periods}
    return Sheet(metrics, {"e1": expression, **more}, periods).series("e1")


@pytest.mark.parametrize(
    ("expression", "series"),
    [
        ("m1 < m2", (0, 0, 1, 0)),
        ("m1 >= 30", (1, 0, 0, 0)),
        ("m1 > 15 AND m2 > 15", (1, 0, 0, 0)),
        ("m1 > 15 || m2 > 15", (1, 1, 1, 0)),
        ("m1 == 0 && m1 != 1", (0, 0, 1, 1)),
    ],
)
def test_comparisons_are_0_or_1(expression: str, series: Series) -> None:
    """Of two series, the one without a value counts as 0 ("Comparison and logical operators")."""
    assert value(expression) == series


@pytest.mark.parametrize(
    ("expression", "series"),
    [
        ("m1 + m2", (50, 20, 20, 0)),
        ("m1 / m2", (1.5, GAP, 0, GAP)),
        ("100 * m2", (2000, GAP, 2000, GAP)),
        ("-m1 + 2 ^ 3 * 2", (-14, -4, 16, 16)),
        ("(m1 - m2) / 2", (5, 10, -10, 0)),
        ("m1 - SUM(m1)", (-20, -30, -50, -50)),
        ("m1 / PERIOD(m1)", (0.5, 20 / 60, 0, 0)),
        ("empty + m2 * 0", (0, GAP, 0, GAP)),
    ],
)
def test_arithmetic_counts_what_is_missing_as_0_and_drops_divisions_by_it(
    expression: str, series: Series
) -> None:
    """Where nothing is known at all, there is no value ("Basic arithmetic functions")."""
    assert value(expression) == series


@pytest.mark.parametrize(
    ("expression", "series"),
    [
        ("IF(c1, c2, c3)", (30, 0, 20, GAP, GAP)),
        ("IF(c1, 5, c3)", (5, 5, 20, GAP, GAP)),
        ("IF(c1, c2, 5)", (30, 0, 5, 5, GAP)),
        ("IF(c1, c2)", (30, 0, GAP, GAP, GAP)),
        ("IF(1, c2, c3)", (30, GAP, 0, 0, 30)),
        ("IF(0, c2)", (GAP, GAP, GAP, GAP, GAP)),
    ],
)
def test_if_chooses_for_each_time(expression: str, series: Series) -> None:
    """By the three tables of "Using IF expressions", and by its last syntax."""
    assert value(expression, periods=5) == series


@pytest.mark.parametrize(
    ("expression", "series"),
    [
        ("FILL(m2, 7)", (20, 7, 20, 7)),
        ("FILL(m2, m1)", (20, 20, 20, 0)),
        ("FILL(m2, REPEAT)", (20, 20, 20, 20)),
        ("FILL(m2 * m1, LINEAR)", (600, 0, 0, 0)),
        ("FILL(IF(m1 != 20, m1), LINEAR)", (30, 15, 0, 0)),
        ("SUM([m1, m2])", (50, 20, 20, 0)),
        ("MAX([m1, m2])", (30, 20, 20, 0)),
        ('MIN(METRICS("m"))', (20, 20, 0, 0)),
        ("SUM(METRICS())", (50, 20, 20, 0)),
        ("AVG([m1, m1 * 2])", (45, 30, 0, 0)),
        ("ABS(-m1)", (30, 20, 0, 0)),
        ("CEIL(m1 / 7) - FLOOR(m1 / 7)", (1, 1, 0, 0)),
        ("TIME_SERIES(MAX(m1))", (30, 30, 30, 30)),
        ("e2 + 1", (31, 21, 1, 1)),
    ],
)
def test_functions_come_to_what_their_table_says(expression: str, series: Series) -> None:
    """The table is "Functions supported for metric math"; an expression may name another."""
    assert value(expression, e2="m1 * 1") == series


@pytest.mark.parametrize("expression", ["m1 +", "IF(m1", "m1 ? m2", "m1 m2", "(m1", ")", "[m1", ""])
def test_what_is_no_expression_is_told(expression: str) -> None:
    """With the expression."""
    with pytest.raises(Malformed, match="cannot be read as metric math"):
        value(expression)


@pytest.mark.parametrize(
    "expression", ["SORT(m1)", "m9", "SUM(m1)", "[m1, m2]", "e1", '"text"', "IF(m1)", "[1]", "1 / 0"]
)
def test_what_is_not_played_is_told(expression: str) -> None:
    """An alarm must not be judged by something else than it says."""
    with pytest.raises(NotPlayed):
        value(expression)
