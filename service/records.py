"""The request model: what the manifest's schema accepts as a record, strictly.

Nothing is coerced: `true` and `"300"` are no numbers. Times are handed to the feature code as the
plant writes them, since reading them is its business; whatever it cannot read comes back as a fault
at the field.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from model.features import FEATURES, RecordError, vectorise
from model.manifest import Field, Manifest
from service.batch import Batch, Faults, kind_of
from service.problems import excerpt

LONGEST_TEXT: Final = 64
"""Characters that any text in a record may have."""
_COLUMN: Final = {name: at for at, name in enumerate(FEATURES)}
_EXPECTED: Final = {
    "number": "a number is expected",
    "clock": "a time such as 21:00:00 is expected",
    "range": "a span of time such as 21:00-21:30 is expected",
}


@dataclass(frozen=True, slots=True)
class RecordSchema:
    """The fields of one model's records."""

    fields: Mapping[str, Field]
    """By name."""
    required: frozenset[str]
    """Names that a record must have."""
    identifier: str
    """Name of the field that is let through; nothing is made of its value."""
    numbers: frozenset[str]
    """Names of the fields that hold numbers."""

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """Return the schema that a model package states."""
        return cls(
            fields={field.name: field for field in manifest.fields},
            required=frozenset(field.name for field in manifest.fields if not field.nullable),
            identifier=manifest.identifier,
            numbers=frozenset(field.name for field in manifest.fields if field.kind == "number"),
        )

    def vectorise(self, batch: Batch) -> NDArray[np.float64]:
        """Return one row of features per record.

        Raises:
            Problem: of kind `INVALID`, with a pointer to every fault up to `MAX_ERRORS`.
        """
        faults = Faults()
        records = [self._checked(batch, index, faults) for index in range(len(batch.records))]
        if not faults.total:
            with suppress(RecordError):
                return vectorise(records)
        self._explain(records, batch, faults)
        raise faults.problem()

    def _checked(self, batch: Batch, index: int, faults: Faults) -> Mapping[str, object]:
        """Return the values of the right shape, after adding what is wrong with the others."""
        record = batch.records[index]
        if not isinstance(record, dict):
            faults.add(batch.pointer(index), f"a record is expected, not {kind_of(record)}")
            return {}
        wrong = self._refusals(record, explain=not faults.full)
        for name, reason in wrong.items():
            faults.add(batch.pointer(index, name), reason)
        if not self.required <= record.keys():
            for name in self.fields:
                if name in self.required and name not in record:
                    faults.add(batch.pointer(index, name), f"is missing; {_EXPECTED[self.fields[name].kind]}")
        return {name: value for name, value in record.items() if name not in wrong} if wrong else record

    def _refusals(self, record: Mapping[str, object], *, explain: bool) -> dict[str, str]:
        """Return why values may not stand where they do, by name of their field."""
        wrong: dict[str, str] = {}
        texts: dict[str, str] = {}
        for name, value in record.items():
            field = self.fields.get(name)
            reason = _refusal(field, value) if field else self._refusal_of_stranger(name, value)
            if reason is not None:
                wrong[name] = reason
            elif type(value) is str and name in self.numbers:
                texts[name] = value
        return wrong | self._refusals_of_texts(texts) if texts and explain else wrong

    def _refusals_of_texts(self, texts: dict[str, str]) -> dict[str, str]:
        """Ask the feature code about text in place of numbers: once, and again for each that is none."""
        wrong: dict[str, str] = {}
        row = None
        while row is None:
            try:
                with np.errstate(all="ignore"):  # ratios of numbers whose range is checked only below
                    row = vectorise([texts])[0]
            except RecordError as error:
                wrong[error.field] = _no_number(texts.pop(error.field))
        for name in texts:
            reason = _refusal(self.fields[name], float(row[_COLUMN[name]]))
            if reason is not None:
                wrong[name] = reason
        return wrong

    def _refusal_of_stranger(self, name: str, value: object) -> str | None:
        if name != self.identifier:
            return f"the model has no field {excerpt(name)}"
        if type(value) is str and len(value) > LONGEST_TEXT:
            return f"an identifier has at most {LONGEST_TEXT} characters"
        if value is None or type(value) in (str, int, float):
            return None
        return f"an identifier is text or a number, not {kind_of(value)}"

    def _explain(self, records: Sequence[Mapping[str, object]], batch: Batch, faults: Faults) -> None:
        """Add the values that the feature code cannot read, until the list is full."""
        for index, record in enumerate(records):
            if faults.full:
                return
            for error in _unreadable(record):
                faults.add(batch.pointer(index, error.field), error.reason)


def _unreadable(record: Mapping[str, object]) -> list[RecordError]:
    """Ask the feature code about a record, and about each of its values if it cannot read them."""
    whole = _error_in(record)
    if whole is None:
        return []
    parts = (_error_in({name: value}) for name, value in record.items())
    return [error for error in parts if error is not None] or [whole]


def _refusal(field: Field, value: object) -> str | None:
    """Return why a value may not stand in a field, or None if it may."""
    kind = type(value)
    if kind is float or kind is int:
        if field.kind == "number" and not field.low <= value <= field.high:  # type: ignore[operator]  # kind says
            return f"{_shown(value)} is outside {field.low:g} to {field.high:g} {field.unit}".rstrip()
        return None
    if value is None or (value == "" and field.kind != "number"):
        return None if field.nullable else f"may not be missing; {_EXPECTED[field.kind]}"
    if not isinstance(value, str):
        return f"{_EXPECTED[field.kind]}, not {kind_of(value)}"
    if len(value) > LONGEST_TEXT or not value.isprintable():
        return f"{_EXPECTED[field.kind]}, not text like {excerpt(value)}"
    return _refusal_of_text(field, value) if field.kind == "number" else None


def _refusal_of_text(field: Field, text: str) -> str | None:
    """Refuse text where a number belongs, unless it may be what a spreadsheet made of the number.

    A number in a cell that is formatted as a date reads `1900/3/10 0:00`. The feature code knows;
    text that merely spells a number is refused, as everywhere.
    """
    return _no_number(text) if field.name not in _COLUMN or not text or _spells_a_number(text) else None


def _no_number(text: str) -> str:
    return f"{_EXPECTED['number']}, not the text {excerpt(text)}"


def _spells_a_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _error_in(record: Mapping[str, object]) -> RecordError | None:
    try:
        vectorise([record])
    except RecordError as error:
        return error
    return None


def _shown(value: object) -> str:
    return excerpt(str(value)).strip('"')
