"""What the readers of elements share: where values and findings go, what the schema at hand says, and a few small
readings.

A reader takes an element and the reading, and returns the value; None is "absent", and an empty element is absent
(interop E22).
"""

from collections.abc import Callable
from typing import Any

from lxml import etree

from gateway.mm7 import findings as rules
from gateway.mm7.errors import Unreadable
from gateway.mm7.findings import Findings, Rule, quote
from gateway.mm7.limits import MAX_ATTRIBUTES
from gateway.mm7.table import FROM_5_2, AddressKind, Extra
from gateway.mm7.times import is_date_time, is_duration
from gateway.mm7.versions import Release
from gateway.mm7.xml import Document, local_name

_TRUE = frozenset({"true", "1", "yes", "y", "on"})
_FALSE = frozenset({"false", "0", "no", "n", "off", "0000"})
#: xs:boolean
EXACT = {"true": True, "1": True, "false": False, "0": False}


class Reading:
    """One message being read."""

    __slots__ = ("document", "extras", "found", "seen", "strange")

    def __init__(self, document: Document, seen: Findings, width: int) -> None:
        self.document = document
        self.seen = seen
        self.found: list[Any] = [None] * width
        self.extras: list[Extra] = []
        self.strange = 0

    def note(self, rule: Rule, element: etree._Element, text: str, about: str = "") -> None:
        if self.seen.wants(rule, about):
            self.seen.add(rule, self.document.offset_of(element), text, about)


Reader = Callable[[etree._Element, Reading], Any]  # noqa: SLF001  # lxml has no public name for the type of an element


class Scheme:
    """A schema in one namespace text, as readers need it: made once for each decoder."""

    __slots__ = ("address_tags", "list_tags", "namespace", "nmtokens", "prefix", "release")

    def __init__(self, release: Release, namespace: str) -> None:
        self.release = release
        self.namespace = namespace
        self.prefix = f"{{{namespace}}}" if namespace else ""
        #: ids, numbers and short codes are NMTOKENs in the first two schemas
        self.nmtokens = release not in FROM_5_2
        self.address_tags = {f"{self.prefix}{kind.value}": kind for kind in AddressKind}
        self.list_tags = {f"{self.prefix}{name}": index for index, name in enumerate(("To", "Cc", "Bcc"))}


def text_of(element: etree._Element, reading: Reading) -> str:
    """All text in an element, without the blanks around it; empty where there is none, which is noted."""
    text = "".join(str(piece) for piece in element.itertext()) if len(element) else element.text or ""
    if not text:
        name = local_name(element)
        reading.note(rules.ELEMENT_EMPTY, element, f"{name} is empty", name)
    return text.strip()


def to_boolean(text: str) -> bool | None:
    """true, 1, yes and the like, in any case; None for anything else (interop E14)."""
    lower = text.strip().lower()
    return True if lower in _TRUE else False if lower in _FALSE else None


def boolean_of(text: str, element: etree._Element, reading: Reading, name: str) -> bool | None:
    """The boolean that a text is, or comes near to; None where there is none in it."""
    bare = text.strip()
    value = EXACT.get(bare)
    if value is None and bare:
        value = to_boolean(bare)
        taken = "absent" if value is None else str(value).lower()
        reading.note(rules.VALUE_BOOLEAN, element, f"{name} {quote(text)} is no boolean: taken as {taken}", name)
    return value


def to_count(text: str) -> int | None:
    """A positive integer of at most 18 digits, or None."""
    digits = text.strip().removeprefix("+")
    return int(digits) or None if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None


def note_time_or_period(text: str, element: etree._Element, reading: Reading, name: str) -> None:
    if text and not is_date_time(text) and not is_duration(text):
        reading.note(rules.VALUE_TIME, element, f"{name} {quote(text)} is neither dateTime nor duration", name)


def attributes(element: etree._Element, reading: Reading, *names: str) -> list[str | None]:
    """The values of attributes by local name (interop M7), None where absent."""
    found: list[str | None] = [None] * len(names)
    if len(element.keys()) > MAX_ATTRIBUTES:
        text = f"{local_name(element)} has more than {MAX_ATTRIBUTES} attributes"
        raise Unreadable(rules.XML_TOO_MANY, reading.document.offset_of(element), text)
    for key, value in element.items():
        local = str(key).rpartition("}")[2]
        if local in names:
            if local != key:
                reading.note(rules.ATTRIBUTE_QUALIFIED, element, f"attribute {local} is in a namespace", local)
            found[names.index(local)] = str(value)
        elif not str(key).startswith("{"):
            reading.note(rules.ATTRIBUTE_UNKNOWN, element, f"{local_name(element)} has no attribute {local}", local)
    return found
