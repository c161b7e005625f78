"""A message into the XML of its operation, driven by the model table: schema order, declared types, nothing else.

One function is put together for each operation, namespace and style, from one small function an element, and kept.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from gateway.mm7.dialect import DetailsForm, Dialect
from gateway.mm7.errors import Unwritable
from gateway.mm7.messages import Message
from gateway.mm7.model import Element, Operation
from gateway.mm7.names import NO_CHARACTERS, is_ncname, is_nmtoken, is_uri
from gateway.mm7.reading import to_count
from gateway.mm7.table import (
    FROM_5_2,
    FROM_6_0,
    FROM_6_4,
    Address,
    AddressKind,
    Content,
    Extra,
    Kind,
    Recipients,
    ReplyCharging,
    Row,
    SentAt,
    UACapabilities,
    UserAgent,
)
from gateway.mm7.times import is_date_time, is_duration
from gateway.mm7.versions import VERSIONS, Release

# What can't stand in a document at all, and what has to be escaped to be read back as it was.
_SPECIAL = re.compile(f"[&<>\r{NO_CHARACTERS}]")
_SPECIAL_IN_ATTRIBUTE = re.compile(f'[&<>"\r\n\t{NO_CHARACTERS}]')
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}


@dataclass(frozen=True, slots=True)
class Style:
    """What an encoder is made for: the namespace text and the dialect's way of writing."""

    uri: str
    dialect: Dialect

    @property
    def release(self) -> Release:
        return self.dialect.release

    def tag(self, name: str) -> str:
        return f"{self.dialect.mm7_prefix}:{name}" if self.dialect.mm7_prefix else name


def escape(text: str, name: str) -> str:
    """Text of an element. Raises Unwritable for a character that XML does not have."""
    return _escaped(text, name) if _SPECIAL.search(text) else text


def attribute(text: str, name: str) -> str:
    return _escaped(text, name, _SPECIAL_IN_ATTRIBUTE) if _SPECIAL_IN_ATTRIBUTE.search(text) else text


def _escaped(text: str, name: str, special: re.Pattern[str] = _SPECIAL) -> str:
    def replacement(found: re.Match[str]) -> str:
        character = found.group()
        if character not in _ESCAPES:
            raise Unwritable(f"{name} holds the character U+{ord(character):04X}, which XML can't carry: leave it out")
        return _ESCAPES[character]

    return special.sub(replacement, text)


Encoder = Callable[[Message], str]
ValueWriter = Callable[[Any], str]


@lru_cache(maxsize=1024)
def encoder_for(dialect: Dialect, uri: str, operation: Operation) -> Encoder:
    """The function that writes an operation; `uri` is its namespace's text, the dialect says which schema that is.

    What it returns raises Unwritable for a message that the schema does not allow.
    """
    style = Style(uri, dialect)
    if style.release not in operation.releases:
        raise Unwritable(f"{operation.name} is not in {style.release.suffix}: choose a namespace that has it")
    pieces = tuple(_piece(element, operation, style) for element in _written(operation, style))
    groups = _grouped(pieces)
    tag = style.tag(operation.name)
    declared = f"xmlns:{dialect.mm7_prefix}" if dialect.mm7_prefix else "xmlns"
    opening, closing = f'<{tag} {declared}="{attribute(uri, "namespace")}">', f"</{tag}>"

    def encode(message: Message) -> str:
        out = [opening]
        for container, inner in groups:
            if container:
                out.append(f"<{container}>")
            for piece in inner:
                value = getattr(message, piece.field)
                if value is None:
                    if piece.required:
                        raise Unwritable(f"{operation.name} has no {piece.name}, which {style.release.suffix} requires")
                    continue
                out.append(piece.write(value))
            if container:
                out.append(f"</{container}>")
        if dialect.extras:
            out.extend(_extra(extra, style) for extra in getattr(message, "extras", ()))
        out.append(closing)
        return "".join(out)

    return encode


@dataclass(frozen=True, slots=True)
class _Piece:
    field: str
    name: str
    container: str
    required: bool
    write: ValueWriter


def _written(operation: Operation, style: Style) -> list[Element]:
    """The elements that this dialect writes: the schema's, and what a profile says beside it (decision 13)."""
    dialect = style.dialect
    found = []
    for element in operation.elements:
        name = f"{operation.name}/{element.row.name}"
        beyond = name in dialect.beyond_schema
        hidden = element.row.name == "SenderAddress" and not dialect.sender_address
        if (style.release in element.row.releases or beyond) and not hidden:
            found.append(element)
    return found


def _piece(element: Element, operation: Operation, style: Style) -> _Piece:
    row = element.row
    name = row.name_in(style.release)
    required = style.release in row.required and f"{operation.name}/{row.name}" not in style.dialect.omitted
    return _Piece(element.field, name, style.tag(row.inside) if row.inside else "", required, _value_writer(row, style))


def _grouped(pieces: tuple[_Piece, ...]) -> tuple[tuple[str, tuple[_Piece, ...]], ...]:
    return tuple((container, tuple(group)) for container, group in groupby(pieces, key=lambda piece: piece.container))


def _extra(extra: Extra, style: Style) -> str:
    if not is_ncname(extra.name):
        raise Unwritable(f"{extra.name!r} is no name that an element can have")
    tag = style.tag(extra.name)
    return f"<{tag}>{escape(extra.text, extra.name)}</{tag}>"


def _value_writer(row: Row, style: Style) -> ValueWriter:
    """The function that writes one element with its tags."""
    name = row.name_in(style.release)
    tag = style.tag(name)
    special = _SPECIAL_WRITERS.get(row.kind)
    if special is not None:
        return special(tag, style)
    check = _check_for(row, name, style)

    opening, closing = f"<{tag}>", f"</{tag}>"
    if row.kind is Kind.BOOLEAN:
        true, false = f"{opening}true{closing}", f"{opening}false{closing}"
        return lambda value: true if value else false
    if row.kind is Kind.STATUS_CODE:
        return lambda value: f"{opening}{_positive(value, name)}{closing}"
    if check is None:
        return lambda text: f"{opening}{_escaped(text, name) if _SPECIAL.search(text) else text}{closing}"

    def write(text: str) -> str:
        check(text)
        return f"{opening}{_escaped(text, name) if _SPECIAL.search(text) else text}{closing}"

    return write


def _check_for(row: Row, name: str, style: Style) -> Callable[[str], None] | None:
    """What a text has to be in this schema; None where any text will do."""
    release = style.release
    if row.kind is Kind.VERSION:
        return _one_of(frozenset(VERSIONS[release]), name, release)
    if row.kind is Kind.WORD and name not in style.dialect.free_words:
        return _one_of(frozenset(row.words_in(release)), name, release)
    if row.kind is Kind.ID and release not in FROM_5_2:
        return _that(is_nmtoken, name, f"no NMTOKEN, which {release.suffix} wants")
    if row.kind is Kind.TIME:
        return _that(is_date_time, name, "no xs:dateTime (2026-01-31T12:00:00Z)")
    if row.kind is Kind.TIME_OR_PERIOD:
        return _that(_is_time_or_period, name, "neither xs:dateTime (2026-01-31T12:00:00Z) nor xs:duration (P3D)")
    return None


def _one_of(words: frozenset[str], name: str, release: Release) -> Callable[[str], None]:
    def check(text: str) -> None:
        if text not in words:
            raise Unwritable(f"{name} {text!r} is not in {release.suffix}: it has {', '.join(sorted(words))}")

    return check


def _that(holds: Callable[[str], bool], name: str, otherwise: str) -> Callable[[str], None]:
    def check(text: str) -> None:
        if not holds(text):
            raise Unwritable(f"{name} {text!r} is {otherwise}")

    return check


def _is_time_or_period(text: str) -> bool:
    return is_date_time(text) or is_duration(text)


def _positive(number: int, name: str) -> str:
    """An xs:positiveInteger, as long as a peer's 64 bits hold."""
    if not 0 < number < 10**18:
        raise Unwritable(f"{name} is no positive integer of at most 18 digits")
    return str(int(number))


def _words_of_truth(value: bool) -> str:  # noqa: FBT001  # it is what is written
    return "true" if value else "false"


def _address_writer(style: Style) -> Callable[[Address], str]:
    """An address element with its attributes; addressCoding and id exist from REL-6-MM7-1-0 on."""
    tags = {kind: style.tag(kind.value) for kind in AddressKind}
    coded = style.release in FROM_6_0
    nmtoken = style.release not in FROM_5_2
    prefix, suffix = style.dialect.number_prefix, style.dialect.number_suffix

    def write(address: Address) -> str:
        kind = address.kind
        text = address.text
        if kind is AddressKind.NUMBER:
            text = f"{prefix}{text}{suffix}"
        if nmtoken and kind is not AddressKind.RFC2822 and not is_nmtoken(text):
            raise Unwritable(f"{kind.value} is no NMTOKEN, which {style.release.suffix} wants: write digits only")
        attributes = ""
        if address.display_only is not None:
            attributes = f' displayOnly="{_words_of_truth(address.display_only)}"'
        if coded and address.address_coding:
            if address.address_coding not in ("encrypted", "obfuscated"):
                raise Unwritable(f"addressCoding {address.address_coding!r} is neither encrypted nor obfuscated")
            attributes += f' addressCoding="{address.address_coding}"'
        if coded and address.id:
            if not is_ncname(address.id):
                raise Unwritable(f"id {address.id!r} is no xs:ID: it begins with a letter, and has no blank or colon")
            attributes += f' id="{address.id}"'
        tag = tags[kind]
        return f"<{tag}{attributes}>{escape(text, kind.value)}</{tag}>"

    return write


def _write_address(tag: str, style: Style) -> ValueWriter:
    inner = _address_writer(style)
    return lambda address: f"<{tag}>{inner(address)}</{tag}>"


def _write_sender_address(tag: str, style: Style) -> ValueWriter:
    if style.release in FROM_5_2:
        return _write_address(tag, style)
    return lambda address: f"<{tag}>{escape(address.text, 'SenderAddress')}</{tag}>"


def _write_recipients(tag: str, style: Style) -> ValueWriter:
    inner = _address_writer(style)
    lists = tuple((style.tag(list_name), field) for list_name, field in (("To", "to"), ("Cc", "cc"), ("Bcc", "bcc")))

    def write(recipients: Recipients) -> str:
        if not recipients.all():
            raise Unwritable("Recipients hold no address: at least one of To, Cc and Bcc is needed")
        out = [f"<{tag}>"]
        for list_tag, field in lists:
            addresses = getattr(recipients, field)
            if addresses:
                out.append(f"<{list_tag}>{''.join([inner(address) for address in addresses])}</{list_tag}>")
        out.append(f"</{tag}>")
        return "".join(out)

    return write


def _write_reply_charging(tag: str, _: Style) -> ValueWriter:
    deadline_check = _that(_is_time_or_period, "replyDeadline", "neither xs:dateTime nor xs:duration")

    def write(charging: ReplyCharging) -> str:
        size = deadline = ""
        if charging.reply_charging_size is not None:
            size = f' replyChargingSize="{_positive(charging.reply_charging_size, "replyChargingSize")}"'
        if charging.reply_deadline is not None:
            deadline_check(charging.reply_deadline)
            deadline = f' replyDeadline="{attribute(charging.reply_deadline, "replyDeadline")}"'
        return f"<{tag}{size}{deadline}/>"

    return write


def _write_content(tag: str, _: Style) -> ValueWriter:
    def write(content: Content) -> str:
        if not is_uri(content.href):
            raise Unwritable(f"href {content.href!r} is no URI: percent-encode what a URI can't hold")
        adaptations = content.allow_adaptations
        allow = "" if adaptations is None else f' allowAdaptations="{_words_of_truth(adaptations)}"'
        return f'<{tag} href="{attribute(content.href, "href")}"{allow}/>'

    return write


def _write_capabilities(tag: str, _: Style) -> ValueWriter:
    time_check = _that(_is_time_or_period, "TimeStamp", "neither xs:dateTime nor xs:duration")

    def write(capabilities: UACapabilities) -> str:
        profile = "" if capabilities.ua_prof is None else f' UAProf="{attribute(capabilities.ua_prof, "UAProf")}"'
        stamp = ""
        if capabilities.time_stamp is not None:
            time_check(capabilities.time_stamp)
            stamp = f' TimeStamp="{attribute(capabilities.time_stamp, "TimeStamp")}"'
        return f"<{tag}{profile}{stamp}/>"

    return write


def _write_delivery_condition(tag: str, style: Style) -> ValueWriter:
    """A string in REL-6-MM7-1-3, a list of DC from REL-6-MM7-1-4 on; each is written for the other."""
    inner = style.tag("DC")

    def as_list(value: tuple[int, ...] | str) -> str:
        counts = value if isinstance(value, tuple) else [to_count(word) or 0 for word in value.split()]
        listed = [f"<{inner}>{_positive(count, 'DeliveryCondition')}</{inner}>" for count in counts]
        return f"<{tag}>{''.join(listed)}</{tag}>"

    def as_text(value: tuple[int, ...] | str) -> str:
        text = value if isinstance(value, str) else " ".join([_positive(count, "DeliveryCondition") for count in value])
        return f"<{tag}>{escape(text, 'DeliveryCondition')}</{tag}>"

    return as_list if style.release in FROM_6_4 else as_text


def _sequence(number: int | None) -> str:
    return "" if number is None else f' sequence="{_positive(number, "sequence")}"'


def _write_sent_by(tag: str, style: Style) -> ValueWriter:
    inner, agent_tag = _address_writer(style), style.tag("UserAgent")

    def write(agents: tuple[UserAgent, ...]) -> str:
        parts = (f"<{agent_tag}{_sequence(agent.sequence)}>{inner(agent.address)}</{agent_tag}>" for agent in agents)
        return f"<{tag}>{''.join(parts)}</{tag}>"

    return write


def _write_sent_at(tag: str, style: Style) -> ValueWriter:
    time_tag = style.tag("DateTime")
    check = _that(_is_time_or_period, "DateTime", "neither xs:dateTime nor xs:duration")

    def write(times: tuple[SentAt, ...]) -> str:
        for sent in times:
            check(sent.date_time)
        parts = (f"<{time_tag}{_sequence(sent.sequence)}>{sent.date_time}</{time_tag}>" for sent in times)
        return f"<{tag}>{''.join(parts)}</{tag}>"

    return write


def _write_details(tag: str, style: Style) -> ValueWriter:
    """anyDataType holds elements and no text; most peers write text all the same (decision 13)."""
    form, inner = style.dialect.details, style.tag("Text")
    if form is DetailsForm.OMIT:
        return lambda _: ""
    if form is DetailsForm.TEXT:
        return lambda text: f"<{tag}>{escape(text, 'Details')}</{tag}>"
    return lambda text: f"<{tag}><{inner}>{escape(text, 'Details')}</{inner}></{tag}>"


_SPECIAL_WRITERS: dict[Kind, Callable[[str, Style], ValueWriter]] = {
    Kind.ADDRESS: _write_address,
    Kind.SENDER_ADDRESS: _write_sender_address,
    Kind.RECIPIENTS: _write_recipients,
    Kind.REPLY_CHARGING: _write_reply_charging,
    Kind.CONTENT: _write_content,
    Kind.CAPABILITIES: _write_capabilities,
    Kind.DELIVERY_CONDITION: _write_delivery_condition,
    Kind.SENT_BY: _write_sent_by,
    Kind.SENT_AT: _write_sent_at,
    Kind.DETAILS: _write_details,
}
