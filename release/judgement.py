"""Decisions of a release's course, as pure functions of what was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from release.deployment import Deployment, State
from release.record import Kind, Outcome, Record
from release.view_model import Snapshot


class Inheritance(StrEnum):
    """What becomes of a release whose command has died."""

    ABANDON = "abandon"
    """Nothing has moved: it is undone."""
    FINISH = "finish"
    """The engine was asked: it is followed to its end, whichever that is."""


def inherited(record: Record, found: str | None) -> Inheritance:
    """Return what to do with a release that was left behind.

    The step is written before it is begun, so the engine has a deployment at `shift` or later, or none: then
    nothing has moved, and nothing of it is begun in the name of somebody who is gone.

    Args:
        record: as its holder last wrote it.
        found: the deployment that the engine has for it, by whatever way it was found.
    """
    return Inheritance.FINISH if record.deployment or found else Inheritance.ABANDON


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a release has ended."""

    outcome: Outcome
    reason: str
    """Why it did not ship; empty when it did."""
    colour: str
    """The one that takes all production traffic; empty when there is none."""


def expected(record: Record, deployment: Deployment) -> str:
    """Return the digest that should run after a deployment: the new one, or the one before."""
    return record.digest if deployment.state is State.SUCCEEDED else record.previous


def judged(deployment: Deployment, problems: Sequence[str], reason: str, colour: str) -> Verdict:
    """Return the verdict on a release whose deployment has settled.

    An engine's word alone ships nothing: what runs must be what was asked for.

    Args:
        deployment: at its end, with its way back.
        problems: why what runs is not what should.
        reason: why the deployment came to nothing, in words.
        colour: the one that takes all production traffic.
    """
    if problems:
        why = " ".join([*([reason] if reason else []), *problems])
        return Verdict(outcome=Outcome.UNCLEAR, reason=why, colour=colour)
    outcomes = {
        State.SUCCEEDED: Outcome.SHIPPED,
        State.FAILED: Outcome.ROLLED_BACK,
        State.STOPPED: Outcome.STOPPED,
    }
    outcome = outcomes[deployment.state]
    return Verdict(outcome=outcome, reason="" if outcome is Outcome.SHIPPED else reason, colour=colour)


def live_colour(snapshot: Snapshot) -> str:
    """Return the colour that takes all production traffic and has healthy targets; empty when none does.

    Traffic that is split, or goes where nothing is healthy, is not to be remembered (decision 3).
    """
    live = snapshot.live
    return live.name if live is not None and live.share == 100 and live.healthy > 0 else ""  # noqa: PLR2004


def origin(shipped: Sequence[Record], live: str) -> Record | None:
    """Return the release that first brought what is live; nothing when no record knows it.

    A rollback is not a step forward: what it went back to counts.

    Args:
        shipped: records of releases that shipped, newest first.
        live: the digest that takes the traffic.
    """
    known = {record.id: record for record in shipped}
    found = next((record for record in shipped if record.digest == live), None)
    while found is not None and found.kind is Kind.ROLLBACK and found.source in known:
        if known[found.source].id >= found.id:
            break
        found = known[found.source]
    return found


def before(shipped: Sequence[Record], live: str) -> tuple[Record, ...]:
    """Return what can be rolled back to, best first: what was shipped before the live digest was.

    So rolling back twice goes two versions back, and never to the one that was just left. When no record
    knows the live digest, everything that shipped is before it.
    """
    first = origin(shipped, live)
    older = [record for record in shipped if first is None or record.id < first.id]
    newest = {record.digest: record for record in reversed(older) if record.digest != live}
    return tuple(sorted(newest.values(), key=lambda record: record.id, reverse=True))
