"""Clients of AWS that give up early enough for the gate to report."""

from typing import Any, Final

from boto3.session import Session
from botocore.config import Config

_PATIENCE: Final = Config(
    connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"}
)


def client(service: str) -> Any:  # noqa: ANN401 - boto3's clients are made at run time
    """Return a client of its own session, because boto3's default session is not for several threads."""
    return Session().client(service, config=_PATIENCE)
