"""Writes beside each message of fixtures/ what the reader says of it: `python tools/fixtures.py [PATTERN]`.

What is written is then read by a person, line by line: a fixture says what is right, not what the code does.
`fixtures/dialects.toml` names the messages that are read in another dialect than the lenient default.
"""

import json
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.mm7.dialect import LENIENT, Dialect
from gateway.trace.explain import as_json, explain

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


def messages() -> list[Path]:
    return sorted(FIXTURES.rglob("*.http"))


def name_of(message: Path) -> str:
    """`wire/quirks/H05-…`: the path in fixtures/ without its suffix."""
    return message.relative_to(FIXTURES).with_suffix("").as_posix()


def dialect_of(message: Path) -> Dialect:
    knobs = tomllib.loads((FIXTURES / "dialects.toml").read_text("utf-8"))
    return replace(LENIENT, **knobs.get(name_of(message), {}))


def said_of(message: Path) -> dict[str, Any]:
    """What `mm7 explain --json` says of it, without the file's name."""
    report = as_json(explain("", message.read_bytes(), dialect_of(message)))
    return {key: value for key, value in report.items() if key != "file"}


def text_of(report: dict[str, Any]) -> str:
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"


def main(pattern: str) -> None:
    for message in messages():
        if pattern in name_of(message):
            message.with_suffix(".json").write_text(text_of(said_of(message)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
