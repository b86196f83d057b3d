"""A release written down: while it runs, so that others can finish it, and for good when it has ended.

The stage's data bucket holds `releases/current.json`, the claim (see `Claim`), and one
`releases/records/<id>.json` for each release that has ended. Both are written conditionally only.
"""

import json
import re
import secrets
from dataclasses import MISSING, asdict, dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Self

from infra.names import RELEASES_PREFIX
from release.errors import BadRecord
from release.patience import LEASE
from release.release_id import is_id

CURRENT: Final = f"{RELEASES_PREFIX}current.json"
"""Key of the claim."""
RECORDS: Final = f"{RELEASES_PREFIX}records/"
"""Start of the keys of releases that have ended; ids sort by time."""
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_LONGEST: Final = 3600.0
_HELP: Final = "See docs/runbooks/release-stuck.md, which says how the one before it is put back."


def new_id(now: datetime) -> str:
    """Return an id for a release that begins now; ids sort by time, and no two are alike."""
    return f"r-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def timestamp(moment: datetime) -> str:
    """Return a moment as records have it: ISO 8601 in UTC, with seconds and `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Kind(StrEnum):
    """What a release is for."""

    SHIP = "ship"
    """A new image."""
    ROLLBACK = "rollback"
    """The image of an earlier release."""
    PROMOTE = "promote"
    """The image that another stage runs."""


class Step(StrEnum):
    """How far a release has come: the step that is being done, in this order."""

    CLAIM = "claim"
    """The stage is ours; nothing has been changed."""
    HOLD = "hold"
    """Deployments of what a release moves are held off."""
    PREPARE = "prepare"
    """The gate's document is uploaded."""
    REGISTER = "register"
    """The revision of the task definition is registered."""
    SHIFT = "shift"
    """The engine is asked to begin. From here on the engine may be moving traffic."""
    FOLLOW = "follow"
    """The engine moves traffic."""
    VERIFY = "verify"
    """What runs is compared with what was asked for."""
    REMEMBER = "remember"
    """CloudFormation learns which colour is live, and the newest revision becomes like the one that runs."""
    TAG = "tag"
    """The image gets the tag that protects it."""
    RECORD = "record"
    """The record is written."""
    FREE = "free"
    """Deployments are let in again, and the stage is nobody's."""


class Outcome(StrEnum):
    """What became of a release."""

    SHIPPED = "shipped"
    """The new version takes all traffic, and was found on every task."""
    ROLLED_BACK = "rolled-back"
    """Traffic is where it was before."""
    STOPPED = "stopped"
    """Somebody stopped it, and traffic is where it was before."""
    ABANDONED = "abandoned"
    """It ended before anything moved."""
    UNCLEAR = "unclear"
    """What runs is not what should: somebody must look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One release. Times are ISO 8601 in UTC, with seconds and `Z`."""

    id: str
    """`r-<time>-<six hex digits>`, which sorts by time."""
    stage: str
    kind: Kind
    image: str
    """Repository and digest: `…/switchyard@sha256:…`."""
    model: str
    """Version of the model package in the image: 64 hex digits."""
    commit: str
    """Commit that the image was built from, as its label says; empty when it does not."""
    previous: str
    """Digest that took the traffic before."""
    source: str
    """Id of the release that is rolled back to or promoted; empty when an image was named."""
    engine: str
    strategy: str
    by: str
    """Who asked for it: the caller's ARN, and the workflow's run when there is one."""
    started: str
    step: Step
    task_definition: str = ""
    """ARN of the registered revision, once there is one."""
    deployment: str = ""
    """Id of CodeDeploy's deployment, or ARN of ECS's service deployment, once there is one."""
    outcome: Outcome | None = None
    """Nothing while it runs."""
    reason: str = ""
    """Why it did not ship."""
    ended: str = ""
    colour: str = ""
    """The colour that took the traffic when it ended."""

    @property
    def digest(self) -> str:
        """The image's `sha256:…`."""
        return self.image.rpartition("@")[2]

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.outcome is None

    @property
    def moves_traffic(self) -> bool:
        """Whether the engine has it, or was just asked, so that it is finished and not forgotten."""
        return bool(self.deployment) or self.step is Step.SHIFT

    def at(self, step: Step, **more: str) -> "Record":
        """Return the record one step on, with what that step needs or brought."""
        return replace(self, step=step, **more)  # type: ignore[arg-type] # every field of these is a str

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: object, *, where: str) -> Self:
        """Read a record. What a later version added is left out, what may be absent is as by default.

        Raises:
            BadRecord: it is no record; `where` is named.
        """
        if not isinstance(found, dict):
            raise BadRecord(f"{where} is no record of a release. {_HELP}")
        known = {one.name: found[one.name] for one in fields(cls) if one.name in found}
        missing = {one.name for one in fields(cls) if one.default is MISSING} - set(known)
        if missing:
            raise BadRecord(
                f"{where} is no record of a release: it lacks {', '.join(sorted(missing))}. {_HELP}"
            )
        if not all(isinstance(value, str) for name, value in known.items() if name != "outcome"):
            raise BadRecord(f"{where} is no record of a release: a field is not text. {_HELP}")
        outcome = known.get("outcome")
        try:
            known["kind"], known["step"] = Kind(known["kind"]), Step(known["step"])
            known["outcome"] = None if outcome is None else Outcome(outcome)
        except ValueError as error:
            raise BadRecord(f"{where} is no record of a release: {error}. {_HELP}") from None
        record = cls(**known)
        if not is_id(record.id) or not _DIGEST.fullmatch(record.digest):
            raise BadRecord(f"{where} is no record of a release: its id or digest is malformed. {_HELP}")
        return record


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who has the stage: the content of `releases/current.json`.

    While `record.runs`, the stage is `holder`'s, who writes the claim anew every few seconds. A claim whose
    object has not been written for `lease` seconds, by S3's own clock, is one whose holder has died;
    whoever comes next takes it over with a conditional write, and the dead one, should it wake, finds
    that its next write is refused.
    """

    record: Record
    holder: str
    """Random, one for each command."""
    beat: int
    """Grows with each write, so that two never look alike."""
    lease: float = LEASE
    """Seconds without a write after which its holder counts as dead: the holder's own promise."""

    def to_bytes(self) -> bytes:
        """Return what is written."""
        return json.dumps({**asdict(self), "record": self.record.to_json()}).encode()

    @classmethod
    def from_bytes(cls, text: bytes, *, where: str) -> Self:
        """Read a claim. What a later version added is left out, what an earlier one lacked is as by default.

        Raises:
            BadRecord: it is none.
        """
        try:
            found = json.loads(text)
            record, holder, beat = found["record"], found["holder"], found["beat"]
            lease = found.get("lease", LEASE)
        except (ValueError, LookupError, TypeError, AttributeError):
            raise BadRecord(f"{where} is no claim of a release. {_HELP}") from None
        numbers = type(beat) is int and type(lease) in {int, float} and 0 < lease <= _LONGEST
        if not isinstance(holder, str) or not numbers:
            raise BadRecord(f"{where} is no claim of a release. {_HELP}")
        return cls(record=Record.from_json(record, where=where), holder=holder, beat=beat, lease=float(lease))
