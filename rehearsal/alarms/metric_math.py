"""The values of an expression of metric math, over the periods that an alarm looks at.

AWS documentation (CloudWatch user guide, "Using math expressions with CloudWatch metrics"): of two series the
one that has no value at a time counts as 0 there, and a division by zero drops the data point ("Basic
arithmetic functions", "Comparison and logical operators"); IF has 0 where its condition holds and its value
is missing, and nothing where the condition or the other value is missing ("Using IF expressions"); SUM and
the like make a scalar of one series and a series of several ("Functions supported for metric math").
"""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from rehearsal.alarms.errors import NotPlayed
from rehearsal.alarms.evaluation import Series
from rehearsal.alarms.expression import Array, Binary, Call, Minus, Name, Node, Number, Text, parse
from rehearsal.alarms.filling import filled

Value: TypeAlias = float | Series | list[Series]
"""A scalar, a series, or an array of series."""

_OPERATORS: Final[Mapping[str, Callable[[float, float], float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
    "==": lambda left, right: float(left == right),
    "!=": lambda left, right: float(left != right),
    "<=": lambda left, right: float(left <= right),
    ">=": lambda left, right: float(left >= right),
    "<": lambda left, right: float(left < right),
    ">": lambda left, right: float(left > right),
    "AND": lambda left, right: float(bool(left) and bool(right)),
    "OR": lambda left, right: float(bool(left) or bool(right)),
}
_TOGETHER: Final[Mapping[str, Callable[[Sequence[float]], float]]] = {
    "SUM": math.fsum,
    "MAX": max,
    "MIN": min,
    "AVG": lambda values: math.fsum(values) / len(values),
}
_EACH: Final[Mapping[str, Callable[[float], float]]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that an expression may name."""

    metrics: Mapping[str, Series]
    expressions: Mapping[str, str] = field(default_factory=dict)
    periods: int = 1
    """How many values a series has."""
    period: int = 60
    """Seconds of a period."""

    def series(self, shown: str) -> Series:
        """Return the values of a metric or an expression by its id.

        Raises:
            NotPlayed: a function is not played here, or what comes of it is no series.
        """
        value = self._named(shown)
        if not isinstance(value, tuple):
            raise NotPlayed(f"What {shown} comes to is not a single series.")
        return value

    def _named(self, name: str) -> Value:
        if name in self.metrics:
            return self.metrics[name]
        if name not in self.expressions:
            raise NotPlayed(f"There is no metric and no expression {name}.")
        others = {key: text for key, text in self.expressions.items() if key != name}
        return Sheet(self.metrics, others, self.periods, self.period).value(parse(self.expressions[name]))

    def value(self, node: Node) -> Value:
        """Return what a tree comes to."""
        match node:
            case Number(value):
                return value
            case Name(name):
                return self._named(name)
            case Minus(operand):
                return _combined("*", -1.0, self.value(operand))
            case Binary(sign, left, right):
                return _combined(sign, self.value(left), self.value(right))
            case Array(items):
                return [one for item in items for one in _several(self.value(item))]
            case Call(function, arguments):
                return self._called(function, arguments)
            case _:
                raise NotPlayed(f"A text stands where metric math has a value: {node}.")

    def _called(self, function: str, arguments: tuple[Node, ...]) -> Value:
        match function, arguments:
            case "IF", (condition, then, *otherwise):
                last = self.value(otherwise[0]) if otherwise else None
                return self._chosen(self.value(condition), self.value(then), last)
            case "FILL", (series, filler):
                return self._filled(series, filler)
            case "METRICS" | "PERIOD" | "TIME_SERIES", _:
                return self._told(function, arguments)
            case _, (only,) if function in _TOGETHER:
                return _together(_TOGETHER[function], self.value(only))
            case _, (only,) if function in _EACH:
                return _mapped(self.value(only), lambda one: _each(_EACH[function], one))
        raise NotPlayed(f"{function} with {len(arguments)} arguments is metric math that is not played here.")

    def _filled(self, series: Node, filler: Node) -> Value:
        by: Series | Literal["REPEAT", "LINEAR"]
        match filler:
            case Name("REPEAT" | "LINEAR" as how):
                by = how
            case _:
                by = self._spread(self.value(filler))
        return _mapped(self.value(series), lambda one: filled(one, by))

    def _told(self, function: str, arguments: tuple[Node, ...]) -> Value:
        match function, arguments:
            case "METRICS", ():
                return list(self.metrics.values())
            case "METRICS", (Text(part),):
                return [series for key, series in self.metrics.items() if part in key]
            case "PERIOD", (Name(),):
                return float(self.period)
            case "TIME_SERIES", (scalar,):
                return self._spread(self.value(scalar))
        raise NotPlayed(f"{function} with these arguments is metric math that is not played here.")

    def _chosen(self, condition: Value, then: Value, otherwise: Value | None) -> Value:
        if isinstance(condition, float):
            chosen = then if condition else otherwise
            return self._spread(chosen) if chosen is not None else (None,) * self.periods
        yes = self._spread(then)
        no: Series = (None,) * self.periods if otherwise is None else self._spread(otherwise)
        return tuple(
            None if test is None else (hit or 0.0) if test else miss
            for test, hit, miss in zip(self._spread(condition), yes, no, strict=True)
        )

    def _spread(self, value: Value) -> Series:
        """Return a value as one series; a scalar is the same at all times."""
        if isinstance(value, list):
            raise NotPlayed("An array of series stands where one is meant.")
        return value if isinstance(value, tuple) else (value,) * self.periods


def _combined(sign: str, left: Value, right: Value) -> Value:
    if isinstance(left, list) and isinstance(right, list):
        return [_points(sign, one, other) for one, other in zip(left, right, strict=True)]
    if isinstance(left, list):
        return [_combined_with_series(sign, one, right) for one in left]
    if isinstance(right, list):
        return [_combined_with_series(sign, left, one) for one in right]
    if isinstance(left, tuple) or isinstance(right, tuple):
        return _combined_with_series(sign, left, right)
    result = _pair(sign, left, right)
    if result is None:
        raise NotPlayed("A scalar is divided by zero.")
    return result


def _combined_with_series(sign: str, left: Value, right: Value) -> Series:
    """Combine a series with another or with a scalar, which has a value wherever the series has."""
    match left, right:
        case float(), tuple():
            return tuple(None if one is None else _pair(sign, left, one) for one in right)
        case tuple(), float():
            return tuple(None if one is None else _pair(sign, one, right) for one in left)
        case tuple(), tuple():
            return _points(sign, left, right)
    raise NotPlayed("An array of series stands where one is meant.")


def _points(sign: str, left: Series, right: Series) -> Series:
    return tuple(
        None if one is None and other is None else _pair(sign, one or 0.0, other or 0.0)
        for one, other in zip(left, right, strict=True)
    )


def _pair(sign: str, left: float, right: float) -> float | None:
    try:
        return float(_OPERATORS[sign](left, right))
    except (ZeroDivisionError, OverflowError):
        return None


def _several(value: Value) -> list[Series]:
    if isinstance(value, float):
        raise NotPlayed("A scalar stands in an array of series.")
    return value if isinstance(value, list) else [value]


def _mapped(value: Value, change: Callable[[Series], Series]) -> Value:
    return [change(one) for one in value] if isinstance(value, list) else change(_several(value)[0])


def _each(change: Callable[[float], float], series: Series) -> Series:
    return tuple(None if value is None else float(change(value)) for value in series)


def _together(reduce: Callable[[Sequence[float]], float], value: Value) -> Value:
    if isinstance(value, float):
        raise NotPlayed("A scalar stands where metric math has a series.")
    if isinstance(value, list):
        return tuple(
            _reduced(reduce, [one for one in at if one is not None]) for at in zip(*value, strict=True)
        )
    return _reduced(reduce, [one for one in value if one is not None]) or 0.0


def _reduced(reduce: Callable[[Sequence[float]], float], values: Sequence[float]) -> float | None:
    return float(reduce(values)) if values else None
