"""What is said of a release, in sentences."""

from typing import Final

from botocore.exceptions import ClientError

from infra.config import REGISTRY
from infra.runbooks import location
from infra.settings import StageSettings
from release.claim import Seen
from release.record import Outcome, Record, Step

SHORT: Final = 19
"""Characters of a digest that tell it from others: `sha256:` and twelve digits."""
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"})


def clean(text: str) -> str:
    """Return text of somebody else's as one line that cannot steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


def short(digest: str) -> str:
    """Return as much of a digest as a person compares."""
    return digest[:SHORT]


def ended(record: Record) -> str:
    """Return what became of a release, why, and what to do next."""
    name, digest, before = record.id, short(record.digest), short(record.previous) or "the version before"
    match record.outcome:
        case Outcome.SHIPPED:
            where = f" on {record.colour}" if record.colour else ""
            return f"{digest} takes all traffic of {record.stage}{where}: {name} ({record.kind}) is done."
        case Outcome.ROLLED_BACK:
            why = f"{_reason(record)} {_see('rolled-back')}"
            return f"{name} was rolled back and {before} has the traffic: {why}"
        case Outcome.STOPPED:
            why = f"{_reason(record)} {_see('rolled-back')}"
            return f"{name} was stopped and {before} has the traffic: {why}"
        case Outcome.ABANDONED:
            return f"{name} ended before anything had moved: {_reason(record)}"
        case Outcome.UNCLEAR:
            return (
                f"{name} ended and what runs is not what should: {_reason(record)} Look at "
                f"`python -m release status --stage {record.stage}`. {_see('wrong-colour')}"
            )
        case None:
            return f"{name} is under way: step {record.step}."


def left_behind(seen: Seen) -> str:
    """Return what is said before a dead command's release is taken over."""
    record = seen.record
    return (
        f"{record.id} ({record.kind} of {short(record.digest)}) was left behind at the step {record.step}: "
        f"its command gave its last sign of life {seen.age:.0f} s ago. It is brought to its end first."
    )


def refused_by_aws(error: ClientError, code: str, stage: StageSettings | None) -> str:
    """Return what is said when AWS answers with an error: which call, why, and where a right comes from."""
    message = error.response.get("Error", {}).get("Message", "").strip().rstrip(".") or code
    sentence = f"AWS refused {error.operation_name} ({code}): {clean(message)}."
    if code not in _DENIED:
        return f"{sentence} `python -m release status` tells how things stand."
    role = stage.release_role if stage else "switchyard-STAGE-release-REGION"
    return (
        f"{sentence} Releases need the rights of the role {role}, which the stage's Access stack gives "
        "(infra/access); run this as that role or with its rights."
    )


def interrupted(record: Record | None, stage: str) -> str:
    """Return what is said when the command is asked to end."""
    if record is None or not record.runs or not record.moves_traffic:
        left = " The next command undoes what was prepared." if record is not None and record.runs else ""
        return f"Interrupted; nothing goes on in AWS.{left}"
    goes_on = "may go on" if record.step is Step.SHIFT else "goes on"
    return (
        f"Interrupted. {record.id} {goes_on} in AWS: see how with `python -m release status --stage {stage}`,"
        f" end it with `python -m release stop --stage {stage}`. The next command finishes what is left."
    )


def _reason(record: Record) -> str:
    return f"{record.reason.strip().rstrip('.')}." if record.reason else "no reason was given."


def _see(runbook: str) -> str:
    return f"See {location(runbook, REGISTRY)}."
