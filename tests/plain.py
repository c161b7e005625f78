"""Messages as nested dictionaries of the schema's names, for comparing with software that has no idea of our types.

An element is a dictionary of its children and attributes, its text stands under `text`; alternatives of a choice are
lists, each of its kind: the order between kinds is lost, as it is in what stock tools make of a schema.
"""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from gateway.mm7 import Address, AddressKind, Recipients, Release
from gateway.mm7.messages import DeliverReq, Fault, Message, SubmitReq
from gateway.mm7.model import operation_of
from gateway.mm7.table import FROM_5_2, Kind, UserAgent

Plain = dict[str, Any]

_ATTRIBUTES = {
    "display_only": "displayOnly",
    "address_coding": "addressCoding",
    "allow_adaptations": "allowAdaptations",
    "reply_charging_size": "replyChargingSize",
    "reply_deadline": "replyDeadline",
    "ua_prof": "UAProf",
    "time_stamp": "TimeStamp",
    "date_time": "text",
}


def plain(message: Message, release: Release) -> Plain:
    """What a message holds, by the names that a release's schema has; absent elements are left out."""
    assert not isinstance(message, Fault)
    found: Plain = {}
    for element in operation_of(message).elements_in(release):
        row = element.row
        target = found.setdefault(row.inside, {}) if row.inside else found
        value = getattr(message, element.field)
        if value is not None:
            bare = row.kind is Kind.SENDER_ADDRESS and release not in FROM_5_2
            target[row.name_in(release)] = value.text if bare else _VALUES.get(row.kind, _as_it_is)(value)
    return found


def by_kind(message: Message) -> Message:
    """A message with the addresses of each list sorted by kind."""
    order = list(AddressKind)
    if not isinstance(message, SubmitReq | DeliverReq) or message.recipients is None:
        return message
    lists = recipients_of(message.recipients)
    ordered = (sorted(addresses, key=lambda address: order.index(address.kind)) for addresses in lists)
    return replace(message, recipients=Recipients(*map(tuple, ordered)))


def recipients_of(recipients: Recipients) -> tuple[tuple[Address, ...], ...]:
    return recipients.to, recipients.cc, recipients.bcc


def _as_it_is(value: object) -> object:
    return value


def _attributes(value: Any) -> Plain:  # noqa: ANN401
    """The fields of a value that are attributes of its element, or its text."""
    found = {_ATTRIBUTES.get(field.name, field.name): getattr(value, field.name) for field in fields(value)}
    return {name: value for name, value in found.items() if value is not None and name not in ("kind", "address")}


def _address(address: Address) -> Plain:
    return {address.kind.value: _attributes(address)}


def _addresses(addresses: tuple[Address, ...]) -> Plain:
    found: Plain = {}
    for address in addresses:
        found.setdefault(address.kind.value, []).append(_attributes(address))
    return found


def _recipients(recipients: Recipients) -> Plain:
    lists = zip(("To", "Cc", "Bcc"), recipients_of(recipients), strict=True)
    return {name: [_addresses(addresses)] for name, addresses in lists if addresses}


def _sent_by(agents: tuple[UserAgent, ...]) -> Plain:
    found = [_address(agent.address) | _attributes(agent) for agent in agents]
    return {"UserAgent": found} if found else {}


def _each(name: str, make: Callable[[Any], Any]) -> Callable[[tuple[Any, ...]], Plain]:
    return lambda values: {name: [make(value) for value in values]} if values else {}


def _condition(value: tuple[int, ...] | str) -> object:
    return value if isinstance(value, str) else _each("DC", _as_it_is)(value)


_VALUES: dict[Kind, Callable[[Any], Any]] = {
    Kind.ADDRESS: _address,
    Kind.SENDER_ADDRESS: _address,
    Kind.RECIPIENTS: _recipients,
    Kind.SERVICE_CODE: lambda text: {"text": text},
    Kind.REPLY_CHARGING: _attributes,
    Kind.CONTENT: _attributes,
    Kind.CAPABILITIES: _attributes,
    Kind.DELIVERY_CONDITION: _condition,
    Kind.SENT_BY: _sent_by,
    Kind.SENT_AT: _each("DateTime", _attributes),
}
