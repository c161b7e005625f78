"""A carrier's dialect: a profile that ships with the gateway or a file of the operator's, single values changed."""

from pathlib import PurePath

from gateway.config.files import Files
from gateway.config.words import literal, shown
from gateway.mm7 import Dialect
from gateway.mm7.profiles import parse_profile, profile


def dialect(name: str, changed: dict[str, object], files: Files) -> Dialect:
    """`name` is a profile's name or the path of a .toml file. Raises ValueError with a sentence."""
    try:
        if name.endswith(".toml"):
            if changed:
                raise ValueError(f"put what dialect changes into {shown(name)} itself")
            return parse_profile(files.text(name), PurePath(name).stem)
        return parse_profile(_changing(name, changed), name) if changed else profile(name)
    except (TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"profile {shown(name)}: a value is not of the type that its key has ({error})") from error


def _changing(name: str, changed: dict[str, object]) -> str:
    lines = [f"{literal(key)} = {literal(value)}" for key, value in changed.items()]
    return "\n".join([f"extends = {literal(name)}", "[dialect]", *lines])
