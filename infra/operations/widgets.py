"""The parts of a dashboard as CloudWatch reads them, as plain data.

Plain data because a dashboard is one document: constructs for each line of each graph would cost more time
at every synth than the rest of the stack. Source: "Dashboard body structure and syntax", CloudWatch API
reference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

WIDTH: Final = 24
"""Columns of a dashboard."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One metric of a graph, or an input of its formulas."""

    namespace: str
    """Namespace of the metric."""
    metric: str
    """The metric."""
    dimensions: Mapping[str, str]
    """What it belongs to."""
    stat: str
    """How the values of a period become one, such as `Sum` or `p99`."""
    label: str
    """What a reader sees."""
    id: str | None = None
    """Name in formulas."""
    visible: bool = True
    """Whether it is drawn, or only used in formulas."""

    def row(self) -> list[Any]:
        """Return it as CloudWatch reads it."""
        names = [part for pair in self.dimensions.items() for part in pair]
        how: Json = {"stat": self.stat, "label": self.label}
        if self.id:
            how["id"] = self.id
        if not self.visible:
            how["visible"] = False
        return [self.namespace, self.metric, *names, how]


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A line computed from others by metric math."""

    expression: str
    """The formula, over the ids of lines."""
    label: str
    """What a reader sees."""

    def row(self) -> list[Any]:
        """Return it as CloudWatch reads it."""
        return [{"expression": self.expression, "label": self.label}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Lines over time, or their last values as numbers."""

    title: str
    """What it shows, and its unit."""
    lines: Sequence[Line | Formula]
    """What is drawn."""
    period: int
    """Seconds that one point stands for."""
    limits: Mapping[str, float] | None = None
    """Horizontal lines: where something begins to be wrong, by what it is."""
    numbers: bool = False
    """Whether to show the last values instead of lines."""
    stacked: bool = False
    """Whether lines are drawn on top of each other."""

    def widget(self, region: str) -> Json:
        """Return it as CloudWatch reads it."""
        properties: Json = {
            "title": self.title,
            "region": region,
            "view": "singleValue" if self.numbers else "timeSeries",
            "stacked": self.stacked,
            "period": self.period,
            "metrics": [line.row() for line in self.lines],
        }
        if not self.numbers:
            properties["yAxis"] = {"left": {"min": 0}}
        if self.limits:
            properties["annotations"] = {
                "horizontal": [{"label": label, "value": value} for label, value in self.limits.items()]
            }
        return {"type": "metric", "properties": properties}


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Words, in Markdown."""

    markdown: str
    """The words."""

    def widget(self, _region: str) -> Json:
        """Return it as CloudWatch reads it."""
        return {"type": "text", "properties": {"markdown": self.markdown}}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmStatus:
    """Alarms as coloured boxes, the last that changed first."""

    title: str
    """What they are."""
    arns: Sequence[str]
    """Their ARNs, at most 100."""

    def widget(self, _region: str) -> Json:
        """Return it as CloudWatch reads it."""
        properties = {"title": self.title, "alarms": list(self.arns), "sortBy": "stateUpdatedTimestamp"}
        return {"type": "alarm", "properties": properties}


@dataclass(frozen=True, slots=True)
class Row:
    """Widgets beside each other, equally wide."""

    height: int
    """Rows of the dashboard's grid that it takes."""
    widgets: Sequence[Graph | Text | AlarmStatus]
    """From left to right; their number divides 24."""


def layout(rows: Sequence[Row], *, region: str, start: str) -> Json:
    """Return the document of a dashboard: the rows from top to bottom, with their own periods.

    Args:
        rows: what it shows.
        region: where the metrics are.
        start: how far it looks back at first, such as `-PT3H`.
    """
    placed: list[Json] = []
    top = 0
    for row in rows:
        width = WIDTH // max(len(row.widgets), 1)
        placed += [
            {"x": i * width, "y": top, "width": width, "height": row.height, **widget.widget(region)}
            for i, widget in enumerate(row.widgets)
        ]
        top += row.height
    return {"start": start, "periodOverride": "inherit", "widgets": placed}
