"""The rehearsal itself: a stage comes up, something is done to it under load, and all of it is judged."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from rehearsal import due, faults
from rehearsal.judge.judgement import Judgement, judge
from rehearsal.judge.played import Fault, Played, Release
from rehearsal.judge.requests import Requests
from rehearsal.progress import Progress
from rehearsal.provision import Provision, Stage
from rehearsal.versions import Version
from release.record import Outcome

STEADY_SECONDS: Final = 4.0
"""For which nothing happens before and between releases, so that there is something to compare with."""


@dataclass
class Ledger:
    """What was played so far, for the judge."""

    releases: list[Release] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


Act = Callable[[Stage, Ledger, Progress], None]
"""What is done to a stage while the load goes on."""


@dataclass(frozen=True, slots=True)
class Run:
    """A rehearsal that has been played."""

    stage: Stage
    judgement: Judgement
    seconds: float
    """From its beginning, before there was a load."""


def play(provision: Provision, act: Act) -> Run:
    """Bring a stage up, do something to it under load, and judge what clients and operators saw of it.

    The stage still runs when this returns.

    Raises:
        RehearsalError: A step did not do its work.
    """
    begun = time.monotonic()
    stage = provision.run()
    ledger = Ledger()
    box = stage.box
    given = due.of(
        box.plane,
        box.clock,
        load_balancer=box.entry("traffic/load-balancer"),
        cluster=box.settings.prefix,
        service=box.entry("service/name"),
    )
    load = stage.load()
    try:
        time.sleep(STEADY_SECONDS)
        act(stage, ledger, provision.progress)
        time.sleep(STEADY_SECONDS)
        span = load.stop()
    except BaseException:
        load.kill()
        raise
    played = Played(
        start=span.start,
        end=span.end,
        first=stage.first.model,
        releases=ledger.releases,
        faults=ledger.faults,
        events=stage.timeline.read(),
        rate=load.plan.rate,
        unaccounted=span.unaccounted,
        due=given,
    )
    return Run(stage, judge(played, Requests.read(load.lines)), time.monotonic() - begun)


def three_releases(stage: Stage, ledger: Ledger, progress: Progress) -> None:
    """Ship a first release, then a retrained model, then one that fails its clients and is turned back.

    All three move by the strategy of the stage. The third passes its gate: it answers rightly until it
    meets production traffic.
    """
    first, second, third = stage.retrained
    ship(stage, ledger, progress, "first release", first)
    time.sleep(STEADY_SECONDS)
    ship(stage, ledger, progress, "retrained", second)
    time.sleep(STEADY_SECONDS)
    ship(stage, ledger, progress, "bad version", third, spoiled="errors_in_production", serves=second)


def ship(
    stage: Stage,
    ledger: Ledger,
    progress: Progress,
    name: str,
    version: Version,
    *,
    spoiled: str = "",
    serves: Version | None = None,
) -> None:
    """Push a version's image and ship it.

    Args:
        stage: To which.
        ledger: Where the release is written down.
        progress: Who is told.
        name: Of the step.
        version: Which.
        spoiled: The bad version of `rehearsal/faults/bad` that takes the place of its program.
        serves: The version that must serve afterwards, when it is not this one.
    """
    built = stage.versions.spoiled(version, faults.overlay(spoiled)) if spoiled else version.image
    with progress.step(name, f"ship {built.digest[:19]}…") as note:
        played = stage.releases.play(
            *("ship", "--image", stage.box.push(built)),
            expected=Outcome.ROLLED_BACK if serves else Outcome.SHIPPED,
            version=version.model,
            serves=(serves or version).model,
            bad=bool(spoiled),
            fails_with=faults.FAILS_WITH.get(spoiled, ()),
            watch=note.doing,
        )
        ledger.releases.append(played)
        note.text = f"{played.outcome}, model {version.model[:12]} by {played.strategy}"
