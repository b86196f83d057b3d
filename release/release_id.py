"""What a release's id tells."""

import re
from datetime import UTC, datetime
from typing import Final

_ID: Final = re.compile(r"r-\d{8}T\d{6}Z-[0-9a-f]{6}", re.ASCII)
_FORMAT: Final = "r-%Y%m%dT%H%M%SZ"


def is_id(text: str) -> bool:
    """Return whether something is an id of a release: its form, and a time that there was."""
    if not _ID.fullmatch(text):
        return False
    try:
        begun(text)
    except ValueError:
        return False
    return True


def begun(release: str) -> datetime:
    """Return when a release began, by the clock of the machine that began it.

    Raises:
        ValueError: it is no id of a release.
    """
    return datetime.strptime(release.rpartition("-")[0], _FORMAT).replace(tzinfo=UTC)
