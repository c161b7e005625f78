"""What an address on the wire means: the number without its dress, for comparing and for routing (interop E3–E5)."""

import re

from gateway.mm7.table import Address, AddressKind

_TYPE = re.compile(r"/TYPE=[A-Za-z0-9]*(@\S*)?", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[ ().-]")
_LONGEST_TYPE = 300
#: the longest number that is taken for a short code where the kind of a bare address has to be told from its shape
SHORT_CODE_DIGITS = 8


def _without_type(text: str) -> str:
    """Without the `/TYPE=PLMN` at its end; it is looked for there only, as a text can be a megabyte of them."""
    at = text.upper().rfind("/TYPE=", -_LONGEST_TYPE)
    return text[:at] if at >= 0 and _TYPE.fullmatch(text, at) else text


def classify(text: str) -> Address:
    """An address of a bare text: with `@` an RFC2822Address, up to 8 digits a ShortCode, else a Number."""
    bare = text.strip()
    without_type = _without_type(bare)
    if "@" in without_type:
        return Address(AddressKind.RFC2822, bare)
    digits = without_type.lstrip("+#*")
    if digits.isdigit() and len(digits) <= SHORT_CODE_DIGITS and not without_type.startswith("+"):
        return Address(AddressKind.SHORT_CODE, bare)
    return Address(AddressKind.NUMBER, bare)


def normalise(text: str) -> str:
    """The address to compare and to route by: of a number or short code its digits, any other as it is without blanks.

    Drops what only says how a number was written: `+`, `00` before an international one, punctuation, `/TYPE=PLMN`.
    """
    bare = _without_type(text.strip())
    digits = _PUNCTUATION.sub("", bare).removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return bare
    while len(digits) > SHORT_CODE_DIGITS and digits.startswith("00"):
        digits = digits[2:]
    return digits
