"""The manifest vouches for every byte of a package, its own included."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from model.manifest import (
    FILES,
    MANIFEST,
    PIPELINE,
    PROBES,
    REFERENCE,
    SERVED_FORM,
    PackageError,
    canonical,
    open_package,
    parse_manifest,
    version_of,
)
from model.training import Training


@pytest.fixture
def folder(trained: Training, tmp_path: Path) -> Path:
    """A copy of the package, to be spoilt."""
    return Path(shutil.copytree(trained.package.folder, tmp_path / "package"))


def _content(trained: Training) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((trained.package.folder / MANIFEST).read_bytes())
    return content


def test_package_opens_as_it_was_written(trained: Training, folder: Path) -> None:
    """A copy elsewhere is the same package, and every file can be read."""
    package = open_package(folder)
    assert package.manifest == trained.package.manifest
    assert {name: package.read(name) for name in FILES} == {
        name: (folder / name).read_bytes() for name in FILES
    }


@pytest.mark.parametrize("name", sorted(FILES))
@pytest.mark.parametrize("where", [0, 0.5, -1])
def test_one_changed_byte_is_found(folder: Path, name: str, where: float) -> None:
    """One bit anywhere in a file, and the package does not open; the message names the file."""
    data = bytearray((folder / name).read_bytes())
    data[int(where * len(data)) if where >= 0 else -1] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(PackageError, match=name):
        open_package(folder)


def test_one_changed_byte_in_the_manifest_is_found(trained: Training) -> None:
    """The manifest is checked byte by byte: whichever changes, it does not open."""
    data = (trained.package.folder / MANIFEST).read_bytes()
    for at in [*range(0, len(data), 97), *range(len(data) - 20, len(data))]:
        for bit in (1, 32):
            spoilt = bytearray(data)
            spoilt[at] ^= bit
            with pytest.raises(PackageError, match=MANIFEST):
                parse_manifest(bytes(spoilt))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data + b"\n",
        lambda data: data.rstrip(),
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: b" " + data,
        lambda data: data.replace(b'"format": 1', b'"format":  1'),
        lambda data: data.replace(b'"format": 1', b'"format": 1,\n "format": 1'),
        lambda data: data.replace(b'"format": 1', b'"format": 1.0'),
        lambda _: b"",
        lambda _: b"[]",
        lambda _: b"{}",
        lambda _: b"NaN",
        lambda _: b"[" * 100_000,
    ],
)
def test_manifest_has_one_form_only(trained: Training, spoil: Callable[[bytes], bytes]) -> None:
    """White space, doubled keys and other ways to write the same are alterations too."""
    data = (trained.package.folder / MANIFEST).read_bytes()
    with pytest.raises(PackageError, match=MANIFEST):
        parse_manifest(spoil(data))


def _rewritten(content: Mapping[str, Any]) -> bytes:
    return canonical({**content, "version": version_of(content)})


def _with(path: str, value: object) -> Callable[[dict[str, Any]], object]:
    """Return a change that sets (or, for None, removes) what lies at a path of keys."""

    def change(content: dict[str, Any]) -> None:
        *parents, last = path.split("/")
        node: Any = content
        for key in parents:
            node = node[int(key)] if isinstance(node, list) else node[key]
        if value is None:
            del node[last]
        else:
            node[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (_with("format", 2), "format 2 is not known"),
        (_with("model/name", 7), "'name' is missing or not of type str"),
        (_with("model", None), "'model' is missing"),
        (_with("schema/fields/0/kind", "colour"), "kind 'colour'"),
        (_with("schema/fields/0/low", "0"), "'low' is missing or not of type int or float"),
        (_with("schema/fields/0/high", True), "'high' is missing or not of type int or float"),  # noqa: FBT003 - JSON
        (_with("schema/fields/0/nullable", 0), "'nullable' is missing"),
        (_with("schema/fields/0/example", "300"), "'example' is missing or not of type int or float"),
        (_with("schema/target", []), "'target' is missing"),
        (_with("features", []), "'features' is not a list of names"),
        (_with("features", [1]), "'features' is not a list of names"),
        (_with("features_sha256", "0"), "'features_sha256' is not a SHA-256 sum"),
        (_with("files/probes.json", None), "'files' does not name exactly"),
        (_with("files/probes.json/sha256", "../probes.json"), "is not a SHA-256 sum"),
        (_with("files/probes.json/bytes", "1"), "'bytes' is missing"),
        (_with("files/probes.json/bytes", True), "'bytes' is missing"),  # noqa: FBT003 - JSON
        (_with("files/..", {"sha256": "0" * 64, "bytes": 1}), "'files' does not name exactly"),
        (_with("metrics", [1]), "'metrics' is missing"),
    ],
)
def test_wrong_types_are_refused(
    trained: Training, change: Callable[[dict[str, Any]], object], complaint: str
) -> None:
    """A manifest of the wrong shape is refused even when its version fits."""
    content = _content(trained)
    change(content)
    with pytest.raises(PackageError, match=complaint):
        parse_manifest(_rewritten(content))


def test_only_vouched_files_are_read(folder: Path) -> None:
    """A name that the manifest does not list is not read, wherever it leads."""
    (folder.parent / "secret").write_text("no")
    for name in ("../secret", "/etc/hostname", "notes.txt", MANIFEST):
        with pytest.raises(PackageError, match="does not vouch"):
            open_package(folder).read(name)


@pytest.mark.parametrize("name", [MANIFEST, SERVED_FORM, PROBES, REFERENCE])
def test_missing_file_is_named(folder: Path, name: str) -> None:
    """A file that is not there is named."""
    (folder / name).unlink()
    with pytest.raises(PackageError, match=name):
        open_package(folder)


def test_pipeline_may_be_left_out(folder: Path) -> None:
    """An image leaves the pickle behind; the package still opens, and reading it says what is missing."""
    (folder / PIPELINE).unlink()
    with pytest.raises(PackageError, match=PIPELINE):
        open_package(folder).read(PIPELINE)


def test_file_changed_after_opening_is_not_returned(folder: Path) -> None:
    """The sum is taken over the bytes that are returned, not over those that were there before."""
    package = open_package(folder)
    (folder / PROBES).write_bytes(b"{}")
    with pytest.raises(PackageError, match=PROBES):
        package.read(PROBES)


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 36)


@pytest.mark.parametrize("name", [MANIFEST, SERVED_FORM, PIPELINE])
@pytest.mark.parametrize("put", [os.mkfifo, _endless, _sparse, Path.mkdir])
def test_what_is_no_file_of_the_size_packed_is_not_read(
    folder: Path, name: str, put: Callable[[Path], object]
) -> None:
    """A pipe, a device, a folder and a file of 64 GB are refused by name, at once."""
    (folder / name).unlink()
    put(folder / name)
    with pytest.raises(PackageError, match=rf"{name}: (altered since it was packed \(no reg|cannot be read)"):
        open_package(folder)


def test_no_more_is_read_than_was_packed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that grows after its size was looked at is not followed to its end."""
    package = open_package(folder)
    packed = os.stat_result((folder / PROBES).stat())
    (folder / PROBES).unlink()
    _sparse(folder / PROBES)
    monkeypatch.setattr(os, "fstat", lambda _: packed)
    with pytest.raises(PackageError, match=f"{PROBES}: altered"):
        package.read(PROBES)


def test_unknown_format_is_cut_short() -> None:
    """Whatever stands in place of the format is not repeated in full."""
    with pytest.raises(PackageError, match="is not known; expected 1") as error:
        parse_manifest(canonical({"format": "x" * 9000}))
    assert len(str(error.value)) < 200
