"""The promises of a rehearsal, each with its verdict and what it rests on."""

from dataclasses import dataclass

from rehearsal.judge import answers, draining, gate, live, outcomes, pauses, slowness
from rehearsal.judge.facts import Facts, Found, Verdict, listed, verdict


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise, the verdict on it, and in a sentence what that rests on."""

    name: str
    promise: str
    verdict: Verdict
    evidence: str


def judge(facts: Facts) -> list[Promise]:
    """Return the verdict on every promise."""
    return [
        Promise(name, promise, *check(facts))
        for name, promise, check in (
            ("load", "The load never pauses.", pauses.judge),
            ("nothing lost", "Every request is answered.", answers.nothing_lost),
            ("nothing wrong", "Every answer is what the version's package predicts.", answers.nothing_wrong),
            ("latency", slowness.PROMISE, slowness.judge),
            ("gate", "No version takes traffic before its gate has passed.", gate.judge),
            ("outcomes", "Every release ends as it should.", outcomes.judge),
            ("live version", "Only the version answers that has the traffic.", live.judge),
            ("draining", draining.PROMISE, draining.judge),
            ("faults", "Every fault ends as it should.", _faults),
        )
    ]


def _faults(facts: Facts) -> Found:
    faults = facts.played.faults
    off = [f"{fault.name}: {fault.observed}" for fault in faults if not fault.passed]
    if not faults:
        return "not played", "No fault was played."
    return verdict(not off), f"{listed(off)}." if off else f"All {len(faults)} faults did."
