"""The claim that this command has: taken, kept by signs of life, and lost when another one takes it over.

A holder that gives no sign for its lease counts as dead (decision 13). So it looks at its own clock before
each request to AWS.
"""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from botocore.exceptions import BotoCoreError, ClientError

from release.claim import Claims, Seen
from release.errors import Outrun, ReleaseError, TakenOver
from release.record import Claim, Record


def take(claims: Claims, record: Record, *, replacing: Seen | None) -> "Held":
    """Claim the stage for a release, in place of what was seen.

    Raises:
        Outrun: somebody else was quicker; look again.
    """
    beat = 1 if replacing is None else replacing.claim.beat + 1
    claim = Claim(record=record, holder=secrets.token_hex(8), beat=beat, lease=claims.ask.pace.lease)
    begun = awake()
    etag = claims.put(claim, replacing=replacing.etag if replacing else None)
    return Held(claims, claim, etag, begun)


@dataclass(slots=True)
class Held:
    """A claim of ours: the journal of a release, and the sign of life of the command that makes it.

    Nothing may be changed on AWS before `journal` has written that it is about to be.
    """

    claims: Claims
    claim: Claim
    etag: str
    written: float
    """When the write that stands there was sent, by `awake`."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _lost: bool = False

    @property
    def record(self) -> Record:
        """The release as it was last written."""
        return self.claim.record

    def journal(self, record: Record) -> Record:
        """Write how far the release is, and return it.

        Raises:
            TakenOver: another command has the release now; nothing may be touched any more.
        """
        with self._lock:
            self._put(self.claims, record)
        return record

    def check(self) -> None:
        """Return if the release is ours for a while yet: so it is asked before each request to AWS.

        A command that slept, or could not reach S3, writes its claim anew before anything else: nobody can
        have taken over a claim whose last write was sent less than half a lease ago.

        Raises:
            TakenOver: another command has the release now.
            LostSight: S3 does not answer.
        """
        if self._lost:
            raise _taken_over(self.record)
        if self.record.runs and awake() - self.written > self.claim.lease / 2:
            self.journal(self.record)

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Give signs of life from a thread for as long as this lasts, also while AWS is slow to answer.

        The thread has clients of its own and ends quietly: what it learns, the next `journal` raises.
        """
        ended = threading.Event()
        arguments = (self.claims.separate(), ended)
        thread = threading.Thread(target=self._beat, args=arguments, daemon=True, name="heartbeat")
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(timeout=self.claims.ask.pace.poll)

    def _beat(self, claims: Claims, ended: threading.Event) -> None:
        while not ended.wait(claims.ask.pace.beat):
            with self._lock:
                if ended.is_set() or self._lost or not self.record.runs:
                    return
                try:
                    self._put(claims, self.record)
                except (ReleaseError, ClientError, BotoCoreError):
                    claims.ask.clients.renew()  # the connection may be dead, or the credentials too old

    def _put(self, claims: Claims, record: Record) -> None:
        if self._lost:
            raise _taken_over(record)
        claim = replace(self.claim, record=record, beat=self.claim.beat + 1)
        begun = awake()
        try:
            self.etag = claims.put(claim, replacing=self.etag)
        except Outrun:
            self._lost = True
            raise _taken_over(record) from None
        self.claim, self.written = claim, begun


def awake() -> float:
    """Return seconds of a clock that goes on while the machine sleeps; macOS's monotonic one does."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _taken_over(record: Record) -> TakenOver:
    return TakenOver(
        f"Another command has taken {record.id} over and goes on with it; this one touches nothing any more. "
        f"See how it goes with `python -m release status --stage {record.stage}`."
    )
