"""Faults: what goes wrong in a release on purpose, and how the stage must come out of it.

`catalogue` lists them; `bad/` holds what takes the place of the image's `service/__main__.py` for faults
that lie in the version itself. How to add one: docs/guides/faults.md.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rehearsal.errors import Misuse

FAILS_WITH: Final[Mapping[str, tuple[str, ...]]] = {"errors_in_production": ("status 500: no",)}
"""The reasons, as the load tells them, with which versions of `bad/` fail clients; others lose no request."""
_BAD: Final = Path(__file__).parent / "bad"


def overlay(name: str) -> dict[str, bytes]:
    """Return the files that make a bad version of an image, by their paths in it.

    Args:
        name: Of a file of `bad/`, or the path of one that stands elsewhere and ends with `.py`.

    Raises:
        Misuse: There is no such file.
    """
    found = Path(name) if name.endswith(".py") else _BAD / f"{name}.py"
    if not found.is_file():
        raise Misuse(f"There is no bad version {name}: choose a file of {_BAD} or give a path.")
    return {"service/__main__.py": found.read_bytes()}
