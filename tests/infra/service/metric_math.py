"""Alarms of a template over made-up metrics: the part of CloudWatch that the rollback alarms need.

A series has one value a minute, nothing where CloudWatch has no data point. As its documentation has it,
arithmetic over a missing value has none, nor has a division by zero; FILL puts a value there.
"""

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Series = Sequence[float | None]

_ARITHMETIC: Final[Mapping[type, Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.GtE: operator.ge,
    ast.Gt: operator.gt,
}


def is_red(alarm: Mapping[str, Any], metrics: Mapping[str, Series]) -> bool:
    """Return whether an alarm is red in the last minute.

    Args:
        alarm: its properties in the template.
        metrics: a series for each metric that it may look at, all of the same length.
    """
    assert (alarm["ComparisonOperator"], alarm["TreatMissingData"]) == (
        "GreaterThanThreshold",
        "notBreaching",
    )
    values = _values(alarm, metrics)[-alarm["EvaluationPeriods"] :]
    breaching = [value is not None and value > alarm["Threshold"] for value in values]
    return bool(sum(breaching) >= alarm["DatapointsToAlarm"])


def _values(alarm: Mapping[str, Any], metrics: Mapping[str, Series]) -> Series:
    if "MetricName" in alarm:
        return metrics[alarm["MetricName"]]
    queries = {query["Id"]: query for query in alarm["Metrics"]}
    (shown,) = (query for query in queries.values() if query["ReturnData"])
    tree = ast.parse(shown["Expression"].replace(" AND ", " and "), mode="eval").body
    minutes = len(next(iter(metrics.values())))
    return [
        _evaluate(tree, {key: _at(query, metrics, minute) for key, query in queries.items()})
        for minute in range(minutes)
    ]


def _at(query: Mapping[str, Any], metrics: Mapping[str, Series], minute: int) -> float | None:
    if "MetricStat" not in query:
        return None
    return metrics[query["MetricStat"]["Metric"]["MetricName"]][minute]


def _evaluate(tree: ast.expr, names: Mapping[str, float | None]) -> float | None:
    match tree:
        case ast.Constant(int() | float() as value):
            return float(value)
        case ast.Name(name):
            return names[name]
        case ast.BinOp(left, how, right) | ast.Compare(left, [how], [right]):
            return _combine(_evaluate(left, names), how, _evaluate(right, names))
        case ast.BoolOp(ast.And(), [left, right]):
            both = (_evaluate(left, names), _evaluate(right, names))
            return None if None in both else float(all(both))
        case ast.Call(ast.Name("FILL"), [series, filling]):
            known = _evaluate(series, names)
            return _evaluate(filling, names) if known is None else known
        case ast.Call(ast.Name("IF"), [condition, then, otherwise]):
            chosen = _evaluate(condition, names)
            return None if chosen is None else _evaluate(then if chosen else otherwise, names)
        case _:
            raise NotImplementedError(ast.dump(tree))


def _combine(left: float | None, how: ast.AST, right: float | None) -> float | None:
    if left is None or right is None or (isinstance(how, ast.Div) and right == 0):
        return None
    return float(_ARITHMETIC[type(how)](left, right))
