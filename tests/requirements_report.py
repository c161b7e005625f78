"""Which test proves which requirement: `pytest --requirements-report FILE` writes it as JSON.

The file is `{id: {test: outcome}}`; a test is a function, its parameters taken together, and its outcome the worst
of theirs: failed, skipped, passed, or "collected" where nothing ran (`--collect-only`). tools/requirements.py makes
the page out of it.
"""

import json
from pathlib import Path

import pytest

WORST_FIRST = ("failed", "skipped", "passed", "collected")


def function_name(nodeid: str) -> str:
    """A node id without its parameters."""
    return nodeid.partition("[")[0]


class RequirementsReport:
    def __init__(self) -> None:
        self.carriers: dict[str, set[str]] = {}
        self.outcomes: dict[str, str] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            for mark in item.iter_markers("requirement"):
                for requirement in mark.args:
                    self.carriers.setdefault(requirement, set()).add(function_name(item.nodeid))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            name = function_name(report.nodeid)
            self.outcomes[name] = min(self.outcomes.get(name, "collected"), report.outcome, key=WORST_FIRST.index)

    def as_json(self) -> str:
        report = {
            requirement: {test: self.outcomes.get(test, "collected") for test in sorted(tests)}
            for requirement, tests in sorted(self.carriers.items())
        }
        return json.dumps(report, indent=1) + "\n"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--requirements-report", metavar="FILE", help="write requirement id → tests → outcome as JSON")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--requirements-report"):
        config.pluginmanager.register(RequirementsReport(), "requirements-report")


def pytest_sessionfinish(session: pytest.Session) -> None:
    report = session.config.pluginmanager.get_plugin("requirements-report")
    if isinstance(report, RequirementsReport):
        path = Path(session.config.getoption("--requirements-report"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(report.as_json(), encoding="utf-8")
