"""Clients of AWS that try again a little, and then let Lambda try again."""

from typing import Any, Final

import boto3
from botocore.config import Config

_PATIENCE: Final = Config(
    connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 3, "mode": "standard"}
)


def client(service: str) -> Any:  # noqa: ANN401 - boto3's clients are made at run time
    """Return a client of a service; boto3 keeps what it has read of it for the next call."""
    return boto3.client(service, config=_PATIENCE)
