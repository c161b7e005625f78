"""How values are written for people: in a problem's line, and as they stand in TOML."""

import json
import reprlib

_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = 120


def shown(value: object) -> str:
    """A value of the file for a problem's line: short, on one line, and nothing that may hold a password."""
    hidden = "what stands there"
    try:
        return hidden if "@" in str(value) else _REPR.repr(value)
    except ValueError:  # an integer of thousands of digits has no repr
        return hidden


def literal(value: object) -> str:
    """A value as it stands in TOML."""
    if value and isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {literal(each)}" for key, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
