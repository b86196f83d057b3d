"""What is seen of a stage at one moment: all that `status` and the live view show."""

from dataclasses import dataclass
from datetime import datetime

from release.deployment import Deployment
from release.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class ColourSeen:
    """One colour."""

    name: str
    """`blue` or `green`."""
    share: int
    """Percent of production traffic that goes here."""
    test: bool
    """Whether the test listener goes here."""
    healthy: int
    """Targets that take traffic."""
    targets: int
    """All targets, those that drain left out."""
    digests: tuple[str, ...]
    """Digests that its tasks run, sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSeen:
    """One alarm."""

    name: str
    state: str
    """`OK`, `ALARM` or `INSUFFICIENT_DATA`."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """What happens next, and when if that is known."""

    what: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The stage at one moment."""

    stage: str
    at: datetime
    colours: tuple[ColourSeen, ...]
    alarms: tuple[AlarmSeen, ...]
    remembered: str
    """The colour that CloudFormation believes to be live."""
    record: Record | None = None
    """The release under way, or the last one."""
    alive: bool = False
    """Whether the command that runs it shows signs of life."""
    last_sign: float | None = None
    """Seconds since its last one."""
    deployment: Deployment | None = None
    upcoming: Upcoming | None = None

    @property
    def live(self) -> ColourSeen | None:
        """The colour that takes the most production traffic."""
        return max(self.colours, key=lambda colour: colour.share, default=None)
