"""The catalogue, played: one fault after the other on one stage, under the same load."""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal import faults
from rehearsal.errors import RehearsalError
from rehearsal.faults import standing
from rehearsal.faults.fault import End, Fault, Loss, Observed, faults_of
from rehearsal.faults.standing import Standing
from rehearsal.faults.strike import Hit, Strike
from rehearsal.judge import losses, played
from rehearsal.judge.played import Played, Release
from rehearsal.judge.requests import Requests
from rehearsal.play import Act, Ledger
from rehearsal.progress import Progress
from rehearsal.provision import Stage
from rehearsal.releases import Ended
from rehearsal.versions import Version
from release.record import Outcome, Record

REST: Final = 60.0
"""Longest that a stage may take to come to rest after a fault."""
_LOOK: Final = 0.25
_SPEAKING: Final = (RehearsalError, BotoCoreError, ClientError, OSError)
"""Errors whose message says what happened."""
_BACK: Final = frozenset({Outcome.ROLLED_BACK, Outcome.STOPPED})


@dataclass(frozen=True, slots=True)
class Course:
    """A fault as it was played: what came of it, and the release, when one was begun."""

    observed: Observed
    release: Release | None
    hit: Hit | None
    started: float
    ended: float
    wrong: tuple[str, ...]
    """What differs from what was expected."""

    def written(self, fault: Fault) -> played.Fault:
        """Return it as the judge reads it."""
        seen = self.observed
        told = "; ".join(self.wrong) or f"{seen.end} version live, exit code {seen.exit_code}"
        return played.Fault(
            name=fault.name,
            expected=str(fault.expected),
            observed=told,
            passed=not self.wrong,
            started=self.started,
            ended=self.ended,
            recovered_s=None if seen.unrest else round(seen.recovered_s, 1),
            bearable=fault.bearable,
            struck=self.hit.at if self.hit else None,
            speed=fault.speed,
        )


def act(catalogue: Sequence[Fault]) -> Act:
    """Return what plays these faults, one after the other."""

    def play(stage: Stage, ledger: Ledger, progress: Progress) -> None:
        for fault in catalogue:
            with progress.step(fault.name, fault.meaning) as note:
                course = play_one(stage, fault)
                ledger.faults.append(course.written(fault))
                if course.release is not None:
                    ledger.releases.append(course.release)
                seen = course.observed
                note.text = "; ".join(course.wrong).upper() or (
                    f"{seen.end} version live, {seen.lost} lost, at rest after {seen.recovered_s:.1f} s"
                )

    return play


def play_one(stage: Stage, fault: Fault) -> Course:
    """Play one fault, see what comes of it, and put back what it changed."""
    strike = _strike(stage, fault)
    ended, problem = acted(strike, fault)
    rested = _rest(strike, fault)
    over = time.time()
    release = _release(strike, fault, ended, over)
    observed = _observed(strike, ended, rested, release, over)
    wrong = (*([problem] if problem else []), *faults_of(fault, observed))
    return Course(observed, release, strike.hit, strike.began, over, wrong)


def _strike(stage: Stage, fault: Fault) -> Strike:
    """Choose versions that are not live, and what takes the place of the first one's program."""
    live = standing.look(stage).digest
    version, spare, *_ = [one for one in (*stage.retrained, stage.first) if one.image.digest != live]
    image = stage.versions.spoiled(version, faults.overlay(fault.bad)) if fault.bad else version.image
    return Strike(stage, version, image, spare, live)


def acted(strike: Strike, fault: Fault) -> tuple[Ended | None, str]:
    """Let a fault act; return how the release ended, and what kept the act from its work."""
    try:
        with closing(strike):
            if fault.speed is not None:
                strike.pace(fault.speed)
            return fault.act(strike), ""
    except Exception as error:  # noqa: BLE001 - an act is anybody's code, and the other faults are to be played
        for begun in strike.begun:
            if not begun.program.has_ended:
                strike.wait(begun)
        said = str(error) if isinstance(error, _SPEAKING) else f"its act failed with {error!r}"
        return (strike.ended[-1] if strike.ended else None), said.replace("\n", " ")


def _rest(strike: Strike, fault: Fault) -> tuple[Standing, float]:
    """Wait until the stage is as the fault should leave it; return how it stands, and since when."""
    deadline = time.monotonic() + REST
    wanted = strike.before if fault.expected.end is End.OLD else strike.image.digest
    while True:
        found, at = standing.look(strike.stage), time.time()
        if (found.digest == wanted and not found.unrest) or time.monotonic() > deadline:
            return found, at
        time.sleep(_LOOK)


def _observed(
    strike: Strike,
    ended: Ended | None,
    rested: tuple[Standing, float],
    release: Release | None,
    over: float,
) -> Observed:
    found, since = rested
    ends = {strike.before: End.OLD, strike.image.digest: End.NEW}
    lost, outside = _lost(strike, release, over)
    return Observed(
        end=ends.get(found.digest, "neither"),
        exit_code=ended.exit_code if ended else -1,
        output=strike.output,
        lost=lost,
        lost_outside=outside,
        struck=strike.hit is not None,
        unrest=found.unrest,
        recovered_s=max(0.0, since - (strike.hit.at if strike.hit else strike.began)),
    )


def _lost(strike: Strike, release: Release | None, over: float) -> tuple[int, int]:
    """Return how many requests were lost, and how many outside a bad version's share."""
    requests = Requests.of(strike.requests_until(over))
    told = Played(
        start=strike.began,
        end=over,
        first=strike.before,
        releases=[release] if release else [],
        faults=[],
        events=strike.stage.timeline.read(),
    )
    split = losses.split(told, requests)
    return len(split.inside) + len(split.outside), len(split.outside)


def _release(strike: Strike, fault: Fault, ended: Ended | None, over: float) -> Release | None:
    """Return the release as the judge reads it; none when nothing was begun."""
    record = ended.record if ended else None
    if record is None or record.digest != strike.image.digest or record.outcome is None:
        return None
    new = fault.expected.end is End.NEW
    strike.stage.timeline.add(
        "release", f"{record.kind} ended: {record.outcome}", release=record.id, what="end"
    )
    return Release(
        id=record.id,
        kind=record.kind,
        strategy=record.strategy,
        engine=record.engine,
        expected=Outcome.SHIPPED if new else _back(record),
        outcome=record.outcome,
        started=strike.began,
        ended=over,
        version=strike.version.model,
        serves=_model(strike, strike.image.digest if new else strike.before).model,
        bad=fault.expected.loss is Loss.CANARY,
        fails_with=fault.fails_with,
        reason=record.reason,
        fault=fault.name,
    )


def _back(record: Record) -> Outcome:
    """Return the outcome that a release must have which is turned back: an engine may call it stopped."""
    return record.outcome if record.outcome in _BACK else Outcome.ROLLED_BACK


def _model(strike: Strike, digest: str) -> Version:
    versions = (strike.version, *strike.stage.retrained, strike.stage.first)
    found = [one for one in versions if one.image.digest == digest]
    return found[0] if found else strike.version
