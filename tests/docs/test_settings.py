"""The pages about settings are current, and the example file works, as it stands and with every line in use."""

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from gateway.config import parse
from gateway.config.settings import SECTIONS
from tests.shared import ROOT

EXAMPLE = (ROOT / "docs" / "gateway.example.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_settings", ROOT / "tools" / "docs_settings.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def a_pem_that_is_a_secret_too(_path: Path) -> bytes:
    return b"-----BEGIN MADE UP-----\n"


def test_the_page_is_current(tool: ModuleType) -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == tool.page()


def test_the_example_is_current(tool: ModuleType) -> None:
    assert tool.example() == EXAMPLE


def test_the_example_works_as_it_stands() -> None:
    config = parse(tomllib.loads(EXAMPLE), {}, Path("/etc/mm7"), a_pem_that_is_a_secret_too)

    assert [carrier.name for carrier in config.carriers] == ["acme"]


@pytest.mark.requirement("U-17")
def test_the_example_works_with_every_setting_in_use() -> None:
    document = tomllib.loads(re.sub(r"^# (?=[a-z_]+ = )", "", EXAMPLE, flags=re.MULTILINE))

    config = parse(document, {}, Path("/etc/mm7"), a_pem_that_is_a_secret_too)

    tables = [document[section.name] for section in SECTIONS]
    for section, table in zip(SECTIONS, tables, strict=True):
        assert tuple(table[0] if isinstance(table, list) else table) == section.keys
    assert all("in this version" in warning for warning in config.warnings), config.warnings
