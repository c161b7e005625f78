"""What XML 1.0 allows as a token, a name and a character."""

import re

_NMTOKEN = re.compile(r"[\w.:\u00b7-]+")
_NCNAME = re.compile(r"[^\W\d][\w.-]*")
#: XML 1.0 §2.2 (Char): what can't stand in a document at all, as the inside of a character class
NO_CHARACTERS = "\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff"
_NO_CHARACTER = re.compile(f"[{NO_CHARACTERS}]")


def is_nmtoken(text: str) -> bool:
    """xs:NMTOKEN: letters, digits and `.-_:` (what Unicode counts as a letter or digit beyond that is let through)."""
    return _NMTOKEN.fullmatch(text) is not None


def is_ncname(text: str) -> bool:
    """A name without a colon, fit for a prefix or a local name."""
    return _NCNAME.fullmatch(text) is not None


def without_no_characters(text: str) -> str:
    """A text with U+FFFD for what XML can't carry."""
    return _NO_CHARACTER.sub("\ufffd", text)
