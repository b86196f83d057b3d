"""What the report's charts show, put together from `report.json`."""

from collections.abc import Mapping
from typing import Final

from rehearsal.report.charts import Frame, ceiling, clock, lines, stacked
from rehearsal.report.course import course
from rehearsal.report.document import Document
from rehearsal.report.figure import Figure, span_bar

_STYLES: Final = 6
"""Fills that the style sheet has for versions."""
_PERCENT: Final = 100
_RANKS: Final = (("p99_ms", "p99", "p99"), ("p95_ms", "p95", "p95"), ("p50_ms", "p50", "p50"))


def figures(report: Document) -> Mapping[str, Figure]:
    """Return every chart of a report, by name."""
    return {
        "course": course(report),
        "colours": _colours(report),
        "answers": _answers(report),
        "latency": _latency(report),
    }


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
        span_bar(frame, frame.top, phase, f"{phase['release']}: {phase['name']}", phase["name"], frame.height)
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
