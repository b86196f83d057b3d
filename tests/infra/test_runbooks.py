"""Runbooks: each is where the alarms say, and names only what exists."""

from pathlib import Path

import pytest

from infra.runbooks import FOLDER, RUNBOOKS, runbook
from infra.settings import RegistrySettings

ROOT = Path(__file__).parent.parent.parent


def test_every_runbook_is_a_document_and_the_reverse() -> None:
    """A link from an alarm leads somewhere, and no document is without a name."""
    assert sorted(path.stem for path in (ROOT / FOLDER).iterdir()) == sorted(RUNBOOKS)


@pytest.mark.parametrize(
    ("github", "sentence"),
    [
        (None, "See docs/runbooks/quota.md."),
        ("plant/yield", "See https://github.com/plant/yield/blob/main/docs/runbooks/quota.md."),
    ],
)
def test_a_runbook_is_a_link_where_the_repository_is_known(github: str | None, sentence: str) -> None:
    """Whoever reads an alarm can click; without a repository the path has to do."""
    assert runbook("quota", RegistrySettings(github=github)) == sentence


def test_a_runbook_that_nobody_wrote_is_refused() -> None:
    """A mistyped name fails at synth, not at three in the morning."""
    with pytest.raises(ValueError, match=r"There is no runbook 'quotas': choose one of release-stuck, "):
        runbook("quotas", RegistrySettings())
