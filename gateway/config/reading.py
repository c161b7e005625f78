"""A TOML document and the environment, read by the table of settings: values with their defaults, and every problem.

What the environment says comes before what the file says. A variable is MM7_SECTION__KEY, or MM7_SECTION__NAME__KEY
with the entry's name in upper case and - and . as _; a route, which has no name, goes by its position from 1. Empty
variables are as if they were not there, and MM7_ variables without __ mean something else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeAlias

from yarl import URL

from gateway.config import kinds
from gateway.config.files import Files
from gateway.config.kinds import Unfit
from gateway.config.settings import REQUIRED, SECTIONS, Section, Setting
from gateway.config.words import literal, shown

Environ: TypeAlias = Mapping[str, str]
Problems: TypeAlias = list[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One table of the document, as it stands there. `where` names it in problems."""

    section: Section
    where: str
    table: Mapping[str, Any]
    prefix: str  # of its variables

    def variable(self, key: str) -> str:
        return f"{self.prefix}{key.upper()}"

    def variables(self) -> list[str]:
        settings = [setting for setting in self.section.settings if setting.has_variable]
        return [self.variable(key) for setting in settings for key in dict.fromkeys((setting.key, setting.field))]


@dataclass(frozen=True, slots=True)
class Read:
    """The values of an entry. What could not be read is absent, and what depends on it is not judged."""

    entry: Entry
    values: Mapping[str, Any]

    @property
    def where(self) -> str:
        return self.entry.where

    def knows(self, *fields: str) -> bool:
        return all(field in self.values for field in fields)


def environment_name(name: str) -> str:
    return name.upper().replace("-", "_").replace(".", "_")


def nearest(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.4)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}" if known else "there are none"


def entries(document: Mapping[str, Any]) -> tuple[list[Entry], Problems]:
    """The document's tables, those that need not stand there too."""
    names = [section.name for section in SECTIONS]
    problems = [f"unknown section {shown(name)}: {nearest(name, names)}" for name in document if name not in names]
    found: list[Entry] = []
    for section in SECTIONS:
        given = document.get(section.name, [] if section.known_by else {})
        if section.known_by is None and isinstance(given, dict):
            found.append(Entry(section, section.heading, given, f"MM7_{section.name.upper()}__"))
        elif section.known_by and isinstance(given, list) and all(isinstance(table, dict) for table in given):
            found += [_numbered(section, position, table) for position, table in enumerate(given, 1)]
        else:
            problems.append(f"{section.name}: is written as {section.heading} with its settings on the lines below")
    return found, problems


def _numbered(section: Section, position: int, table: Mapping[str, Any]) -> Entry:
    name = table.get("name")
    usable = section.known_by == "name" and isinstance(name, str) and kinds.NAME.fullmatch(name)
    called = str(name) if usable else str(position)
    where = f"{section.heading} {called}" if usable else f"{section.heading} number {position}"
    return Entry(section, where, table, f"MM7_{section.name.upper()}__{environment_name(called)}__")


def unknown_variables(found: Sequence[Entry], environ: Environ) -> Problems:
    known = [variable for entry in found for variable in entry.variables()]
    ours = [name for name in environ if name.startswith("MM7_") and "__" in name]
    return [f"unknown variable {shown(name)}: {nearest(name, known)}" for name in sorted(ours) if name not in known]


def read(entry: Entry, environ: Environ, files: Files) -> tuple[Read, Problems]:
    problems = [_unknown_key(entry, key) for key in entry.table if key not in entry.section.keys]
    values: dict[str, Any] = {}
    for setting in entry.section.settings:
        try:
            values[setting.field] = _value(entry, setting, environ, files)
        except ValueError as error:
            problems.append(str(error))
    return Read(entry, values), problems


def _unknown_key(entry: Entry, key: str) -> str:
    for setting in entry.section.settings:
        if setting.is_secret and key == setting.field:
            variable = entry.variable(key)
            return f"{entry.where}: {key} is a secret: put it into a file that {setting.key} names, or into {variable}"
    return f"{entry.where}: unknown key {shown(key)}: {nearest(key, entry.section.keys)}"


def _value(entry: Entry, setting: Setting, environ: Environ, files: Files) -> object:
    """Raises ValueError with the problem's line."""
    variable = entry.variable(setting.key)
    direct = environ.get(entry.variable(setting.field)) if setting.is_secret else None
    if direct:
        return kinds.secret_of(direct, entry.variable(setting.field))
    if text := environ.get(variable) if setting.has_variable else None:
        return _checked(variable, setting, setting.kind.from_text(text), files)
    place = f"{entry.where}: {setting.key}"
    if setting.key not in entry.table:
        if setting.default is REQUIRED:
            raise ValueError(f"{place} is missing, such as {setting.key} = {literal(setting.example)}")
        return setting.default if setting.default is None else setting.kind.read(setting.default, files)
    given = entry.table[setting.key]
    if setting.kind in (kinds.PROXY, kinds.STORE_URL) and has_password(given):
        raise ValueError(f"{place}: a password does not stand in the file: put the whole URL into {variable}")
    return _checked(place, setting, given, files)


def _checked(place: str, setting: Setting, given: object, files: Files) -> object:
    try:
        return setting.kind.read(given, files)
    except Unfit:
        example = literal(setting.example)
        raise ValueError(f"{place}: wanted {setting.kind.wanted}, such as {example}, not {shown(given)}") from None
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error


def has_password(value: object) -> bool:
    """Whether it is a URL with one."""
    if not isinstance(value, str) or "://" not in value or "@" not in value:
        return False
    try:
        return URL(value).password is not None
    except ValueError:
        return False
