"""Raw plant records from CSV files, checked against the schema cell by cell.

Every complaint names the file, the row as an editor numbers it, and the column.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.clock import CellError, clock, excerpt, number, span
from model.errors import InputError
from model.manifest import Field
from model.schema import FIELDS, IDENTIFIER, TARGET

Record = Mapping[str, object]
"""Raw values by field name: numbers, text as the plant writes it, or None."""

_READERS = {"number": number, "clock": clock, "range": span}
_COLUMNS = {field.name: field for field in (*FIELDS, TARGET)}


@dataclass(frozen=True, slots=True)
class Dataset:
    """Records with what is to be predicted."""

    records: tuple[Record, ...]
    """The inputs, without identifier and target."""
    target: NDArray[np.float64]
    """One value per record."""
    places: tuple[str, ...]
    """Per record, where it was read: the file and the row."""
    source: str
    """Where all of them were read."""


def load(paths: Sequence[str]) -> Dataset:
    """Read records from files and folders of CSV files.

    Args:
        paths: local paths; of a folder, its `*.csv` files are read in the order of their names.

    Raises:
        InputError: something is missing or cannot be understood.
    """
    located = (row for path in paths for file in _files(path) for row in _read_file(file))
    return _dataset(located, ", ".join(paths))


def parse(text: str, source: str) -> Dataset:
    """Read records from the text of one CSV file; `source` is how messages name it."""
    return _dataset(_rows(text, source), source)


def _dataset(located: Iterable[tuple[str, dict[str, object]]], source: str) -> Dataset:
    places, records, target = [], [], []
    for place, row in located:
        places.append(place)
        target.append(row.pop(TARGET.name))
        records.append(row)
    return Dataset(tuple(records), np.array(target, dtype=np.float64), tuple(places), source)


def _files(path: str) -> list[Path]:
    if "://" in path:
        raise InputError(
            f"{path}: only local paths can be read so far; copy the data here and name the copy."
        )
    where = Path(path)
    try:
        if not path or not where.exists():
            raise InputError(
                f"{path}: no such file or folder; give the path of a CSV file or of a folder of them."
            )
        return _csv_files(where) if where.is_dir() else [where]
    except OSError as error:
        raise _unreadable(where, error) from None


def _csv_files(folder: Path) -> list[Path]:
    found = sorted(file for file in folder.iterdir() if file.suffix.lower() == ".csv" and file.is_file())
    if not found:
        raise InputError(f"{folder}: the folder holds no CSV file; name a folder with *.csv files in it.")
    return found


def _read_file(file: Path) -> Iterator[tuple[str, dict[str, object]]]:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise _unreadable(file, error) from None
    return _rows(_decode(data, file), str(file))


def _unreadable(file: Path, error: OSError) -> InputError:
    return InputError(f"{file}: cannot be read ({error.strerror}); check the path and its permissions.")


def _decode(data: bytes, file: Path) -> str:
    row = 1
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            row = data.count(b"\n", 0, error.start) + 1
    raise InputError(f"{file}, row {row}: neither UTF-8 nor GB18030 text; save the file as CSV in UTF-8.")


def _rows(text: str, source: str) -> Iterator[tuple[str, dict[str, object]]]:
    lines = _lines(text, source)
    place, cells = next(lines, (source, []))
    if not cells:
        raise InputError(f"{source}: the file is empty; it needs a header and rows.")
    header = _header(cells, place)
    place = ""
    for place, cells in lines:
        yield place, _row(header, cells, place)
    if not place:
        raise InputError(f"{source}: there is no row below the header; add records.")


def _lines(text: str, source: str) -> Iterator[tuple[str, list[str]]]:
    """Yield where each row that is not blank begins, and its cells."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    row = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield f"{source}, row {row}", cells
            row = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{source}, row {row}: not CSV ({error}); save the file as CSV anew.") from None


def _header(cells: Sequence[str], where: str) -> list[str]:
    names = [cell.strip() for cell in cells]
    unknown = [name for name in names if name != IDENTIFIER and name not in _COLUMNS]
    if len(unknown) == len(names):
        first, last = FIELDS[0].name, TARGET.name
        raise InputError(f"{where}: no header; the first row must name the columns, {first} to {last}.")
    if unknown:
        raise InputError(
            f"{where}, column {excerpt(unknown[0])}: not a column of the schema; remove or rename it."
        )
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{where}, column {name}: named twice; remove one of the two.")
    for name in _COLUMNS:
        if name not in names:
            what = "the target" if name == TARGET.name else "an input"
            raise InputError(f"{where}, column {name}: {what} is missing; add the column.")
    return names


def _row(header: Sequence[str], cells: Sequence[str], where: str) -> dict[str, object]:
    if len(cells) != len(header):
        raise InputError(f"{where}: {len(cells)} cells where the header has {len(header)}; mend the row.")
    named = dict(zip(header, cells, strict=True))
    return {name: _value(field, named[name].strip(), where) for name, field in _COLUMNS.items()}


def _value(field: Field, cell: str, where: str) -> object:
    """Return a number for a number, the plant's own text for a time, None for an empty cell."""
    place = f"{where}, column {field.name}"
    if not cell:
        if field.nullable:
            return None
        raise InputError(f"{place}: the value is missing; fill it in or remove the row.")
    try:
        value = _READERS[field.kind](cell)
    except CellError as error:
        raise InputError(f"{place}: {error}; mend the cell.") from None
    if not isinstance(value, float) or field.kind != "number":
        return cell
    if not field.low <= value <= field.high:
        raise InputError(
            f"{place}: {excerpt(cell)} is outside {field.low:g} to {field.high:g}; mend the cell."
        )
    return int(value) if value.is_integer() else value
