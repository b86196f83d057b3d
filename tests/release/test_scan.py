"""What a scan says against an image."""

import pytest

from infra.settings import Severity
from release.scan import judge


@pytest.mark.parametrize("status", ["COMPLETE", "ACTIVE"])
def test_findings_that_the_stage_accepts_are_accepted(status: str) -> None:
    """However many."""
    assert judge(status, {"HIGH": 3, "MEDIUM": 200, "UNDEFINED": 7}, Severity.HIGH) == ""


def test_worse_findings_are_counted_the_worst_first() -> None:
    """With what to do."""
    assert judge("COMPLETE", {"MEDIUM": 5, "HIGH": 2, "CRITICAL": 1, "LOW": 9}, Severity.LOW) == (
        "The image's scan found 1 critical, 2 high, 5 medium, and the stage accepts low at most: build it "
        "with newer packages, or change release.max_severity."
    )


@pytest.mark.parametrize("name", ["UNDEFINED", "UNTRIAGED", "INFORMATIONAL"])
def test_what_nobody_has_judged_counts_as_worth_knowing(name: str) -> None:
    """So it is refused only where nothing is accepted."""
    assert judge("COMPLETE", {name: 1}, Severity.INFORMATIONAL) == ""
    assert "found 1" in judge("COMPLETE", {name: 1}, Severity.NONE)


@pytest.mark.parametrize("status", ["IN_PROGRESS", "PENDING"])
def test_a_scan_that_has_not_finished_is_waited_for(status: str) -> None:
    """Whatever it has found so far."""
    assert judge(status, {}, Severity.CRITICAL) == (
        "The image's scan has not finished: release it again in a minute."
    )


@pytest.mark.parametrize("status", ["FAILED", "UNSUPPORTED_IMAGE", "SCAN_ELIGIBILITY_EXPIRED", "NEW_WORD"])
def test_a_scan_that_came_to_nothing_lets_nothing_pass(status: str) -> None:
    """Not even where every finding is accepted."""
    assert judge(status, {}, Severity.CRITICAL) == (
        f"The image's scan ended with {status}, so nobody knows what is in it: scan it again."
    )


def test_an_answer_without_a_status_lets_nothing_pass() -> None:
    """Silence is no finding."""
    assert "no status" in judge("", {}, Severity.CRITICAL)
