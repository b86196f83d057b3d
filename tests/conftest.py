"""What holds for every test."""

import pytest


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which a test was skipped: a promise that was not checked is not kept."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
