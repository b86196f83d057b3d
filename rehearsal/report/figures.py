"""What the report's charts show, put together from `report.json`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rehearsal.report.charts import Bar, Frame, Line, Tick, ceiling, clock, lines, stacked
from rehearsal.report.document import Document

_STYLES: Final = 6
"""Fills that the style sheet has for versions."""
_LANE: Final = 30.0
_TAIL: Final = 6
"""Letters at the end of a release's id by which people tell it from others."""
_PERCENT: Final = 100
_RANKS: Final = (("p99_ms", "p99", "p99"), ("p95_ms", "p95", "p95"), ("p50_ms", "p50", "p50"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One chart, ready to be drawn."""

    frame: Frame
    height: float
    bars: Sequence[Bar] = ()
    lines: Sequence[Line] = ()
    bands: Sequence[Bar] = ()
    """Behind everything: when releases ran."""
    marks: Sequence[Bar] = ()
    """Before everything: single moments."""
    lanes: Sequence[Tick] = ()
    values: Sequence[Tick] = ()
    legend: Sequence[tuple[str, str]] = ()
    """Style and what it stands for."""

    @property
    def times(self) -> Sequence[Tick]:
        """The marks of the time axis."""
        return self.frame.times()


def figures(report: Document) -> Mapping[str, Figure]:
    """Return every chart of a report, by name."""
    return {
        "course": _course(report),
        "colours": _colours(report),
        "answers": _answers(report),
        "latency": _latency(report),
    }


def _course(report: Document) -> Figure:
    """Releases and their phases in lanes, with lifecycle events, alarms and faults as marks."""
    releases, faults = report["releases"], report["faults"]
    names = [f"{release['kind']} {release['id'][-_TAIL:]}" for release in releases]
    names += [fault["name"] for fault in faults]
    frame = Frame(report["load_s"], 6, _LANE * max(1, len(names)))
    places = {release["id"]: 6 + _LANE * lane for lane, release in enumerate(releases)}
    bars = [
        _bar(
            frame, places[phase["release"]] + 5, phase, f"{phase['release']}: {phase['name']}", phase["name"]
        )
        for phase in report["phases"]
        if phase["release"] in places
    ]
    for lane, fault in enumerate(faults, len(releases)):
        span = {"t": fault["started"] - report["start"], "until_t": fault["ended"] - report["start"]}
        bars.append(_bar(frame, 6 + _LANE * lane + 5, span, f"fault {fault['name']}", "fault"))
    marks = [
        _mark(frame, event["t"], places[release["id"]], _LANE, f"{event['event']} {event['status']}", "event")
        for release in releases
        for event in release["lifecycle"]
    ]
    marks += [
        _mark(frame, event["t"], 6, frame.height, event["text"], "alarm")
        for event in report["timeline"]["shown"]
        if event["kind"] == "alarm"
    ]
    used = dict.fromkeys(bar.style for bar in bars)
    return Figure(
        frame=frame,
        height=frame.bottom + 24,
        bars=bars,
        marks=marks,
        lanes=[Tick(6 + _LANE * (lane + 0.5), name) for lane, name in enumerate(names)],
        legend=[(style, style.removeprefix("phase ")) for style in used],
    )


def _colours(report: Document) -> Figure:
    """The share of production traffic that each colour was given."""
    frame = Frame(report["load_s"], 10, 120, 1.0)
    steps = report["weights"]
    ends = [*(step["t"] for step in steps), report["load_s"]][1:]
    colours = sorted({colour for step in steps for colour in step["production"]})
    spans = [
        (
            max(step["t"], 0.0),
            max(end, 0.0),
            [
                (f"colour {colour}", f"{colour} {share:.0%} from {clock(step['t'])}", share)
                for colour in colours
                if (share := step["production"].get(colour, 0)) > 0
            ],
        )
        for step, end in zip(steps, ends, strict=True)
        if end > 0
    ]
    return Figure(
        frame=frame,
        height=frame.bottom + 24,
        bars=stacked(frame, spans),
        values=frame.values(lambda share: f"{share * _PERCENT:.0f} %"),
        legend=[(f"colour {colour}", colour) for colour in colours],
    )


def _answers(report: Document) -> Figure:
    """Answers per second by version, and on top of them what was lost."""
    length, rows = report["series"]["length_s"], report["series"]["rows"]
    totals = [sum(row["answers"].values()) + row["failed"] + row["wrong"] for row in rows]
    frame = Frame(report["load_s"], 10, 150, ceiling(max([*totals, 1]) / length))
    styles = {
        found["version"]: f"version v{number % _STYLES}" for number, found in enumerate(report["versions"])
    }
    spans = []
    for row in rows:
        parts = [
            (
                styles.get(version, "version v0"),
                f"{clock(row['t'])}: {count} of {version[:8]}",
                count / length,
            )
            for version, count in row["answers"].items()
        ]
        parts += [
            (word, f"{clock(row['t'])}: {row[word]} {word}", row[word] / length)
            for word in ("wrong", "failed")
        ]
        spans.append((row["t"], min(row["t"] + length, report["load_s"]), parts))
    bad = {found["version"] for found in report["versions"] if found["bad"]}
    named = [
        (style, f"{version[:8]}{' (bad)' if version in bad else ''}") for version, style in styles.items()
    ]
    return Figure(
        frame=frame,
        height=frame.bottom + 24,
        bars=stacked(frame, spans),
        values=frame.values(),
        legend=[*named, ("failed", "failed"), ("wrong", "wrong")],
    )


def _latency(report: Document) -> Figure:
    """The percentiles over time, with the releases behind them."""
    rows = report["series"]["rows"]
    most = max([row["p99_ms"] or 0 for row in rows] or [0])
    frame = Frame(report["load_s"], 10, 180, ceiling(max(most, 1)))
    bands = [
        _bar(frame, frame.top, phase, f"{phase['release']}: {phase['name']}", phase["name"], frame.height)
        for phase in report["phases"]
        if phase["release"]
    ]
    return Figure(
        frame=frame,
        height=frame.bottom + 24,
        lines=lines(frame, rows, _RANKS),
        bands=bands,
        values=frame.values(lambda value: f"{value:g} ms"),
    )


def _bar(
    frame: Frame, y: float, span: Mapping[str, Any], words: str, phase: str, height: float = _LANE - 10
) -> Bar:
    start, end = frame.x(span["t"]), frame.x(span["until_t"])
    title = f"{words}, {clock(span['t'])} to {clock(span['until_t'])}"
    return Bar(start, y, round(max(end - start, 1.0), 1), height, f"phase {phase}", title)


def _mark(frame: Frame, t: float, y: float, height: float, words: str, style: str) -> Bar:
    return Bar(round(frame.x(t) - 1, 1), y, 2, height, style, f"{clock(t)} {words}")
