"""JSON that means one thing only: RFC 8259 without Python's extensions and without ambiguity.

Refused beyond what is not JSON at all: NaN and Infinity, numbers too large for a double, two
members of one name, text that is not Unicode, and nesting deep enough to exhaust the stack.
"""

import json
import math
from typing import Final, NoReturn

from service.problems import MALFORMED, Problem, excerpt

_MAX_INTEGER_DIGITS: Final = 300
"""Integers below 10 to this power fit a double; longer ones are refused before they are computed."""


def parse(body: bytes) -> object:
    """Return the value that the body spells.

    Raises:
        Problem: of kind `MALFORMED`, with the place where that is known.
    """
    if not body.strip():
        raise Problem(MALFORMED, "The body is empty; send one record, or a list of records.")
    try:
        document: object = _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Problem(MALFORMED, f"The body is not UTF-8: byte {error.start} cannot be read.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Problem(MALFORMED, f"The body is not JSON at {where}: {error.msg.lower()}.") from None
    except RecursionError:
        raise Problem(MALFORMED, "The body nests deeper than any record does.") from None
    _refuse_lone_surrogates(body, document)
    return document


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(members)
    if len(record) != len(members):
        _refuse_duplicate(members)
    return record


def _refuse_duplicate(members: list[tuple[str, object]]) -> NoReturn:
    seen: set[str] = set()
    for name, _ in members:
        if name in seen:
            raise Problem(MALFORMED, f"An object has two members named {excerpt(name)}.")
        seen.add(name)
    raise AssertionError("members were said to repeat")


def _float(literal: str) -> float:
    value = float(literal)
    if math.isinf(value):
        raise Problem(MALFORMED, f"The number {excerpt(literal)} is too large for a double.")
    return value


def _integer(literal: str) -> int:
    if len(literal) > _MAX_INTEGER_DIGITS:
        raise Problem(MALFORMED, f"The number {excerpt(literal)} is too large for a double.")
    return int(literal)


def _constant(literal: str) -> NoReturn:
    raise Problem(MALFORMED, f"{literal} is not JSON; write null for a value that is missing.")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_float, parse_int=_integer, parse_constant=_constant
)


def _refuse_lone_surrogates(body: bytes, document: object) -> None:
    """Refuse half of a surrogate pair, which only an escape can smuggle into UTF-8."""
    if b"\\ud" not in body and b"\\uD" not in body:
        return
    try:
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise Problem(MALFORMED, "A text has an escape for half a character (a lone surrogate).") from None
