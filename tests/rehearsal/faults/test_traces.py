"""Every bad version leaves its trace, and a good one leaves none of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rehearsal.faults import bad_versions
from rehearsal.faults.strike import Strike
from rehearsal.releases import Ended

from .stand_in import BLUE_TO_GREEN, OLD, StandIn, answered, lifecycle, task

Act = Callable[[Strike], Ended]
GOOD: Any = {
    "events": [
        task("started"),
        task("healthy"),
        lifecycle("AfterAllowTestTraffic", "Succeeded"),
        *BLUE_TO_GREEN,
        task("draining", OLD),
        task("stopped", OLD, exit_code=0),
    ],
    "lines": [answered(), answered(ms=310.0)],
    "gate": "Asking 10 probes.\nReporting Succeeded.\n",
}
"""What a release leaves that nothing happened to."""
LEFT: dict[Act, Any] = {
    bad_versions.crashes: {"events": [task("started"), task("stopped", exit_code=1)]},
    bad_versions.never_ready: {"events": [task("started"), task("stopped", exit_code=0)]},
    bad_versions.wrong_answers: {
        "events": [lifecycle("AfterAllowTestTraffic", "Failed")],
        "gate": "Probe 'a' was answered with 1.01 instead of 1.0.\n",
    },
    bad_versions.takes_memory: {"events": [task("healthy"), task("killed")]},
    bad_versions.slow: {"lines": [answered(ms=3004.0)]},
    bad_versions.errors: {"lines": [answered(status=500, version="", verdict="failed")]},
}


@pytest.mark.parametrize("act", LEFT)
def test_a_bad_version_is_known_by_what_it_left(tmp_path: Path, act: Act) -> None:
    """The fault has struck."""
    strike = StandIn(tmp_path, **LEFT[act]).strike()
    assert act(strike).exit_code == 0
    assert strike.hit is not None
    assert [event["kind"] for event in strike.stage.timeline.read()].count("fault") == 1


@pytest.mark.parametrize("act", LEFT)
def test_a_good_release_leaves_none_of_it(tmp_path: Path, act: Act) -> None:
    """Whichever fault it is taken for."""
    strike = StandIn(tmp_path, **GOOD).strike()
    act(strike)
    assert strike.hit is None


OTHERWISE: dict[Act, Any] = {
    bad_versions.crashes: {
        "events": [task("started"), task("stopped", exit_code=0), task("stopped", exit_code=143)]
    },
    bad_versions.wrong_answers: {
        "events": [lifecycle("AfterAllowTestTraffic", "Failed")],
        "gate": "Probe 'a' was answered with status 503 to the end.\n",
    },
    bad_versions.errors: {"lines": [answered(status=503, version="", verdict="failed")]},
}


@pytest.mark.parametrize("act", OTHERWISE)
def test_another_failure_is_not_taken_for_it(tmp_path: Path, act: Act) -> None:
    """The same end for another reason shows nothing of this fault."""
    strike = StandIn(tmp_path, **OTHERWISE[act]).strike()
    act(strike)
    assert strike.hit is None


@pytest.mark.parametrize("act", LEFT)
def test_what_an_earlier_fault_left_counts_for_nothing(tmp_path: Path, act: Act) -> None:
    """Timeline, load and log are read from the beginning of this one on."""
    stand_in = StandIn(tmp_path, **LEFT[act])
    stand_in.strike().ship()
    later = StandIn(tmp_path, **GOOD).strike()
    act(later)
    assert later.hit is None


@pytest.mark.parametrize("act", LEFT)
def test_what_the_version_before_leaves_is_none_of_the_new_ones(tmp_path: Path, act: Act) -> None:
    """Its tasks end, and its answers are its own."""
    strike = StandIn(
        tmp_path,
        [task("killed", OLD), task("stopped", OLD, exit_code=137), task("started", OLD)],
        [answered(version="0" * 64, ms=3004.0)],
    ).strike()
    act(strike)
    assert strike.hit is None
