"""The promises of a rehearsal, each with its verdict and what it rests on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from rehearsal.judge.latency import Latency
from rehearsal.judge.losses import Loss
from rehearsal.judge.phases import gaps, lifecycle
from rehearsal.judge.played import Played
from rehearsal.judge.requests import Request, Requests

MOST_SLOWER: Final = 2.0
"""How many times the steady p99 the p99 during shifts may be."""
FEWEST: Final = 200
"""Requests that a p99 must rest on, else it shows nothing."""
GATE: Final = frozenset({"AfterAllowTestTraffic", "POST_TEST_TRAFFIC_SHIFT"})
"""The lifecycle events in which the gate's hook asks the new version, of either engine."""
NOTICED: Final = 1.0
"""Seconds after which the timeline may have noticed that the gate passed."""
_NAMED: Final = 3

Verdict = Literal["pass", "fail", "not played"]


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise, the verdict on it, and in a sentence what that rests on."""

    name: str
    promise: str
    verdict: Verdict
    evidence: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the promises are judged by."""

    played: Played
    requests: Requests
    loss: Loss
    latency: Mapping[str, Latency]


def judge(facts: Facts) -> list[Promise]:
    """Return the verdict on every promise."""
    return [
        Promise(name, promise, *check(facts))
        for name, promise, check in (
            ("nothing lost", "Every request is answered.", _nothing_lost),
            ("nothing wrong", "Every answer is what the version's package predicts.", _nothing_wrong),
            ("latency", "p99 during shifts is at most 2 times the steady p99.", _latency),
            ("gate", "No version takes traffic before its gate has passed.", _gate),
            ("outcomes", "Every release ends as it should.", _outcomes),
            ("live version", "Between releases only the right version answers.", _live),
            ("faults", "Every fault ends as it should.", _faults),
        )
    ]


Found = tuple[Verdict, str]


def _nothing_lost(facts: Facts) -> Found:
    return _losses(facts, "failed", lambda request: request.verdict == "failed")


def _nothing_wrong(facts: Facts) -> Found:
    return _losses(facts, "were answered wrongly", lambda request: request.verdict == "wrong")


def _losses(facts: Facts, word: str, is_one: Callable[[Request], bool]) -> Found:
    sent = len(facts.requests.all)
    inside, outside = (sum(map(is_one, part)) for part in (facts.loss.inside, facts.loss.outside))
    if not sent:
        return "fail", "No request was sent."
    share = f" outside a bad version's canary share, {inside:,} within it" if inside else ""
    return _verdict(outside == 0), f"{outside:,} of {sent:,} requests {word}{share}."


def _latency(facts: Facts) -> Found:
    shift, steady = facts.latency.get("shift"), facts.latency.get("steady")
    if shift is None:
        return "not played", "No traffic was shifted."
    if steady is None or steady.p99 is None or shift.p99 is None or steady.requests < FEWEST:
        return "fail", "Too few requests were answered to compare with."
    times = shift.p99 / max(steady.p99, 0.1)
    told = f"{shift.p99:.1f} ms during shifts, {steady.p99:.1f} ms steady: {times:.2f} times."
    return _verdict(times <= MOST_SLOWER), told


def _gate(facts: Facts) -> Found:
    played = facts.played
    passed = {played.first: played.start}
    for release in played.releases:
        times = [float(event["at"]) for event in lifecycle(release, played.events) if _has_passed(event)]
        if release.version and (times or not release.gated):
            at = min(times, default=release.started)
            passed[release.version] = min(at, passed.get(release.version, at))
    first: dict[str, float] = {}
    for request in facts.requests.all:
        if request.version:
            first[request.version] = min(request.answered, first.get(request.version, request.answered))
    early = [v for v, at in first.items() if at < passed.get(v, float("inf")) - NOTICED]
    asked = [release for release in played.releases if release.gated and release.version in passed]
    if not asked and not early:
        return "not played", "No release asked a version before traffic came."
    if early:
        return "fail", f"Answered before its gate had passed: {_listed(version[:12] for version in early)}."
    return "pass", f"{len(first)} versions answered, each after its gate."


def _has_passed(event: Mapping[str, object]) -> bool:
    return event.get("event") in GATE and str(event.get("status", "")).casefold() == "succeeded"


def _outcomes(facts: Facts) -> Found:
    releases = facts.played.releases
    off = [f"{one.id} {one.outcome}, not {one.expected}" for one in releases if not one.as_expected]
    if not releases:
        return "not played", "No release was played."
    return _verdict(not off), f"{_listed(off)}." if off else f"All {len(releases)} releases did."


def _live(facts: Facts) -> Found:
    played = facts.played
    busy = [(release.started, release.ended) for release in played.releases]
    ended = sorted((one.ended, one.serves) for one in played.releases if one.serves)
    asked = 0
    others: list[str] = []
    for start, end in gaps(busy, played.start, played.end):
        right = [version for at, version in ended if at <= start][-1:] or [played.first]
        answers = [request for request in facts.requests.between(start, end) if request.version]
        asked += len(answers)
        others += [request.version[:12] for request in answers if request.version != right[0]]
    if others:
        return "fail", f"{len(others):,} answers between releases were of {_listed(dict.fromkeys(others))}."
    return "pass", f"All {asked:,} answers between releases were of the version that should be live."


def _faults(facts: Facts) -> Found:
    faults = facts.played.faults
    off = [f"{fault.name}: {fault.observed}" for fault in faults if not fault.passed]
    if not faults:
        return "not played", "No fault was played."
    return _verdict(not off), f"{_listed(off)}." if off else f"All {len(faults)} faults did."


def _verdict(holds: bool) -> Verdict:  # noqa: FBT001 - nothing but the answer
    return "pass" if holds else "fail"


def _listed(items: Iterable[str]) -> str:
    names = list(items)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
