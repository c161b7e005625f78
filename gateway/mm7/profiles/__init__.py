"""Dialects as data: one TOML file a profile, each value of a vendor's with its source. The files ship with the package.

    dialect = profile("sinch")
    dialect = parse_profile(text, "my-carrier")

A profile may build on another (`extends`). Unknown keys are errors that name the nearest one.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from enum import Enum
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from gateway.mm7.dialect import Codes, DetailsForm, Dialect, Strictness
from gateway.mm7.findings import RULES, Level
from gateway.mm7.names import is_ncname
from gateway.mm7.versions import VERSIONS, release_named

_ENUMS: dict[str, type[Enum]] = {"details": DetailsForm, "strictness": Strictness, "codes": Codes}
_TABLES = ("levels", "code_overrides")
_KNOBS = frozenset(field.name for field in fields(Dialect)) - {"name", *_TABLES}
_CODE_LISTS = ("retryable", "permanent")
# What would make what is written no XML or no MIME.
_WORDS: dict[str, tuple[Callable[[str], bool], str]] = {
    "soap_prefix": (is_ncname, "a prefix"),
    "mm7_prefix": (lambda text: not text or is_ncname(text), "a prefix, or empty"),
    "transaction_prefix": (lambda text: not text or is_ncname(text), "a prefix, or empty"),
    "transfer_encoding": (("binary", "8bit", "base64").__contains__, "one of binary, 8bit, base64"),
    "content_type": (lambda text: re.fullmatch(r"multipart/[a-z-]+", text) is not None, "multipart/ and a word"),
}
_TOP = frozenset({"title", "extends", "dialect", "sources", *_TABLES})


class ProfileError(ValueError):
    """A profile that can't be used; the text names the key and the way out."""


def profile_names() -> tuple[str, ...]:
    """The profiles that ship with the package."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


@lru_cache(maxsize=64)
def profile(name: str) -> Dialect:
    """A profile that ships with the package. Raises ProfileError, which names the nearest."""
    if name not in profile_names():
        raise ProfileError(f"no profile {name!r}{_nearest(name, profile_names())}")
    return parse_profile(resources.files(__name__).joinpath(f"{name}.toml").read_text("utf-8"), name)


def profile_sources(name: str) -> Mapping[str, str]:
    """Where each value of a shipped profile is from."""
    document = tomllib.loads(resources.files(__name__).joinpath(f"{name}.toml").read_text("utf-8"))
    return MappingProxyType(document.get("sources", {}))


def parse_profile(text: str, name: str) -> Dialect:
    """A dialect of a TOML text. Raises ProfileError."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"profile {name}: {error}") from error
    _refuse_unknown(name, "", document, _TOP)
    for table in ("dialect", *_TABLES):
        if not isinstance(document.get(table, {}), dict):
            raise ProfileError(f"profile {name}: {table} is a table, not {document[table]!r}")
    base = profile(str(document["extends"])) if "extends" in document else Dialect()
    knobs = document.get("dialect", {})
    _refuse_unknown(name, "dialect.", knobs, _KNOBS)
    values: dict[str, Any] = {key: _value(name, key, value) for key, value in knobs.items()}
    release = values.get("release", base.release)
    values.setdefault("version", base.version if base.version in VERSIONS[release] else VERSIONS[release][0])
    if values["version"] not in VERSIONS[release]:
        allowed = ", ".join(VERSIONS[release])
        raise ProfileError(
            f"profile {name}: version {values['version']!r} is not of {release.suffix}, which lists {allowed}"
        )
    if values.get("soap_prefix", base.soap_prefix) in (
        values.get("mm7_prefix", base.mm7_prefix),
        values.get("transaction_prefix", base.transaction_prefix),
    ):
        raise ProfileError(f"profile {name}: dialect.soap_prefix is another than mm7_prefix and transaction_prefix")
    levels = dict(base.levels) | _levels(name, document.get("levels", {}))
    codes = dict(base.code_overrides) | _codes(name, document.get("code_overrides", {}))
    return replace(base, name=name, levels=MappingProxyType(levels), code_overrides=MappingProxyType(codes), **values)


def _value(profile_name: str, key: str, value: object) -> object:
    """A TOML value as the type that the dialect's field has."""
    default = getattr(Dialect(), key)
    if key == "release":
        try:
            return release_named(str(value))
        except ValueError as error:
            raise ProfileError(f"profile {profile_name}: dialect.release: {error}") from error
    if key in _ENUMS:
        words = [member.value for member in _ENUMS[key]]
        if value not in words:
            raise ProfileError(f"profile {profile_name}: dialect.{key} is one of {', '.join(words)}, not {value!r}")
        return _ENUMS[key](value)
    if isinstance(default, frozenset) and isinstance(value, list):
        kind = int if key in _CODE_LISTS else str
        if not all(type(item) is kind for item in value):
            raise ProfileError(f"profile {profile_name}: dialect.{key} is a list of {kind.__name__}, not {value!r}")
        return frozenset(value)
    if type(value) is not type(default):
        wanted = "list" if isinstance(default, frozenset) else type(default).__name__
        raise ProfileError(f"profile {profile_name}: dialect.{key} is a {wanted}, not {value!r}")
    if key in _WORDS and not _WORDS[key][0](str(value)):
        raise ProfileError(f"profile {profile_name}: dialect.{key} is {_WORDS[key][1]}, not {value!r}")
    return value


def _levels(name: str, table: Mapping[str, Any]) -> dict[str, Level]:
    words = {level.word: level for level in Level}
    for key, word in table.items():
        _refuse_unknown_rule(name, "levels", key)
        if word not in words:
            raise ProfileError(f"profile {name}: levels.{key!r} is one of {', '.join(words)}, not {word!r}")
    return {key: words[word] for key, word in table.items()}


def _codes(name: str, table: Mapping[str, Any]) -> dict[str, int]:
    for key, code in table.items():
        _refuse_unknown_rule(name, "code_overrides", key)
        if not isinstance(code, int) or not 1000 <= code <= 4999:
            raise ProfileError(
                f"profile {name}: code_overrides.{key!r} is a StatusCode from 1000 to 4999, not {code!r}"
            )
    return dict(table)


def _refuse_unknown_rule(name: str, table: str, key: str) -> None:
    rule = key.partition(":")[0]
    if rule not in RULES:
        raise ProfileError(f"profile {name}: {table}.{key!r} names no rule{_nearest(rule, RULES)}")


def _refuse_unknown(name: str, place: str, table: Mapping[str, Any], known: frozenset[str]) -> None:
    for key in table:
        if key not in known:
            raise ProfileError(f"profile {name}: unknown key {place}{key}{_nearest(key, known)}")


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.4)
    return f": did you mean {near[0]!r}?" if near else f": there are {', '.join(sorted(known))}"
