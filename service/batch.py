"""The body's shapes: one record, a bare list of them, or a list under `records`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.contract import MAX_ERRORS, MAX_RECORDS
from service.problems import INVALID, MANY_RECORDS, Fault, Problem, excerpt

RECORDS: Final = "records"
"""The one member of the body's third shape."""
_LONGEST_NAME: Final = 60
_LONGEST_DETAIL: Final = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """The records of one request and where they stand in its body."""

    records: Sequence[object]
    """As sent; not yet known to be records."""
    at: str | None
    """Pointer to the list that holds them, or None for one record alone."""

    def pointer(self, index: int, name: str | None = None) -> str:
        """Return the JSON pointer of a record, or of one of its fields.

        A name that is too long or odd to be shown stands for its record.
        """
        record = "" if self.at is None else f"{self.at}/{index}"
        if name is None or len(name) > _LONGEST_NAME or not name.isprintable():
            return record
        return f"{record}/{name.replace('~', '~0').replace('/', '~1')}"


class Faults:
    """What is wrong with a body: the first few in full, the rest as a number."""

    def __init__(self) -> None:
        self.listed: list[Fault] = []
        """At most `MAX_ERRORS`, in the order of the body."""
        self.total = 0
        """How many were found; once the list is full, not everything is looked for."""

    def add(self, pointer: str, detail: str) -> None:
        """Count one more, and list it when there is room."""
        self.total += 1
        if not self.full:
            self.listed.append(Fault(pointer, detail[:_LONGEST_DETAIL]))

    @property
    def full(self) -> bool:
        """Whether any further one would only be counted."""
        return len(self.listed) >= MAX_ERRORS

    def problem(self) -> Problem:
        """Return them as the problem to raise."""
        detail = "1 error was found." if self.total == 1 else f"{self.total} errors were found."
        if self.full:  # nobody has looked for more since
            detail = f"At least {detail} The first {len(self.listed)} are listed."
        return Problem(INVALID, detail, faults=self.listed)


def batch_of(document: object) -> Batch:
    """Return the records that a body holds.

    Raises:
        Problem: of kind `INVALID` or `MANY_RECORDS`; the body has none of the three shapes.
    """
    if isinstance(document, list):
        return _many(document, "")
    if not isinstance(document, dict):
        raise _invalid("", f"a record or a list of records is expected, not {kind_of(document)}")
    if RECORDS not in document:
        return Batch([document], at=None)
    for name in document:
        if name != RECORDS:
            pointer = Batch((), at=None).pointer(0, name)
            raise _invalid(pointer, f"{excerpt(name)} may not stand beside {RECORDS}")
    if not isinstance(document[RECORDS], list):
        raise _invalid(f"/{RECORDS}", f"a list of records is expected, not {kind_of(document[RECORDS])}")
    return _many(document[RECORDS], f"/{RECORDS}")


def kind_of(value: object) -> str:
    """Return what JSON calls a value, with its article."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    names = {str: "text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names[type(value)]


def _many(records: list[object], at: str) -> Batch:
    if not records:
        raise _invalid(at, "the list is empty; at least one record is expected")
    if len(records) > MAX_RECORDS:
        detail = f"{len(records)} records were sent; send at most {MAX_RECORDS} at a time."
        raise Problem(MANY_RECORDS, detail)
    return Batch(records, at)


def _invalid(pointer: str, detail: str) -> Problem:
    faults = Faults()
    faults.add(pointer, detail)
    return faults.problem()
