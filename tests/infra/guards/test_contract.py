"""What carries traffic is what was reviewed last."""

import json

import pytest

from tests.infra.assembly import Assembly
from tests.infra.guards.contract import GOLDEN, contract_of

pytestmark = pytest.mark.slow


def test_what_carries_traffic_is_what_was_reviewed(assembly: Assembly) -> None:
    """Listeners, colours, load balancer, service and deployment group: `make golden`, then read the diff."""
    golden = json.loads((GOLDEN / f"{assembly.stage}.json").read_text(encoding="utf-8"))
    assert json.loads(contract_of(assembly)) == golden


def test_the_reviewed_files_are_as_they_were_written(assembly: Assembly) -> None:
    """Nobody edits them by hand, so a diff shows what the code does."""
    golden = (GOLDEN / f"{assembly.stage}.json").read_text(encoding="utf-8")
    assert golden == json.dumps(json.loads(golden), indent=1, sort_keys=True) + "\n"
