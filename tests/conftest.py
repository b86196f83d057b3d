"""What holds for every test."""

import re
from pathlib import Path

import pytest

ALL_SLOW = re.compile(r"^pytestmark = \[?pytest\.mark\.slow\b", flags=re.MULTILINE)
"""What a file says whose every test is slow."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the files unread of which a run wants no test: reading them all takes seconds."""
    wanted = config.option.markexpr
    if wanted not in {"not slow", "alone", "docker"} or not collection_path.match("test_*.py"):
        return None
    text = collection_path.read_text(encoding="utf-8")
    if wanted == "not slow":
        return ALL_SLOW.search(text) is not None or None
    return f"pytest.mark.{wanted}" not in text or None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which a test was skipped: a promise that was not checked is not kept."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
