"""Whether a policy allows a request, by the part of IAM's language that the templates use.

An explicit denial wins, then any allowance, and else nothing is allowed ("Policy evaluation logic" and "IAM
JSON policy elements", IAM user guide). An element, operator or variable that is not known here is an error:
what cannot be judged must not look like a refusal.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Statement = Mapping[str, Any]
_KNOWN: Final = {"Sid", "Effect", "Action", "Resource", "Condition", "Principal"}


@dataclass(frozen=True)
class Request:
    """One call as IAM sees it."""

    action: str
    """Such as `ecr:PutImage`."""
    resource: str = "*"
    """ARN of what it is about; `*` for calls that know no resource."""
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    """What conditions may ask for; a key that the request does not have is left out."""


def allows(statements: Iterable[Statement], request: Request) -> bool:
    """Return whether an identity with these statements may make a request."""
    effects = {statement["Effect"] for statement in statements if _concerns(statement, request)}
    return effects == {"Allow"}


def _concerns(statement: Statement, request: Request) -> bool:
    unknown = set(statement) - _KNOWN
    if unknown:
        raise ValueError(f"cannot judge {sorted(unknown)}")
    return (
        any(_like(action, request.action, flags=re.IGNORECASE) for action in _list(statement["Action"]))
        and any(_like(resource, request.resource) for resource in _list(statement.get("Resource", "*")))
        and all(
            _holds(operator, key, _list(values), request)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _holds(operator: str, key: str, expected: list[str], request: Request) -> bool:
    """Return whether one key of a condition holds."""
    actual = request.context.get(key)
    if operator == "Null":
        return (actual is None) == (expected == ["true"])
    quantifier, _, name = operator.rpartition(":")
    base = name.removesuffix("IfExists")
    negated = "Not" in base
    if base not in _COMPARE:
        raise ValueError(f"cannot judge the operator {operator!r}")
    if actual is None:
        return negated or name != base or quantifier == "ForAllValues"
    values = [
        any(_COMPARE[base](pattern, value) for pattern in expected) is not negated for value in _list(actual)
    ]
    return any(values) if quantifier == "ForAnyValue" else all(values)


def _like(pattern: str, value: str, *, flags: int = 0) -> bool:
    if "${" in pattern:
        raise ValueError(f"cannot judge the variable in {pattern!r}")
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, value, flags=flags | re.DOTALL) is not None


def _like_arn(pattern: str, value: str) -> bool:
    """Compare ARNs part by part, as `ArnLike` does: no wildcard reaches over the first five colons."""
    patterns, values = pattern.split(":", 5), value.split(":", 5)
    return len(patterns) == len(values) and all(map(_like, patterns, values))


def _same(pattern: str, value: str) -> bool:
    return pattern == value


_COMPARE: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "StringEquals": _same,
    "StringNotEquals": _same,
    "StringLike": _like,
    "Bool": _same,
    "ArnEquals": _like_arn,
    "ArnLike": _like_arn,
}


def _list(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
