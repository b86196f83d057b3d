"""Envoy's log of requests: how it is written, and how it is read while it grows.

A line is written when a request is over. It tells apart what a target answered and what the load balancer
answered itself, which Envoy's counters do not: those count an answer for the target group either way. Fields
are operators of "Access logging" in Envoy's documentation.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

NAME: Final = "access.log"
FLUSH_MS: Final = 100
"""Envoy writes lines this often; an argument of its command line."""

_ABSENT: Final = "-"
_FIELDS: Final = (
    "%START_TIME(%s.%6f)%",
    "%DURATION%",
    "%RESPONSE_CODE%",
    "%UPSTREAM_CLUSTER%",
    "%UPSTREAM_HOST%",
    "%COMMON_DURATION(US_TX_END:US_RX_BEG:us)%",
)
_TYPE: Final = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog"


@dataclass(frozen=True, slots=True)
class Request:
    """One request that is over."""

    ended: float
    """When, as Unix time of this machine."""
    status: int
    """What the client got; 0 when it left before there was an answer."""
    group: str
    """Name of the target group that it was forwarded to; empty when it was not."""
    target: bool
    """Whether a target was chosen for it."""
    seconds: float | None
    """How long the target took to begin its answer; None when the target gave none."""

    @property
    def by_target(self) -> bool:
        """Whether a target answered, and not the load balancer in its place."""
        return self.seconds is not None


def entry(folder: Path) -> dict[str, Any]:
    """Return what a listener's connection manager needs among its `access_log`, for a log in `folder`."""
    line = "\t".join(_FIELDS) + "\n"
    return {
        "name": "requests",
        "typed_config": {
            "@type": _TYPE,
            "path": str(folder / NAME),
            "log_format": {"text_format_source": {"inline_string": line}},
        },
    }


def parse(line: str) -> Request:
    """Read one line.

    Raises:
        ValueError: It is not a line of this log.
    """
    began, milliseconds, status, group, host, microseconds = line.split("\t")
    return Request(
        ended=float(began) + int(milliseconds) / 1_000,
        status=int(status),
        group="" if group == _ABSENT else group,
        target=host != _ABSENT,
        seconds=None if microseconds == _ABSENT else max(0, int(microseconds)) / 1_000_000,
    )


class Tail:
    """Reads what was added to a log since the last look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._rest = b""

    def read(self) -> list[Request]:
        """Return the requests of all whole lines that are new; none while there is no log."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                added = file.read()
        except FileNotFoundError:
            return []
        self._offset += len(added)
        *lines, self._rest = (self._rest + added).split(b"\n")
        return [parse(line.decode()) for line in lines]
