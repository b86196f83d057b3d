"""Reading raw records: what is accepted, and how what is not is named."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from model.errors import InputError
from model.records import Dataset, load, parse
from model.schema import FIELDS, TARGET

Table = list[list[str]]


def _table(text: str) -> Table:
    return list(csv.reader(io.StringIO(text)))


def _text(table: Table) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue()


def _set(column: str, value: str, row: int = 3) -> Callable[[Table], object]:
    """Return a change that puts a value into the cell of a column, in a row as editors number it."""

    def change(table: Table) -> None:
        table[row - 1][table[0].index(column)] = value

    return change


def _drop(column: str) -> Callable[[Table], object]:
    def change(table: Table) -> None:
        at = table[0].index(column)
        for row in table:
            del row[at]

    return change


def _double(table: Table) -> None:
    for row in table:
        row.append(row[1])


BAD: list[tuple[Callable[[Table], object], str]] = [
    (_set("A6", "warm"), "plant.csv, row 3, column A6: 'warm' is not a number"),
    (_set("A6", "nan"), "row 3, column A6: 'nan' is not a finite number"),
    (_set("A6", "1e999", row=5), "row 5, column A6: '1e999' is not a finite number"),
    (_set("A6", "900"), "row 3, column A6: '900' is outside -20 to 200"),
    (_set("A6", ""), "row 3, column A6: the value is missing"),
    (_set("A5", "25:61"), "row 3, column A5: '25:61' is not a time of day"),
    (_set("A28", "21:00-25:61"), "row 3, column A28: '21:00-25:61' is not a time of day"),
    (_set("A28", "21:00"), "row 3, column A28: '21:00' is not a span of time"),
    (_set(TARGET.name, ""), f"row 3, column {TARGET.name}: the value is missing"),
    (_set(TARGET.name, "93"), f"row 3, column {TARGET.name}: '93' is outside"),
    (_set("A6", "ZZ", row=1), "row 1, column 'ZZ': not a column of the schema"),
    (_drop(TARGET.name), f"row 1, column {TARGET.name}: the target is missing"),
    (_drop("B7"), "row 1, column B7: an input is missing"),
    (_double, "row 1, column A1: named twice"),
    (lambda table: table[4].pop(), "row 5: 43 cells where the header has 44"),
    (lambda table: table[4].append(""), "row 5: 45 cells where the header has 44"),
    (lambda table: table.pop(0), "row 1: no header"),
    (lambda table: table.__delitem__(slice(1, None)), "no row below the header"),
    (lambda table: table.clear(), "the file is empty"),
]


@pytest.mark.parametrize(("change", "complaint"), BAD)
def test_bad_table_is_named_with_row_and_column(
    csv_text: str, change: Callable[[Table], object], complaint: str
) -> None:
    """Every mistake in a table is one sentence that names the file, the row and the column."""
    table = _table(csv_text)
    change(table)
    with pytest.raises(InputError) as error:
        parse(_text(table), "plant.csv")
    assert complaint in str(error.value)
    assert str(error.value).startswith("plant.csv")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("column", "cell"),
    [("A6", "x" * 9000), ("A6", "1" * 100_000 + "x"), ("A6", "9" * 100_000), ("A6", "0" * 9000 + "900"),
     ("A5", "7" * 9000), ("A28", "-" * 9000)],
)  # fmt: skip
def test_long_cell_is_cut_short(csv_text: str, column: str, cell: str) -> None:
    """A cell without end is refused at once, by its two ends."""
    table = _table(csv_text)
    _set(column, cell)(table)
    with pytest.raises(InputError, match=f"row 3, column {column}: '") as error:
        parse(_text(table), "plant.csv")
    assert "..." in str(error.value)
    assert len(str(error.value)) < 200


def test_long_header_is_cut_short(csv_text: str) -> None:
    """So is the name of a column."""
    with pytest.raises(InputError, match="not a column of the schema") as error:
        parse(csv_text.replace("A6", "x" * 9000, 1), "plant.csv")
    assert len(str(error.value)) < 200


def test_rows_are_numbered_as_an_editor_does(csv_text: str) -> None:
    """Blank lines and cells of two lines count as the lines that they are."""
    lines = csv_text.splitlines()
    lines[1] = '"sample\n1",' + lines[1].split(",", 1)[1]
    lines[3] = lines[3].replace(",300,", ",many,", 1).replace(",200,", ",many,", 1)
    with pytest.raises(InputError, match="row 6, column A1: 'many'"):
        parse("\n".join([lines[0], "", *lines[1:]]), "plant.csv")


def test_open_quote_is_named(csv_text: str) -> None:
    """A quote that is never closed does not swallow the rest of the file."""
    with pytest.raises(InputError, match="not CSV"):
        parse(csv_text.replace("\nsample", '\n"sample', 1), "plant.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_and_line_ends_do_not_matter(
    tmp_path: Path, csv_text: str, data: Dataset, encoding: str, newline: str
) -> None:
    """UTF-8 with and without its mark, GBK and GB18030 give the same records."""
    path = tmp_path / "plant.csv"
    path.write_bytes(csv_text.replace("\n", newline).encode(encoding))
    found = load([str(path)])
    assert found.records == data.records
    assert found.target.tolist() == data.target.tolist()


def test_a_folder_is_its_files_in_order(tmp_path: Path, csv_text: str, data: Dataset) -> None:
    """A folder, its files named one by one, and one file with all rows hold the same records."""
    header, *rows = csv_text.splitlines(keepends=True)
    (tmp_path / "b.csv").write_text(header + "".join(rows[50:]), encoding="gbk")
    (tmp_path / "a.CSV").write_text(header + "".join(rows[:50]), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not data", encoding="utf-8")
    files = [str(tmp_path / name) for name in ("a.CSV", "b.csv")]
    assert load([str(tmp_path)]).records == load(files).records == data.records
    assert load([str(tmp_path)]).places[50] == f"{tmp_path / 'b.csv'}, row 2"


def test_columns_may_stand_in_any_order_and_without_identifier(csv_text: str, data: Dataset) -> None:
    """The header says which column is which; the identifier is not needed."""
    mixed = [row[:0:-1] for row in _table(csv_text)]
    assert parse(_text(mixed), "plant.csv").records == data.records


def test_records_hold_raw_values(data: Dataset) -> None:
    """Numbers become numbers, times stay as the plant wrote them, empty cells become None."""
    kinds = {field.name: field.kind for field in FIELDS}
    for record in data.records:
        assert list(record) == list(kinds)
        for name, value in record.items():
            assert value is None or isinstance(value, int | float if kinds[name] == "number" else str)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("missing.csv", None, "no such file or folder"),
        ("empty.csv", b"", "the file is empty"),
        ("blank.csv", b"\n\n", "the file is empty"),
        ("noise.csv", b"A1,A2\n1,\xff\xff\xff\n", "row 2: neither UTF-8 nor GB18030"),
    ],
)
def test_bad_file_is_named(tmp_path: Path, name: str, content: bytes | None, complaint: str) -> None:
    """A path that leads to no text is named, with what is wrong with it."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=complaint) as error:
        load([str(path)])
    assert str(path) in str(error.value)


@pytest.mark.parametrize("path", ["", "x" * 5000])
def test_impossible_path_is_named(path: str) -> None:
    """A name that no file can have is a mistake in the argument, and the working directory is not meant."""
    with pytest.raises(InputError, match=r"no such file or folder|File name too long"):
        load([path])


def test_folder_without_csv_is_named(tmp_path: Path) -> None:
    """A folder that holds no CSV file is a mistake, not an empty data set."""
    with pytest.raises(InputError, match="holds no CSV file"):
        load([str(tmp_path)])


def test_remote_paths_are_not_read_yet() -> None:
    """An S3 address is refused in words, not looked for on the disk."""
    with pytest.raises(InputError, match="only local paths"):
        load(["s3://bucket/plant.csv"])
