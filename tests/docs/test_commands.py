"""The page of commands is current, and no page speaks of a command or an option that there is not."""

import importlib.util
import re
from types import ModuleType

import pytest

from gateway.cli.commands import parser
from tests.shared import ROOT

PAGES = ("README.md", "docs/commands.md")


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_commands", ROOT / "tools" / "docs_commands.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_current(tool: ModuleType) -> None:
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == tool.page()


def test_the_page_lists_the_commands_that_there_are(tool: ModuleType) -> None:
    headings = re.findall(r"^## (mm7 .*)$", tool.page(), re.MULTILINE)
    assert headings == [name for name, _ in tool.commands()]
    assert {heading.split()[1] for heading in headings} == set(tool._inner(parser()))


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_a_page_names_exists_with_its_options(tool: ModuleType, page: str) -> None:
    known = {
        name: {option for action in command._actions for option in action.option_strings}
        for name, command in tool.commands()
    }
    text = (ROOT / page).read_text(encoding="utf-8")
    said = re.findall(r"(?:^(?: {4})?|`)(mm7 [a-z][^`\n]*)", text, re.MULTILINE)
    assert said
    for line in said:
        name = next((name for name in sorted(known, key=len, reverse=True) if f"{line} ".startswith(f"{name} ")), None)
        assert name, line
        for option in re.findall(r"(?<= )--[a-z-]+", line):
            assert option in known[name], line
