"""Faults: what goes wrong in a release on purpose, and how the stage must come out of it.

`catalogue` lists them; `bad/` holds what takes the place of the image's `service/__main__.py` for faults
that lie in the version itself. How to add one: docs/guides/faults.md.
"""

from pathlib import Path
from typing import Final

_BAD: Final = Path(__file__).parent / "bad"


def overlay(name: str) -> dict[str, bytes]:
    """Return the files that make a bad version of an image, by their paths in it.

    Raises:
        KeyError: `bad/` has no such file.
    """
    found = _BAD / f"{name}.py"
    if not found.is_file():
        raise KeyError(name)
    return {"service/__main__.py": found.read_bytes()}
