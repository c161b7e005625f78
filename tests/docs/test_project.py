"""The project's own files agree with each other."""

import re
import tomllib
from importlib.metadata import version
from typing import Any

import pytest

import gateway
from tests.shared import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements-build.lock", "requirements.lock", "requirements-dev.lock")
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def names(dependencies: list[str]) -> set[str]:
    return {re.split(r"[<>=;\s]", dependency)[0] for dependency in dependencies}


def pins(lock: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / lock).read_text(encoding="utf-8")))


def test_locks_pin_what_the_project_names() -> None:
    assert names(PROJECT["dependency-groups"]["build"]) <= pins("requirements-build.lock").keys()
    assert names(PROJECT["project"]["dependencies"]) <= pins("requirements.lock").keys()
    assert names(PROJECT["dependency-groups"]["dev"]) <= pins("requirements-dev.lock").keys()


def test_tests_run_on_the_versions_that_users_get() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_host(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert len(re.findall(r"^[a-z0-9-]+==[^\\]*\\\n +--hash=sha256:", text, re.MULTILINE)) == len(pins(lock))


def test_the_installed_version_is_the_package_s() -> None:
    assert version("mm7-gateway") == gateway.__version__


def test_the_changelog_opens_with_what_is_not_released() -> None:
    first = re.search(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert first is not None
    assert first[1] == "Unreleased"
