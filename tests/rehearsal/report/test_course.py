"""The chart of what happened when."""

import pytest

from rehearsal.report.course import course
from rehearsal.report.document import Document
from tests.rehearsal.report.sample import failing, passing

pytestmark = pytest.mark.slow  # judges whole runs


@pytest.fixture(scope="module")
def report() -> Document:
    """A run with three releases and two faults."""
    return passing()


def test_a_release_stands_in_the_lane_of_its_fault(report: Document) -> None:
    """Lanes are in order of time, named where there is room."""
    labels = course(report).labels
    assert [(label.text, label.anchor) for label in labels] == [
        ("ship r1", "start"),
        ("5xx under production traffic only", "start"),
        ("ship r3", "end"),
        ("old task killed while nothing happens", "end"),
    ]
    assert [label.text for label in course(failing()).labels] == ["ship r1", "ship r2", "ship r3"]


def test_every_phase_event_and_alarm_is_told_to_whoever_points_at_it(report: Document) -> None:
    """With the times from when until when."""
    figure = course(report)
    titles = [bar.title for bar in figure.bars]
    assert "r2: rollback, 0:49 to 0:56" in titles
    assert "fault 5xx under production traffic only, 0:36 to 0:56" in titles
    assert [mark.title for mark in figure.marks if mark.style == "alarm"] == ["0:48 errors of blue are ALARM"]
    assert "0:49 AllowTraffic Failed" in [mark.title for mark in figure.marks]
    assert len(figure.bars) == 3 + 3 + 3 + 2


def test_many_lanes_are_lower(report: Document) -> None:
    """A catalogue of faults fits on a page."""
    many = report | {"faults": [report["faults"][0] | {"name": f"fault {n}"} for n in range(17)]}
    assert course(many).height < 460
