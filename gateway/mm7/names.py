"""What XML allows as a token, a name, a reference and a character."""

import re

# XML 1.0 Appendix B, of the scripts that names are written in: Latin, Greek, Cyrillic, Kana, Han, Hangul.
_LETTERS = "A-Za-zÀ-ÖØ-öø-ıĴ-ľŁ-ňŊ-žΎ-ΡΣ-ώЁ-ЌЎ-яё-ќぁ-ゔァ-ヺ一-龥가-힣"
_NMTOKEN = re.compile(f"[{_LETTERS}0-9._:\u00b7-]+")
_NCNAME = re.compile(f"[{_LETTERS}_][{_LETTERS}0-9._\u00b7-]*")
# RFC 3986, and what a reader percent-encodes by itself (XML Schema Part 2 §3.2.17).
_CHARACTERS = r"(?:[^%#\[\]\x00-\x1f\x7f]|%[0-9A-Fa-f]{2})*"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:"
_HOST = r"//[A-Za-z0-9.-]+(?::\d+)?(?=[/?#]|$)"
_URI = re.compile(rf"(?:{_SCHEME}(?:{_HOST}|(?!//))|(?!//|[^/?#]*:)){_CHARACTERS}(?:#{_CHARACTERS})?")
#: XML 1.0 §2.2 (Char): what can't stand in a document at all, as the inside of a character class
NO_CHARACTERS = "\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff"
_NO_CHARACTER = re.compile(f"[{NO_CHARACTERS}]")


def is_nmtoken(text: str) -> bool:
    """xs:NMTOKEN: letters, digits and `.-_:·`; letters of a script in which nobody writes identifiers don't count."""
    return _NMTOKEN.fullmatch(text) is not None


def is_ncname(text: str) -> bool:
    """A name without a colon, fit for a prefix, a local name or an xs:ID."""
    return _NCNAME.fullmatch(text) is not None


def is_uri(text: str) -> bool:
    """xs:anyURI, which may hold blanks, but for hosts in brackets."""
    return _URI.fullmatch(text.strip(" ")) is not None


def without_no_characters(text: str) -> str:
    """A text with U+FFFD for what XML can't carry."""
    return _NO_CHARACTER.sub("\ufffd", text)
