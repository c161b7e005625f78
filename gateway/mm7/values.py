"""Elements into values: one reader for each type. Read leniently, note what was odd, keep what was written."""

from lxml import etree

from gateway.mm7 import findings as rules
from gateway.mm7.findings import quote
from gateway.mm7.frozen import maker
from gateway.mm7.names import is_nmtoken
from gateway.mm7.parties import address_reader, recipients_reader, sender_address_reader, sent_by_reader
from gateway.mm7.reading import (
    EXACT,
    Reader,
    Reading,
    Scheme,
    attributes,
    boolean_of,
    note_time_or_period,
    text_of,
    to_count,
)
from gateway.mm7.table import Content, Kind, ReplyCharging, Row, SentAt, UACapabilities
from gateway.mm7.times import is_date_time
from gateway.mm7.xml import local_name

_make_content = maker(Content)


def _read_text(element: etree._Element, reading: Reading) -> str | None:
    """A text as it stands, blanks included."""
    if len(element):
        return "".join(str(piece) for piece in element.itertext()) or None
    return element.text or text_of(element, reading) or None


def _read_trimmed(element: etree._Element, reading: Reading) -> str | None:
    text = None if len(element) else element.text
    return (text.strip() if text else text_of(element, reading)) or None


def _read_nmtoken(element: etree._Element, reading: Reading) -> str | None:
    text = _read_trimmed(element, reading)
    if text and not is_nmtoken(text):
        name = local_name(element)
        reading.note(rules.VALUE_NMTOKEN, element, f"{name} {quote(text)} is no NMTOKEN", name)
    return text


def _read_boolean(element: etree._Element, reading: Reading) -> bool | None:
    exact = EXACT.get(element.text or "")
    return boolean_of(text_of(element, reading), element, reading, local_name(element)) if exact is None else exact


def _read_time(element: etree._Element, reading: Reading) -> str | None:
    text = _read_trimmed(element, reading)
    if text and not is_date_time(text):
        name = local_name(element)
        reading.note(rules.VALUE_TIME, element, f"{name} {quote(text)} is no dateTime", name)
    return text


def _read_time_or_period(element: etree._Element, reading: Reading) -> str | None:
    text = text_of(element, reading)
    note_time_or_period(text, element, reading, local_name(element))
    return text or None


def _read_count(element: etree._Element, reading: Reading) -> int | None:
    text = text_of(element, reading)
    count = to_count(text)
    if text and count is None:
        name = local_name(element)
        reading.note(rules.VALUE_NUMBER, element, f"{name} {quote(text)} is no positive integer", name)
    return count


def _read_status_code(element: etree._Element, reading: Reading) -> int | None:
    code = _read_count(element, reading)
    if code is not None and not 1000 <= code <= 4999:
        reading.note(rules.STATUS_CLASS, element, f"StatusCode {code} is of no known class")
    return code


def _read_details(element: etree._Element, reading: Reading) -> str | None:
    text = "".join(str(piece) for piece in element.itertext()).strip()
    if (element.text or "").strip():
        reading.note(rules.DETAILS_TEXT, element, "Details hold text, the schema wants elements")
    return text or None


def _word_reader(row: Row, scheme: Scheme) -> Reader:
    words = frozenset(row.words_in(scheme.release)) or frozenset(word for word, _ in row.words)
    where = f"{row.name} of {scheme.release.suffix}"

    def read(element: etree._Element, reading: Reading) -> str | None:
        text = element.text
        if text in words:
            return text
        text = text_of(element, reading)
        if text and text not in words:
            reading.note(rules.VALUE_WORD, element, f"{quote(text)} is no word of {where}", row.name)
        return text or None

    return read


def _read_reply_charging(element: etree._Element, reading: Reading) -> ReplyCharging | None:
    if (element.text or "").strip().lower() == "false":
        reading.note(rules.VALUE_BOOLEAN, element, 'ReplyCharging holds "false": taken as absent', "ReplyCharging")
        return None
    size, deadline = attributes(element, reading, "replyChargingSize", "replyDeadline")
    if deadline is not None:
        note_time_or_period(deadline, element, reading, "replyDeadline")
    count = None if size is None else to_count(size)
    if size is not None and count is None:
        text = f"replyChargingSize {quote(size)} is no positive integer"
        reading.note(rules.VALUE_NUMBER, element, text, "replyChargingSize")
    return ReplyCharging(count, deadline)


def _read_content(element: etree._Element, reading: Reading) -> Content:
    href, adaptations = element.get("href"), element.get("allowAdaptations")
    usual = (href is not None) + (adaptations is not None)
    if href is None or len(element.keys()) != usual:
        href, adaptations = attributes(element, reading, "href", "allowAdaptations")
    allow = None
    if adaptations is not None:
        allow = boolean_of(adaptations, element, reading, "allowAdaptations")
    if href is None:
        reading.note(rules.HREF_MISSING, element, "Content has no href")
    return _make_content(href or "", allow)


def _read_capabilities(element: etree._Element, reading: Reading) -> UACapabilities:
    profile, time_stamp = attributes(element, reading, "UAProf", "TimeStamp")
    if time_stamp is not None:
        note_time_or_period(time_stamp, element, reading, "TimeStamp")
    return UACapabilities(profile, time_stamp)


def _read_delivery_condition(element: etree._Element, reading: Reading) -> tuple[int, ...] | str | None:
    """A text in REL-6-MM7-1-3, a list of DC after it; either is read in each."""
    if not len(element):
        return (element.text or "").strip() or ()
    found = (_read_count(child, reading) for child in element)
    return tuple(count for count in found if count is not None)


def _read_sent_at(element: etree._Element, reading: Reading) -> tuple[SentAt, ...]:
    times: list[SentAt] = []
    for child in element:
        text = text_of(child, reading)
        note_time_or_period(text, child, reading, "DateTime")
        (sequence,) = attributes(child, reading, "sequence")
        times.append(SentAt(text, to_count(sequence or "")))
    return tuple(times)


_READERS: dict[Kind, Reader] = {
    Kind.VERSION: _read_trimmed,
    Kind.ID: _read_trimmed,
    Kind.TEXT: _read_text,
    Kind.SERVICE_CODE: _read_trimmed,
    Kind.TIME: _read_time,
    Kind.TIME_OR_PERIOD: _read_time_or_period,
    Kind.BOOLEAN: _read_boolean,
    Kind.STATUS_CODE: _read_status_code,
    Kind.DETAILS: _read_details,
    Kind.REPLY_CHARGING: _read_reply_charging,
    Kind.CONTENT: _read_content,
    Kind.CAPABILITIES: _read_capabilities,
    Kind.DELIVERY_CONDITION: _read_delivery_condition,
    Kind.SENT_AT: _read_sent_at,
}
_READERS_OF_A_SCHEME = {
    Kind.ADDRESS: address_reader,
    Kind.SENDER_ADDRESS: sender_address_reader,
    Kind.RECIPIENTS: recipients_reader,
    Kind.SENT_BY: sent_by_reader,
}


def reader(row: Row, scheme: Scheme) -> Reader:
    """The function that reads a row's element in a schema."""
    if row.kind is Kind.WORD:
        return _word_reader(row, scheme)
    if row.kind is Kind.ID and scheme.nmtokens:
        return _read_nmtoken
    made = _READERS_OF_A_SCHEME.get(row.kind)
    return _READERS[row.kind] if made is None else made(scheme)
