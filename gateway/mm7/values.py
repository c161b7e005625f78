"""Elements into values: one reader for each type. Read leniently, note what was odd, keep what was written.

A reader takes the element and the context, and returns the value; None is "absent", and an empty element is absent
(E22).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lxml import etree

from gateway.mm7 import findings as rules
from gateway.mm7.addresses import classify
from gateway.mm7.findings import quote
from gateway.mm7.table import (
    Address,
    AddressKind,
    Content,
    Kind,
    Recipients,
    ReplyCharging,
    Row,
    SentAt,
    UACapabilities,
    UserAgent,
)
from gateway.mm7.times import is_date_time, is_duration
from gateway.mm7.versions import Release
from gateway.mm7.xml import local_name

if TYPE_CHECKING:
    from gateway.mm7.decode import Context

Reader = Callable[[etree._Element, "Context"], Any]

_TRUE = frozenset({"true", "1", "yes", "y", "on"})
_FALSE = frozenset({"false", "0", "no", "n", "off", "0000"})
_EXACT = {"true": True, "1": True, "false": False, "0": False}
_ADDRESS_NAMES = {
    "number": AddressKind.NUMBER,
    "shortcode": AddressKind.SHORT_CODE,
    "rfc2822address": AddressKind.RFC2822,
    "rfc822address": AddressKind.RFC2822,
    "rfc822ad": AddressKind.RFC2822,
}
_LISTS = {"to": 0, "cc": 1, "bcc": 2}


def is_nmtoken(text: str) -> bool:
    """xs:NMTOKEN, of which letters, digits and `.-_:` are told here; other name characters are let through."""
    return bool(text) and all(character.isalnum() or character in ".-_:\u00b7" for character in text)


def _text_of(element: etree._Element, context: "Context") -> str:
    text = "".join(str(piece) for piece in element.itertext()) if len(element) else (element.text or "")
    if not text:
        name = local_name(element)
        context.note(rules.ELEMENT_EMPTY, element, f"{name} is empty", name)
    return text


def _read_text(element: etree._Element, context: "Context") -> str | None:
    return (None if len(element) else element.text) or _text_of(element, context) or None


def _read_trimmed(element: etree._Element, context: "Context") -> str | None:
    text = (None if len(element) else element.text) or _text_of(element, context)
    return text.strip() or None


def _read_id(element: etree._Element, context: "Context") -> str | None:
    text = ((None if len(element) else element.text) or _text_of(element, context)).strip()
    if context.nmtokens and text and not is_nmtoken(text):
        context.note(
            rules.VALUE_NMTOKEN, element, f"{local_name(element)} {quote(text)} is no NMTOKEN", local_name(element)
        )
    return text or None


def to_boolean(text: str) -> bool | None:
    """true, 1, yes and the like, in any case; None for anything else (interop E14)."""
    lower = text.strip().lower()
    return True if lower in _TRUE else False if lower in _FALSE else None


def _read_boolean(element: etree._Element, context: "Context") -> bool | None:
    text = element.text or ""
    exact = _EXACT.get(text)
    return (
        exact if exact is not None else _odd_boolean(_text_of(element, context), element, context, local_name(element))
    )


def _odd_boolean(text: str, element: etree._Element, context: "Context", name: str) -> bool | None:
    if not text.strip():
        return None
    value = _EXACT.get(text.strip())
    if value is None:
        value = to_boolean(text)
        taken = "absent" if value is None else str(value).lower()
        context.note(rules.VALUE_BOOLEAN, element, f"{name} {quote(text)} is no boolean: taken as {taken}", name)
    return value


def _read_time(element: etree._Element, context: "Context") -> str | None:
    text = ((None if len(element) else element.text) or _text_of(element, context)).strip()
    if text and not is_date_time(text):
        context.note(
            rules.VALUE_TIME, element, f"{local_name(element)} {quote(text)} is no dateTime", local_name(element)
        )
    return text or None


def _read_time_or_period(element: etree._Element, context: "Context") -> str | None:
    text = _text_of(element, context).strip()
    _note_time_or_period(text, element, context, local_name(element))
    return text or None


def _note_time_or_period(text: str, element: etree._Element, context: "Context", name: str) -> None:
    if text and not is_date_time(text) and not is_duration(text):
        context.note(rules.VALUE_TIME, element, f"{name} {quote(text)} is neither dateTime nor duration", name)


def to_count(text: str) -> int | None:
    """A positive integer of at most 18 digits, or None."""
    digits = text.strip().removeprefix("+")
    return int(digits) or None if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None


def _read_count(element: etree._Element, context: "Context") -> int | None:
    text = _text_of(element, context).strip()
    count = to_count(text)
    if text and count is None:
        name = local_name(element)
        context.note(rules.VALUE_NUMBER, element, f"{name} {quote(text)} is no positive integer", name)
    return count


def _read_status_code(element: etree._Element, context: "Context") -> int | None:
    code = _read_count(element, context)
    if code is not None and not 1000 <= code <= 4999:
        context.note(rules.STATUS_CLASS, element, f"StatusCode {code} is of no known class")
    return code


def _read_details(element: etree._Element, context: "Context") -> str | None:
    text = "".join(str(piece) for piece in element.itertext()).strip()
    if (element.text or "").strip():
        context.note(rules.DETAILS_TEXT, element, "Details hold text, the schema wants elements")
    return text or None


def _word_reader(row: Row, release: Release) -> Reader:
    words = frozenset(row.words_in(release)) or frozenset(word for word, _ in row.words)
    where = f"{row.name} of {release.suffix}"

    def read(element: etree._Element, context: "Context") -> str | None:
        text = ((None if len(element) else element.text) or _text_of(element, context)).strip()
        if text and text not in words:
            context.note(rules.VALUE_WORD, element, f"{quote(text)} is no word of {where}", row.name)
        return text or None

    return read


def _attributes(element: etree._Element, context: "Context", *names: str) -> list[str | None]:
    """The values of attributes by local name (interop M7), None where absent."""
    found: list[str | None] = [None] * len(names)
    for key, value in element.items():
        local = str(key).rpartition("}")[2]
        text = str(value)
        if local in names:
            if local != key:
                context.note(rules.ATTRIBUTE_QUALIFIED, element, f"attribute {local} is in a namespace", local)
            found[names.index(local)] = text
        elif not str(key).startswith("{"):
            context.note(rules.ATTRIBUTE_UNKNOWN, element, f"{local_name(element)} has no attribute {local}", local)
    return found


def _address(element: etree._Element, kind: AddressKind, context: "Context") -> Address | None:
    text = ((None if len(element) else element.text) or _text_of(element, context)).strip()
    if not text:
        return None
    if not element.keys():
        address = Address(kind, text)
    else:
        display, coding, id_ = _attributes(element, context, "displayOnly", "addressCoding", "id")
        only = None if display is None else _odd_boolean(display, element, context, "displayOnly")
        address = Address(kind, text, only, coding, id_)
    if context.nmtokens and kind is not AddressKind.RFC2822 and not is_nmtoken(text):
        context.note(rules.VALUE_NMTOKEN, element, f"{kind} is no NMTOKEN, as this schema wants it", str(kind))
    return address


def _addresses(element: etree._Element, context: "Context") -> list[Address]:
    """Every address below an element, in order, however wrapped; a bare text is one (interop E3, E4, E6)."""
    found: list[Address] = []
    for child in element:
        kind = context.address_tags.get(child.tag)
        if kind is not None:
            address = _address(child, kind, context)
            if address is not None:
                found.append(address)
            continue
        local = local_name(child)
        kind = _ADDRESS_NAMES.get(local.lower())
        if kind is None:
            context.note(rules.ADDRESS_NESTED, child, f"{local_name(element)} holds {local}, not an address", local)
            found.extend(_addresses(child, context))
            continue
        _note_address_tag(child, local, kind, context)
        address = _address(child, kind, context)
        if address is not None:
            found.append(address)
    if not len(element) and (element.text or "").strip():
        context.note(
            rules.ADDRESS_BARE,
            element,
            f"{local_name(element)} holds text, not an address element",
            local_name(element),
        )
        found.append(classify(element.text or ""))
    return found


def _note_address_tag(child: etree._Element, local: str, kind: AddressKind, context: "Context") -> None:
    if local != kind:
        context.note(rules.ELEMENT_CASE, child, f"{local} is not {kind}", local)
    namespace = str(child.tag).rpartition("}")[0][1:]
    if not namespace and context.prefix:
        context.note(rules.UNQUALIFIED, child, f"{local} is in no namespace")
    elif namespace != context.prefix[1:-1]:
        context.note(rules.NAMESPACE_MIXED, child, f"{local} is in {quote(namespace)}")


def _read_address(element: etree._Element, context: "Context") -> Address | None:
    found = _addresses(element, context)
    if not found:
        context.note(rules.ADDRESS_MISSING, element, f"{local_name(element)} holds no address", local_name(element))
        return None
    if len(found) > 1:
        context.note(
            rules.ADDRESS_NESTED, element, f"{local_name(element)} holds {len(found)} addresses", local_name(element)
        )
    return found[0]


def _read_sender_address(element: etree._Element, context: "Context") -> Address | None:
    if context.nmtokens and not len(element):
        text = (element.text or "").strip()
        return classify(text) if text else None
    return _read_address(element, context)


def _read_recipients(element: etree._Element, context: "Context") -> Recipients | None:
    lists: tuple[list[Address], list[Address], list[Address]] = ([], [], [])
    for child in element:
        index = context.list_tags.get(child.tag)
        if index is not None:
            found = _addresses(child, context)
            if found:
                lists[index].extend(found)
                continue
        local = local_name(child)
        index = _LISTS.get(local.lower())
        if index is None:
            kind = _ADDRESS_NAMES.get(local.lower())
            address = _address(child, kind, context) if kind else None
            context.note(rules.ADDRESS_NESTED, child, f"Recipients hold {local}, not To, Cc or Bcc", local)
            lists[0].extend([address] if address else _addresses(child, context))
            continue
        found = _addresses(child, context)
        if not found:
            context.note(rules.ADDRESS_MISSING, child, f"{local} holds no address", local)
        lists[index].extend(found)
    recipients = Recipients(tuple(lists[0]), tuple(lists[1]), tuple(lists[2]))
    if not recipients.all():
        context.note(rules.ADDRESS_MISSING, element, "Recipients hold no address", "Recipients")
        return None
    return recipients


def _read_reply_charging(element: etree._Element, context: "Context") -> ReplyCharging | None:
    if (element.text or "").strip().lower() == "false":
        context.note(rules.VALUE_BOOLEAN, element, 'ReplyCharging holds "false": taken as absent', "ReplyCharging")
        return None
    size, deadline = _attributes(element, context, "replyChargingSize", "replyDeadline")
    if deadline is not None:
        _note_time_or_period(deadline, element, context, "replyDeadline")
    count = None if size is None else to_count(size)
    if size is not None and count is None:
        context.note(rules.VALUE_NUMBER, element, f"replyChargingSize {quote(size)} is no positive integer")
    return ReplyCharging(count, deadline)


def _read_content(element: etree._Element, context: "Context") -> Content | None:
    href = element.get("href")
    if href is not None and len(element.keys()) == 1:
        return Content(href)
    href, adaptations = _attributes(element, context, "href", "allowAdaptations")
    allow = None if adaptations is None else _odd_boolean(adaptations, element, context, "allowAdaptations")
    if href is None:
        context.note(rules.HREF_MISSING, element, "Content has no href")
    return Content(href or "", allow)


def _read_capabilities(element: etree._Element, context: "Context") -> UACapabilities:
    profile, time_stamp = _attributes(element, context, "UAProf", "TimeStamp")
    if time_stamp is not None:
        _note_time_or_period(time_stamp, element, context, "TimeStamp")
    return UACapabilities(profile, time_stamp)


def _read_delivery_condition(element: etree._Element, context: "Context") -> tuple[int, ...] | str | None:
    if not len(element):
        return (element.text or "").strip() or ()
    found = (_read_count(child, context) for child in element)
    return tuple(count for count in found if count is not None)


def _read_sent_by(element: etree._Element, context: "Context") -> tuple[UserAgent, ...]:
    agents: list[UserAgent] = []
    for child in element:
        addresses = _addresses(child, context)
        (sequence,) = _attributes(child, context, "sequence")
        agents.extend(UserAgent(address, to_count(sequence or "")) for address in addresses[:1])
    return tuple(agents)


def _read_sent_at(element: etree._Element, context: "Context") -> tuple[SentAt, ...]:
    times = []
    for child in element:
        text = (child.text or "").strip()
        _note_time_or_period(text, child, context, "DateTime")
        (sequence,) = _attributes(child, context, "sequence")
        times.append(SentAt(text, to_count(sequence or "")))
    return tuple(times)


_READERS: dict[Kind, Reader] = {
    Kind.VERSION: _read_trimmed,
    Kind.ID: _read_id,
    Kind.TEXT: _read_text,
    Kind.SERVICE_CODE: _read_trimmed,
    Kind.TIME: _read_time,
    Kind.TIME_OR_PERIOD: _read_time_or_period,
    Kind.BOOLEAN: _read_boolean,
    Kind.STATUS_CODE: _read_status_code,
    Kind.DETAILS: _read_details,
    Kind.ADDRESS: _read_address,
    Kind.SENDER_ADDRESS: _read_sender_address,
    Kind.RECIPIENTS: _read_recipients,
    Kind.REPLY_CHARGING: _read_reply_charging,
    Kind.CONTENT: _read_content,
    Kind.CAPABILITIES: _read_capabilities,
    Kind.DELIVERY_CONDITION: _read_delivery_condition,
    Kind.SENT_BY: _read_sent_by,
    Kind.SENT_AT: _read_sent_at,
}


def reader(row: Row, release: Release) -> Reader:
    """The function that reads a row's element in a schema."""
    return _word_reader(row, release) if row.kind is Kind.WORD else _READERS[row.kind]
