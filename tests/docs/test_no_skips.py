"""CI fails on a skip; elsewhere a skip is told and counted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT

SKIPPING = (
    "import pytest\n\ndef test_runs(): pass\n\n@pytest.mark.skip(reason='no such thing here')\ndef test_skips(): pass\n"
)
GREEN = "def test_runs(): pass\n"
WHOLE_MODULE = GREEN + "import pytest\npytest.skip('nothing of it', allow_module_level=True)\n"


def run(folder: Path, tests: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_it.py").write_text(tests)
    (folder / "test_green.py").write_text(GREEN)
    inherited = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "tests.no_skips",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            folder,
            "-c",
            os.devnull,
            folder,
        ],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("tests", "reason"), [(SKIPPING, "no such thing here"), (WHOLE_MODULE, "nothing of it")])
def test_ci_fails_on_a_skip_and_says_why(tmp_path: Path, tests: str, reason: str) -> None:
    finished = run(tmp_path, tests, CI="true")

    assert finished.returncode == 1
    assert f"test_it.py{'::test_skips' if tests == SKIPPING else ''}: {reason}" in finished.stdout


def test_ci_passes_without_a_skip(tmp_path: Path) -> None:
    assert run(tmp_path, GREEN, CI="true").returncode == 0


def test_elsewhere_a_skip_is_no_failure(tmp_path: Path) -> None:
    assert run(tmp_path, SKIPPING).returncode == 0
