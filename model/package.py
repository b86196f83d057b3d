"""Writing a model package: all of it, or nothing."""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import Any

from model.errors import InputError
from model.manifest import MANIFEST, SERVED_FORM, canonical, version_of
from model.output import resolved, unwritable

_PARTIAL, _REPLACED = ".partial", ".replaced"


def write_package(folder: Path, content: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    """Write a package in place of whatever package was there; return its version.

    Everybody may read it, whatever the umask: the service runs as another user.

    Args:
        folder: where the package shall lie.
        content: the manifest without `files` and `version`.
        files: bytes by file name.

    Raises:
        InputError: the folder holds something else, or cannot be written.
    """
    folder = check_destination(folder)
    sums = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()
    }
    manifest = {**content, "files": sums}
    manifest["version"] = version_of(manifest)
    try:
        with _sibling(folder) as partial:
            for name, data in {**files, MANIFEST: canonical(manifest)}.items():
                _write(partial / name, data)
            _move_in(partial, folder)
    except OSError as error:
        raise unwritable(folder, error) from None
    return str(manifest["version"])


def check_destination(folder: Path) -> Path:
    """Refuse a destination that is not free and no package, before any work is done for it.

    Returns:
        The destination's absolute path, without links, `.` and `..`.

    Raises:
        InputError: the folder holds something else than a package, or cannot be made.
    """
    folder = resolved(folder)
    try:
        if not _is_replaceable(folder):
            raise InputError(
                f"{folder}: exists and is no model package, so it is left alone; choose another --out."
            )
        parent = next(parent for parent in folder.parents if parent.exists())
        if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
            raise InputError(f"{parent}: no folder that can be written to; choose another --out.")
    except OSError as error:
        raise unwritable(folder, error) from None
    return folder


def _is_replaceable(folder: Path) -> bool:
    """Nothing at all, an empty folder, or a package."""
    if not folder.is_dir():
        return not folder.exists()
    names = {path.name for path in folder.iterdir()}
    return not names or {MANIFEST, SERVED_FORM} <= names


@contextmanager
def _sibling(folder: Path) -> Iterator[Path]:
    """Give a fresh folder beside the destination, and leave none behind."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    clear_remains(folder)
    partial = _named(folder, _PARTIAL)
    try:
        partial.mkdir()
        partial.chmod(0o755)
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def clear_remains(folder: Path) -> None:
    """Remove what a killed run left beside the destination; put back a package it had set aside."""
    for remains in folder.parent.glob(f".{escape(folder.name)}.*"):
        process = remains.name.removeprefix(f".{folder.name}.").partition(".")[0]
        if remains.suffix not in (_PARTIAL, _REPLACED) or not process.isdigit() or _runs(int(process)):
            continue
        if remains.suffix == _REPLACED and not folder.exists():
            remains.rename(folder)
        else:
            shutil.rmtree(remains, ignore_errors=True)


def _move_in(partial: Path, folder: Path) -> None:
    """Put the finished folder in place; a rename cannot replace a folder that holds files."""
    replaced = _named(folder, _REPLACED)
    try:
        if folder.exists():
            folder.rename(replaced)
        partial.rename(folder)
    finally:  # an interruption may come before, between or after the two
        if replaced.exists() and not folder.exists():
            replaced.rename(folder)
        shutil.rmtree(replaced, ignore_errors=True)


def _named(folder: Path, suffix: str) -> Path:
    return folder.with_name(f".{folder.name}.{os.getpid()}{suffix}")


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process != os.getpid()


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(file.fileno(), 0o644)
        os.fsync(file.fileno())
