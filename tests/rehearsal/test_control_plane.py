"""Starting the control plane."""

from pathlib import Path

import pytest

from rehearsal import addresses
from rehearsal.errors import StepFailed
from tests.rehearsal import planes


@pytest.mark.slow
def test_one_that_loses_its_port_is_not_taken_for_the_one_that_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two start at the same time, each with a port that was free: the second is told to have failed."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    with planes.started(first) as plane:
        taken = int(plane.endpoint.rpartition(":")[2])
        monkeypatch.setattr(addresses, "free_port", lambda: taken)
        with pytest.raises(StepFailed, match=r"did not start:\n(?s:.*)in use"), planes.started(second):
            pass
