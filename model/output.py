"""Where results go: standard output or a file, whole or not at all, and never over something foreign.

A name is resolved once, before it is looked at: what is checked is what is written to.
"""

import contextlib
import os
import sys
from pathlib import Path

from model.errors import InputError, OutputError


def print_text(text: str, *, encoding: str | None = None) -> None:
    """Print a result on standard output.

    Args:
        text: the result.
        encoding: of data for programs; by default, text appears as the terminal is able to show it.

    Raises:
        OutputError: standard output does not take it.
        BrokenPipeError: whoever read standard output has gone.
    """
    if sys.stdout is None:
        raise OutputError("Standard output is closed; give it somewhere to go.")
    try:
        if encoding is None:
            sys.stdout.write(text)
        else:
            sys.stdout.buffer.write(text.encode(encoding))
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python fails again as it ends
        if isinstance(error, BrokenPipeError):
            raise
        raise OutputError(f"Standard output cannot be written ({error.strerror}); choose another.") from None


def write_file(out: Path, data: bytes) -> None:
    """Write a file, in place of whatever regular file was there.

    Raises:
        InputError: the name belongs to something else, or cannot be written to.
    """
    target = resolved(out)
    try:
        if target.exists() and not target.is_file():
            raise InputError(f"{out}: exists and is no file, so it is left alone; choose another --out.")
        _replace(target, data)
    except OSError as error:
        raise unwritable(out, error) from None


def resolved(out: Path) -> Path:
    """Return the absolute path that a name leads to, without links, `.` and `..`.

    Raises:
        InputError: it leads nowhere.
    """
    try:
        if out.is_symlink() and not out.exists():
            raise InputError(f"{out}: is a link to nothing and is left alone; choose another --out.")
        return out.resolve()
    except OSError as error:
        raise unwritable(out, error) from None
    except RuntimeError:
        raise InputError(f"{out}: leads in a circle of links; choose another --out.") from None


def unwritable(out: Path, error: OSError) -> InputError:
    """Return the sentence for a name that the operating system refuses."""
    return InputError(f"{out}: cannot be written ({error.strerror}); choose another --out.")


def _replace(target: Path, data: bytes) -> None:
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(target)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()
