"""`report.json`: everything that a rehearsal came to, as `schema.json` describes it."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from rehearsal import resources
from rehearsal.judge import latency
from rehearsal.judge.judgement import Judgement
from rehearsal.judge.latency import Latency
from rehearsal.judge.phases import Phase, lifecycle
from rehearsal.judge.played import Fault, Release
from rehearsal.judge.requests import Request, percentile
from rehearsal.judge.weights import Shares
from rehearsal.report.series import series
from rehearsal.resources import Resource

SCHEMA: Final = Path(__file__).with_name("schema.json")
LATE_MS: Final = 1000.0
"""From when on an answer counts as late; it is told, and breaks no promise by itself."""
MOST_FAILURES: Final = 200
"""Lost requests that are listed; all are counted."""
MOST_EVENTS: Final = 1500
"""Events of the timeline that are listed; all are counted."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What was played and where, as the report's reader needs it."""

    stage: str
    speed: float
    """How many of AWS's seconds passed in one of this machine."""
    facts: Mapping[str, str]
    """What else to tell: endpoint, image; name and value."""
    machine: Mapping[str, str]
    """Where it was played: name and value."""
    resources: Sequence[Resource]
    duration_s: float
    """Seconds from the start of the rehearsal, before the load, until its end."""
    pretend: str = ""
    """The mistake that the data plane made on purpose, by its name; empty when it made none."""


def document(judgement: Judgement, setting: Setting) -> Document:
    """Return the report of a run."""
    start = judgement.played.start
    return {
        "format": 1,
        "verdict": "pass" if judgement.passed else "fail",
        "pretend": setting.pretend,
        "stage": setting.stage,
        "start": round(start, 3),
        "duration_s": round(setting.duration_s, 1),
        "load_s": round(judgement.played.end - start, 1),
        "speed": setting.speed,
        "facts": dict(setting.facts),
        "machine": dict(setting.machine),
        "promises": [asdict(promise) for promise in judgement.promises],
        "requests": _requests(judgement),
        "p99_ms": {"steady": _p99(judgement.latency.get("steady")), "shift": _p99(judgement.moved)},
        "latency": [{"phase": name, **_told(found)} for name, found in judgement.latency.items()],
        "releases": [_release(judgement, release) for release in judgement.played.releases],
        "faults": [_fault(judgement, fault, setting.speed) for fault in judgement.played.faults],
        "resources": _resources(setting.resources),
        "versions": _versions(judgement),
        "series": series(judgement),
        "weights": _weights(judgement),
        "phases": [_phase(phase, start) for phase in judgement.phases],
        "failures": _failures(judgement),
        "timeline": _timeline(judgement),
    }


def pretence(report: Document) -> str:
    """Return what must be known of a run that made a mistake on purpose; nothing of any other."""
    if not report["pretend"]:
        return ""
    return (
        f"THIS RUN PRETENDED ({report['pretend']}): it ended tasks in a wrong order on purpose. "
        "It shows whether the bench notices, and nothing about a release."
    )


def write(report: Document, path: Path) -> None:
    """Write `report.json` as a whole."""
    draft = path.with_suffix(".draft")
    draft.write_text(as_json(report), encoding="utf-8")
    draft.rename(path)


def as_json(report: Document) -> str:
    """Return the report as JSON text."""
    return json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _requests(judgement: Judgement) -> Document:
    every = judgement.requests.all
    counts = Counter(request.verdict for request in every)
    lag = percentile([request.lag for request in every], 0.99)
    return {
        "sent": len(every),
        "failed": counts["failed"],
        "wrong": counts["wrong"],
        "late": sum(not request.lost and request.ms > LATE_MS for request in every),
        "within_bad_share": len(judgement.loss.inside),
        "outside_bad_share": len(judgement.loss.outside),
        "connections": dict(sorted(Counter(request.connection for request in every).items())),
        "kinds": dict(sorted(Counter(request.kind for request in every).items())),
        "lag_p99_ms": round(lag or 0.0, 1),
    }


def _p99(found: Latency | None) -> float | None:
    return found.p99 if found else None


def _told(found: Latency) -> Document:
    ranks = {"p50_ms": found.p50, "p95_ms": found.p95, "p99_ms": found.p99}
    return {"requests": found.requests, "lost": found.lost, **ranks}


def _release(judgement: Judgement, release: Release) -> Document:
    inside, outside = judgement.lost_between(release.started, release.ended)
    around = latency.around(release, judgement.requests)
    start = judgement.played.start
    return {
        **asdict(release),
        "fails_with": list(release.fails_with),
        "lost": inside + outside,
        "lost_outside": outside,
        "lifecycle": [
            {
                "t": round(event["at"] - start, 1),
                "event": str(event.get("event", "")),
                "status": str(event.get("status", "")),
            }
            for event in lifecycle(release, judgement.played.events)
        ],
        "latency": {name: _told(found) for name, found in around.items()},
    }


def _fault(judgement: Judgement, fault: Fault, usual: float) -> Document:
    inside, outside = judgement.lost_in(fault)
    return {**asdict(fault), "speed": fault.speed or usual, "lost": inside + outside, "lost_outside": outside}


def _resources(surveyed: Sequence[Resource]) -> Document:
    """Count by type what became of the resources."""
    rows = Counter((item.fate, item.type) for item in surveyed)
    return {
        **{str(fate): number for fate, number in resources.count(surveyed).items()},
        "total": len(surveyed),
        "rows": [
            {"fate": fate, "type": kind, "count": rows[fate, kind]}
            for fate in resources.FATES
            for kind in sorted(kind for found, kind in rows if found == fate)
        ],
    }


def _versions(judgement: Judgement) -> list[Document]:
    answers = Counter(request.version for request in judgement.requests.all if request.version)
    first: dict[str, Request] = {}
    for request in judgement.requests.all:
        first.setdefault(request.version, request)
    bad = {release.version for release in judgement.played.releases if release.bad}
    start = judgement.played.start
    return [
        {"version": name, "answers": answers[name], "first_t": round(one.due - start, 1), "bad": name in bad}
        for name, one in first.items()
        if name
    ]


def _weights(judgement: Judgement) -> list[Document]:
    shares = Shares.of(judgement.played.events)
    start = judgement.played.start
    return [
        {
            "t": round(at - start, 1),
            "production": {colour: round(share, 4) for colour, share in found.items()},
        }
        for at, found in zip(shares.times, shares.shares, strict=True)
    ]


def _phase(phase: Phase, start: float) -> Document:
    times = {"t": round(phase.start - start, 1), "until_t": round(phase.end - start, 1)}
    return {"name": phase.name, "release": phase.release, **times}


def _failures(judgement: Judgement) -> Document:
    inside = {id(request) for request in judgement.loss.inside}
    start = judgement.played.start
    # What nothing accounts for comes first: it must not be cut off.
    listed = [*judgement.loss.outside, *judgement.loss.inside][:MOST_FAILURES]
    return {
        "count": len(judgement.lost),
        "shown": [
            {
                "t": round(request.due - start, 3),
                "verdict": request.verdict,
                "status": request.status,
                "version": request.version,
                "connection": request.connection,
                "kind": request.kind,
                "ms": round(request.ms, 1),
                "reason": request.reason[:300],
                "within_bad_share": id(request) in inside,
            }
            for request in listed
        ],
    }


def _timeline(judgement: Judgement) -> Document:
    events = judgement.played.events
    start = judgement.played.start
    return {
        "count": len(events),
        "shown": [
            {"t": round(event["at"] - start, 1), "kind": event["kind"], "text": str(event["text"])[:300]}
            for event in events[:MOST_EVENTS]
        ],
    }
