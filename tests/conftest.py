"""What holds for every test."""

import re
from pathlib import Path

import pytest

ALL_SLOW = re.compile(r"^pytestmark = pytest\.mark\.slow$", flags=re.MULTILINE)
"""What a file says whose every test is slow."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the files unread whose every test a quick run leaves out: reading them takes seconds."""
    if config.option.markexpr != "not slow" or not collection_path.match("test_*.py"):
        return None
    return ALL_SLOW.search(collection_path.read_text(encoding="utf-8")) is not None or None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which a test was skipped: a promise that was not checked is not kept."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
