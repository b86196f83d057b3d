"""The claim on a stage: one object in its data bucket, written conditionally; its age by S3's clock.

Whoever releases writes the claim; everybody else's write is then refused until it has ended, or until its
holder has given no sign of life for a lease. Rules from Amazon S3's user guide, "How to prevent object
overwrites with conditional writes": 412 when the condition does not hold, 409 (`ConditionalRequestConflict`)
when another write was under way, after which one looks and tries again, 404 when there is nothing to match.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Final

from botocore.exceptions import ClientError

from release.aws_errors import code_of
from release.clients import Clients
from release.errors import Busy, LostSight, Outrun
from release.patience import Patient
from release.record import CURRENT, Claim, Record

_CONTESTED: Final = frozenset(
    {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409", "404"}
)
_ABSENT: Final = frozenset({"NoSuchKey", "NoSuchBucket", "404"})
_TRIES: Final = 20
_CLOCK_STEP: Final = 1.0
"""S3 tells times in whole seconds, so an age is wrong by up to this."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The claim as it was found."""

    claim: Claim
    etag: str
    """Of this content; what a conditional write replaces."""
    age: float
    """Seconds since it was written, by S3's own clock."""

    @property
    def record(self) -> Record:
        """The release that it is about."""
        return self.claim.record

    @property
    def alive(self) -> bool:
        """Whether the release runs and its holder has given a sign of life within its own lease."""
        return self.record.runs and self.age <= self.claim.lease + _CLOCK_STEP


@dataclass(frozen=True, slots=True)
class Claims:
    """The place of one stage's claim."""

    ask: Patient
    bucket: str
    """The stage's data bucket."""

    def read(self) -> Seen | None:
        """Return the claim, or nothing when no release has ever been.

        Raises:
            BadRecord: it cannot be read.
        """
        return self.ask.ask(self._read)

    def put(self, claim: Claim, *, replacing: str | None) -> str:
        """Write a claim where the one with this etag stands, or none; return the new etag.

        A write whose answer was lost finds its own claim there, and has succeeded; one that finds an earlier
        claim of its holder's takes that one's place.

        Raises:
            Outrun: somebody else has written in between.
        """
        for _ in range(_TRIES):
            try:
                return self.ask.ask(partial(_write, bucket=self.bucket, claim=claim, replacing=replacing))
            except ClientError as error:
                if code_of(error) not in _CONTESTED:
                    raise
            seen = self.read()
            if seen is not None and seen.claim == claim:
                return seen.etag
            if seen is not None and seen.claim.holder == claim.holder:
                replacing = seen.etag  # an earlier write of ours took effect, and its answer was lost
            elif (seen.etag if seen else None) != replacing:
                raise Outrun(["Another command was quicker and has the stage now."])
            time.sleep(self.ask.pace.poll)
        raise LostSight(f"S3 did not take s3://{self.bucket}/{CURRENT}: look at its status and try again.")

    def settled(self, say: Callable[[str], None]) -> Seen | None:
        """Return the claim once nobody alive holds it: never made, ended, or left behind by the dead.

        Raises:
            Busy: its holder is alive.
        """
        first = seen = self.read()
        while seen is not None and first is not None and seen.alive:
            if seen.etag != first.etag:
                raise Busy([described(seen)])
            if seen is first:
                say(f"Waiting for a sign of life of {seen.record.id} ...")
            time.sleep(self.ask.pace.poll)
            seen = self.read()
        return seen

    def separate(self) -> "Claims":
        """Return the same place by clients of its own, for another thread, which is not patient."""
        return Claims(
            Patient(Clients(self.ask.clients.region, brief=True), replace(self.ask.pace, patience=0.0)),
            self.bucket,
        )

    def _read(self, clients: Clients) -> Seen | None:
        try:
            answer = clients.s3.get_object(Bucket=self.bucket, Key=CURRENT)
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return None
            # Who may list some prefixes only is told that an object is forbidden where there is none.
            if code_of(error) in {"AccessDenied", "403"} and not self._listed(clients):
                return None
            raise
        claim = Claim.from_bytes(answer["Body"].read(), where=f"s3://{self.bucket}/{CURRENT}")
        now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
        return Seen(claim, answer["ETag"], max(0.0, (now - answer["LastModified"]).total_seconds()))

    def _listed(self, clients: Clients) -> bool:
        found = clients.s3.list_objects_v2(Bucket=self.bucket, Prefix=CURRENT, MaxKeys=1)
        return any(item["Key"] == CURRENT for item in found.get("Contents", ()))


def _write(clients: Clients, bucket: str, claim: Claim, replacing: str | None) -> str:
    body = claim.to_bytes()
    if replacing is None:
        answer = clients.s3.put_object(Bucket=bucket, Key=CURRENT, Body=body, IfNoneMatch="*")
    else:
        answer = clients.s3.put_object(Bucket=bucket, Key=CURRENT, Body=body, IfMatch=replacing)
    return answer["ETag"]


def described(seen: Seen) -> str:
    """Return who has the stage, since when and how far they are, and what one can do."""
    record = seen.record
    return (
        f"{record.id} ({record.kind} of {record.digest[:19]}) has {record.stage}: step {record.step}, begun "
        f"{record.started} by {record.by}, last sign of life {seen.age:.0f} s ago. See how it goes with "
        f"`python -m release status --stage {record.stage}`, or end it with "
        f"`python -m release stop --stage {record.stage}`."
    )
