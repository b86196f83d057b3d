"""Writing a model package: all of it, or nothing."""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from model.errors import InputError
from model.manifest import MANIFEST, canonical, version_of

_PARTIAL, _REPLACED = ".partial", ".replaced"


def write_package(folder: Path, content: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    """Write a package in place of whatever package was there; return its version.

    Args:
        folder: where the package shall lie.
        content: the manifest without `files` and `version`.
        files: bytes by file name.

    Raises:
        InputError: the folder holds something else, or cannot be written.
    """
    check_destination(folder)
    folder = folder.resolve()
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
        raise InputError(f"{folder}: cannot be written ({error.strerror}); choose another --out.") from None
    return str(manifest["version"])


def check_destination(folder: Path) -> None:
    """Refuse a destination that is not free and no package, before any work is done for it.

    Raises:
        InputError: the folder holds something else than a package.
    """
    if folder.is_dir() and ((folder / MANIFEST).is_file() or not any(folder.iterdir())):
        return
    if folder.exists() or folder.is_symlink():
        raise InputError(
            f"{folder}: exists and is no model package, so it is left alone; choose another --out."
        )
    for parent in folder.parents:
        if parent.exists():
            if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
                raise InputError(f"{parent}: no folder that can be written to; choose another --out.")
            return


@contextmanager
def _sibling(folder: Path) -> Iterator[Path]:
    """Give a fresh folder beside the destination, and leave none behind."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    clear_remains(folder)
    partial = _named(folder, _PARTIAL)
    partial.mkdir()
    try:
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def clear_remains(folder: Path) -> None:
    """Remove what a killed run left beside the destination; put back a package it had set aside."""
    for remains in folder.parent.glob(f".{folder.name}.*"):
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
    if folder.exists():
        folder.rename(replaced)
    try:
        partial.rename(folder)
    except BaseException:
        if replaced.exists():
            replaced.rename(folder)
        raise
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
        os.fsync(file.fileno())
