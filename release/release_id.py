"""What a release's id tells."""

from datetime import UTC, datetime
from typing import Final

_FORMAT: Final = "r-%Y%m%dT%H%M%SZ"


def begun(release: str) -> datetime:
    """Return when a release began, by the clock of the machine that began it.

    Raises:
        ValueError: it is no id of a release.
    """
    return datetime.strptime(release.rpartition("-")[0], _FORMAT).replace(tzinfo=UTC)
