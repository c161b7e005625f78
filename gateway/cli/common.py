"""What commands share: options, the configuration, tables, and the one kind of error that a person is shown."""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

from gateway.config import Config, ConfigError, kinds, load, refused
from gateway.config.dialects import dialect
from gateway.config.files import Files, read_file
from gateway.mm7 import Dialect

#: argparse has no public name for what `add_subparsers` returns
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001


#: files that options name
HERE = Files(Path(), read_file)


class Failed(Exception):
    """A command could not do what it was asked; the text is the one line that a person gets."""

    def __init__(self, text: str, exit_status: int = 1) -> None:
        super().__init__(text)
        self.exit_status = exit_status


def command(commands: Commands, name: str, summary: str, example: str) -> argparse.ArgumentParser:
    """A command with its help: what it does, and an example that can be typed as it stands."""
    return commands.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=f"example:\n{example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_config_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config",
        metavar="FILE",
        type=Path,
        help="settings (default: gateway.toml where it is there, else the built-in ones)",
    )


def add_json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON for programs")


def load_config(path: Path | None) -> Config:
    """Raises Failed with every problem of the file, one a line: what is wrong, and what this version has not got."""
    try:
        config = load(config_file(path), os.environ)
    except ConfigError as error:
        raise Failed(_listed(error.problems)) from error
    if problems := refused(config):
        raise Failed(_listed(problems))
    return config


def config_file(path: Path | None) -> Path | None:
    """The file that settings are read from: the one that was named, or gateway.toml where it is there."""
    found = Path("gateway.toml") if path is None and Path("gateway.toml").exists() else path
    return None if found is None else found.absolute()


def _listed(problems: Sequence[str]) -> str:
    return "\n  ".join(["the configuration can't be used:", *problems] if len(problems) > 1 else problems)


def chosen_profile(name: str) -> Dialect:
    """A profile that ships, or one from a file. Raises Failed."""
    try:
        return dialect(name, {}, HERE)
    except ValueError as error:
        raise Failed(str(error)) from error


def credentials(username: str | None, password_file: Path | None) -> tuple[str, str] | None:
    """What --username and --password-file say together. Raises Failed."""
    if username is None and password_file is None:
        return None
    if username is None or password_file is None:
        raise Failed("--username and --password-file go together")
    try:
        kinds.USER.read(username, HERE)
    except ValueError as error:
        raise Failed(f"--username: {error}" if str(error) else "--username: give printable text") from error
    try:
        return username, str(kinds.SECRET.read(str(password_file), HERE))
    except ValueError as error:
        raise Failed(f"--password-file: {error}") from error


def url_of(option: str, text: str) -> str:
    """A URL that an option gave, which is not repeated, as it may hold a password. Raises Failed."""
    try:
        return str(kinds.HTTP_URL.read(text, HERE))
    except kinds.Unfit:
        raise Failed(f"{option}: give {kinds.HTTP_URL.wanted}, such as http://127.0.0.1:9000/mm7") from None
    except ValueError:
        raise Failed(f"{option}: credentials don't stand in a URL: use --username and --password-file") from None


def print_json(value: object) -> None:
    """One line. Where the terminal is not of UTF-8, all that is not ASCII is escaped as JSON does it."""
    in_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(value, ensure_ascii=not in_utf8))


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns as wide as they have to be, for eyes."""
    lines = [[str(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    shown = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)
    return "\n".join(shown)
