"""In CI (where CI is set) a skipped test is a failure: all that can be had is there, so a skip hides something."""

import os

import pytest

# Reasons that may stand, each with why it cannot be otherwise. None so far.
ALLOWED: frozenset[str] = frozenset()


def reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a skipped report was skipped, as the test said it."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


class NoSkips:
    def __init__(self) -> None:
        self.skipped: list[tuple[str, str]] = []

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        expected_failure = hasattr(report, "wasxfail")
        if report.skipped and not expected_failure and reason(report) not in ALLOWED:
            self.skipped.append((report.nodeid, reason(report)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.skipped and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.skipped:
            terminalreporter.section("skipped, which CI does not allow")
            for nodeid, why in self.skipped:
                terminalreporter.line(f"{nodeid}: {why}")


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("CI"):
        config.pluginmanager.register(NoSkips(), "no-skips")
