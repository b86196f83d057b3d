"""The chart of what happened when: a lane for each release and fault."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rehearsal.report.charts import LEFT, RIGHT, WIDTH, Bar, Frame, Label
from rehearsal.report.document import Document
from rehearsal.report.figure import Figure, span_bar, stroke

_LANE: Final = 30.0
_LOW: Final = 21.0
_FEW: Final = 8
"""Lanes up to which each has all the room that it likes."""
_TOP: Final = 6.0
_TAIL: Final = 6
"""Letters at the end of a release's id by which people tell it from others."""


def course(report: Document) -> Figure:
    """Releases and faults in lanes: phases as bars, lifecycle events and alarms as strokes."""
    lanes = _lanes(report)
    height = _LANE if len(lanes) <= _FEW else _LOW
    frame = Frame(report["load_s"], _TOP, height * max(1, len(lanes)))
    phases = [phase for phase in report["phases"] if phase["release"]]
    bars: list[Bar] = []
    marks: list[Bar] = []
    labels: list[Label] = []
    for number, lane in enumerate(lanes):
        top = _TOP + height * number
        if lane.fault:
            bars.append(span_bar(frame, top + height - 5, lane.span(), f"fault {lane.name}", "fault", 4))
        own = {release["id"]: release for release in lane.releases}
        bars += [
            span_bar(
                frame, top + 4, phase, f"{phase['release']}: {phase['name']}", phase["name"], height - 10
            )
            for phase in phases
            if phase["release"] in own
        ]
        marks += [
            stroke(frame, event["t"], (top + 1, height - 4), f"{event['event']} {event['status']}", "event")
            for release in own.values()
            for event in release["lifecycle"]
        ]
        labels.append(_label(frame, top + height / 2, lane))
    marks += [
        stroke(frame, event["t"], (_TOP, frame.height), event["text"], "alarm")
        for event in report["timeline"]["shown"]
        if event["kind"] == "alarm"
    ]
    used = dict.fromkeys(bar.style for bar in bars)
    return Figure(
        frame=frame,
        height=frame.bottom + 24,
        bars=bars,
        marks=marks,
        labels=labels,
        legend=[
            *((style, style.removeprefix("phase ")) for style in used),
            ("event", "lifecycle event"),
            ("alarm", "alarm turned"),
        ],
    )


def _lanes(report: Document) -> list["_Lane"]:
    """Return a lane for each fault with the releases that began during it, and one for any other release."""
    start = report["start"]
    lanes = [_Lane(fault["name"], fault, start, []) for fault in report["faults"]]
    for release in report["releases"]:
        during = [
            lane
            for lane in lanes
            if lane.fault and lane.fault["started"] <= release["started"] < lane.fault["ended"]
        ]
        if during:
            during[0].releases.append(release)
        else:
            lanes.append(_Lane(f"{release['kind']} {release['id'][-_TAIL:]}", None, start, [release]))
    return sorted(lanes, key=lambda lane: lane.span()["t"])


@dataclass(frozen=True, slots=True)
class _Lane:
    name: str
    fault: Mapping[str, Any] | None
    start: float
    releases: list[Mapping[str, Any]]

    def span(self) -> Mapping[str, float]:
        """Return from when until when something stands in it."""
        parts = [*self.releases, *([self.fault] if self.fault else [])]
        return {
            "t": min(part["started"] for part in parts) - self.start,
            "until_t": max(part["ended"] for part in parts) - self.start,
        }


def _label(frame: Frame, y: float, lane: _Lane) -> Label:
    """Put a lane's name where there is more room: after what stands in it, or before."""
    span = lane.span()
    before, after = frame.x(span["t"]), frame.x(span["until_t"])
    if before - LEFT > WIDTH - RIGHT - after:
        return Label(before - 8, y + 4, "end", lane.name)
    return Label(after + 8, y + 4, "start", lane.name)
