"""The time by which releases are named and ordered: AWS's, whatever this machine's clock says."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from release.patience import Patient

_AGREED: Final = timedelta(seconds=5)
"""How far two clocks that agree are apart at most: an answer tells whole seconds, and was on its way."""


def of_aws(ask: Patient) -> Callable[[], datetime]:
    """Return a clock that goes as AWS's does.

    Ids of releases sort by time, and which one a rollback goes back to follows from that: a laptop that is
    ten minutes slow must not make its release older than the one before.
    """
    answer = ask.ask(lambda clients: clients.sts.get_caller_identity())
    ahead = off(answer["ResponseMetadata"]["HTTPHeaders"], datetime.now(UTC))
    return lambda: datetime.now(UTC) + ahead


def off(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Return by how much AWS's clock is ahead of this machine's, by the headers of an answer of now."""
    try:
        ahead = parsedate_to_datetime(headers["date"]) - now
    except (LookupError, TypeError, ValueError):
        return timedelta()
    return ahead if abs(ahead) > _AGREED else timedelta()
