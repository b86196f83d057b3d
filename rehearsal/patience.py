"""Patience with a control plane that gives no proper answer: the same command again, for a while."""

import logging
import time
from collections.abc import Callable
from typing import Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

T = TypeVar("T")

_PAUSE: Final = 0.2
_SERVER_ERROR: Final = 500
_BUSY: Final = frozenset(
    {"Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException"}
)
_log: Final = logging.getLogger(__name__)


def patiently(command: Callable[[], T], *, seconds: float) -> T:
    """Return what a command returns that may be given twice, however often it takes to get an answer.

    Args:
        command: Calls AWS with a client that does not repeat by itself.
        seconds: Of this machine, for which it is repeated.

    Raises:
        ClientError: It was refused.
        BotoCoreError: It could not be sent, or has got no answer for so long.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return command()
        except (BotoCoreError, ClientError) as error:
            if not is_passing(error) or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)
            _log.warning("Repeating, since the control plane answered: %s", error)


def is_passing(error: Exception) -> bool:
    """Return whether the same command may be answered later."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= _SERVER_ERROR or error.response.get("Error", {}).get("Code") in _BUSY
    return isinstance(error, NoConnection | HTTPClientError)
