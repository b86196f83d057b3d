"""A package appears whole, or not at all."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from model import package
from model.errors import InputError
from model.manifest import FILES, MANIFEST
from model.package import check_destination, clear_remains, write_package

CONTENT = {"format": 1}
DATA = dict.fromkeys(sorted(FILES), b"data")


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_package_replaces_a_package_as_a_whole(tmp_path: Path) -> None:
    """A second training leaves nothing of the first, and nothing beside it."""
    out = tmp_path / "deep" / "package"
    first = write_package(out, CONTENT, DATA)
    (out / "notes.txt").write_text("of the first")
    second = write_package(out, {**CONTENT, "more": 1}, DATA)
    assert first != second
    assert _names(out) == sorted({*FILES, MANIFEST})
    assert _names(out.parent) == ["package"]


def test_free_and_empty_destinations_will_do(tmp_path: Path) -> None:
    """A folder that is not there yet, or holds nothing, is free."""
    (tmp_path / "empty").mkdir()
    check_destination(tmp_path / "empty")
    check_destination(tmp_path / "not" / "yet" / "there")


def test_other_things_are_left_alone(tmp_path: Path) -> None:
    """A file, a folder of something else, and a link into nowhere are never replaced."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear")
    (tmp_path / "file").write_text("data")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / MANIFEST).write_text("of something else")
    (tmp_path / "to_home").symlink_to("home")
    os.mkfifo(tmp_path / "pipe")
    before = _names(tmp_path)
    for name in ("home", "file", "link", "app", "to_home", "pipe", "nope/../home", "home/.", "home/"):
        with pytest.raises(InputError, match="is left alone"):
            write_package(tmp_path / name, CONTENT, DATA)
    with pytest.raises(InputError, match="no folder that can be written to"):
        write_package(tmp_path / "file" / "package", CONTENT, DATA)
    assert _names(tmp_path) == before


@pytest.mark.parametrize("name", ["x" * 5000, "loop/package", "x" * 250])
def test_impossible_destination_is_one_sentence(tmp_path: Path, name: str) -> None:
    """A name that no folder can have, or that leads in a circle, is refused."""
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(InputError, match="choose another --out"):
        write_package(tmp_path / name, CONTENT, DATA)
    assert _names(tmp_path) == ["loop"]


def test_destination_is_resolved_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From within the package, and by a detour that is not there, it is the same package."""
    write_package(tmp_path / "package", CONTENT, DATA)
    for name in (".", "../nope/../package", "../package/"):
        monkeypatch.chdir(tmp_path / "package")
        assert check_destination(Path(name)) == tmp_path / "package"
        version = write_package(Path(name), {**CONTENT, "name": name}, DATA)
        assert version in (tmp_path / "package" / MANIFEST).read_text()
    assert _names(tmp_path) == ["package"]


def test_interruption_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing is interrupted, the old package stands and no half of a new one."""
    out = tmp_path / "package"
    write_package(out, CONTENT, DATA)
    before = (out / MANIFEST).read_bytes()

    def interrupted(path: Path, data: bytes) -> None:
        path.write_bytes(data[:1])
        raise KeyboardInterrupt

    monkeypatch.setattr(package, "_write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_package(out, {**CONTENT, "more": 1}, DATA)
    assert _names(tmp_path) == ["package"]
    assert (out / MANIFEST).read_bytes() == before


def test_remains_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    """The next run removes what a killed one left, puts back what it had set aside, spares the living."""
    dead, alive = _dead_process(), os.getppid()
    for name in (
        f".package.{dead}.partial",
        f".package.{alive}.partial",
        f".package.{dead}.replaced",
        ".package.x",
    ):
        (tmp_path / name).mkdir()
    (tmp_path / f".package.{dead}.replaced" / MANIFEST).write_text("old")
    clear_remains(tmp_path / "package")
    assert _names(tmp_path) == sorted([f".package.{alive}.partial", ".package.x", "package"])
    assert (tmp_path / "package" / MANIFEST).read_text() == "old"


def test_package_behind_a_link_is_replaced(tmp_path: Path) -> None:
    """A link to a package stays a link, to the new package."""
    write_package(tmp_path / "real", CONTENT, DATA)
    (tmp_path / "link").symlink_to("real")
    version = write_package(tmp_path / "link", {**CONTENT, "more": 1}, DATA)
    assert (tmp_path / "link").is_symlink()
    assert version in (tmp_path / "real" / MANIFEST).read_text()
    assert _names(tmp_path) == ["link", "real"]


@pytest.mark.parametrize("renamed", ["package", "partial"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_interrupted_rename_leaves_one_whole_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renamed: str, when: str
) -> None:
    """Interrupted beside either rename, the old or the new package stands whole, and nothing beside it."""
    out = tmp_path / "package"
    write_package(out, CONTENT, DATA)
    rename = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        mine = (self.suffix == ".partial") == (renamed == "partial")
        mine = mine and self.suffix != ".replaced"
        if mine and when == "before":
            raise KeyboardInterrupt
        moved = rename(self, target)
        if mine:
            raise KeyboardInterrupt
        return moved

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_package(out, {**CONTENT, "more": 1}, DATA)
    assert _names(tmp_path) == ["package"]
    assert _names(out) == sorted([*DATA, MANIFEST])
    stands = (out / MANIFEST).read_text()
    assert ('"more": 1' in stands) == (renamed == "partial" and when == "after")


def test_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the disk is named with the folder, and nothing remains."""

    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device", str(path), data)

    monkeypatch.setattr(package, "_write", full)
    with pytest.raises(InputError, match="No space left on device"):
        write_package(tmp_path / "package", CONTENT, DATA)
    assert _names(tmp_path) == []


def test_package_is_readable_by_the_service(tmp_path: Path) -> None:
    """Another user, as the image's is, can read the folder and its files, whatever the umask."""
    before = os.umask(0o077)
    try:
        write_package(tmp_path / "package", CONTENT, DATA)
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "package").iterdir()}
    assert modes == dict.fromkeys([*DATA, MANIFEST], 0o644)
    assert stat.S_IMODE((tmp_path / "package").stat().st_mode) == 0o755
