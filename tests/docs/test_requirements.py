"""docs/requirements.md says what the tests say."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.shared import ROOT
from tools import requirements

STALE = "docs/requirements.md is stale: run `make docs`"


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, str]]:
    """What the whole tree carries now, however few tests this run selected."""
    report = tmp_path_factory.mktemp("requirements") / "report.json"
    command = [sys.executable, "-m", "pytest", "--collect-only", "-qq", f"--requirements-report={report}"]
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, check=False)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    carried: Mapping[str, Mapping[str, str]] = json.loads(report.read_text(encoding="utf-8"))
    return carried


def test_every_id_that_a_test_carries_is_stated(collected: Mapping[str, Mapping[str, str]]) -> None:
    assert requirements.unknown(requirements.statements(), collected) == []


def test_the_page_lists_exactly_the_tests_that_carry_each_id(collected: Mapping[str, Mapping[str, str]]) -> None:
    page = requirements.page(requirements.statements(), collected, requirements.missing())

    assert requirements.PAGE.read_text(encoding="utf-8") == page, STALE


def test_only_a_row_that_tests_carry_can_lack_something(collected: Mapping[str, Mapping[str, str]]) -> None:
    assert requirements.missing().keys() <= collected.keys()


def test_a_page_is_not_written_from_a_run_that_was_not_green(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"C-01": {"tests/x.py::test_a": "passed", "tests/x.py::test_b": "skipped"}}))

    assert requirements.main(str(report)) == "Carry a requirement and did not pass: tests/x.py::test_b"


def test_a_page_is_not_written_for_an_id_that_nobody_stated(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"Z-99": {"tests/x.py::test_a": "passed"}}))

    assert requirements.main(str(report)) == "Not in requirements.toml: Z-99"


CARRYING = """
import pytest

@pytest.mark.requirement("U-01", "U-02")
@pytest.mark.parametrize("n", [1, 2])
def test_sometimes(n):
    assert n == 1

@pytest.mark.requirement("U-02")
def test_always(): pass

@pytest.mark.requirement("U-03")
@pytest.mark.skip
def test_never(): pass

def test_for_nothing(): pass
"""


def test_a_test_s_outcome_is_the_worst_of_its_parameters(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = requirement\n")
    (tmp_path / "test_it.py").write_text(CARRYING)
    report = tmp_path / "reports" / "requirements.json"
    plugin = ["-p", "tests.requirements_report", "-p", "no:cacheprovider", f"--requirements-report={report}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    subprocess.run([sys.executable, "-m", "pytest", "-q", *plugin], cwd=tmp_path, env=environment, check=False)

    assert json.loads(report.read_text(encoding="utf-8")) == {
        "U-01": {"test_it.py::test_sometimes": "failed"},
        "U-02": {"test_it.py::test_always": "passed", "test_it.py::test_sometimes": "failed"},
        "U-03": {"test_it.py::test_never": "skipped"},
    }
