"""A message as plain values for JSON, the shape of `explain --json`: every element of its operation, absent ones None.

Names are the fields', but where a schema calls an element otherwise (TimeStamp for Date, DistributionProtection), that.
"""

from typing import Any

from gateway.mm7.envelope import Envelope
from gateway.mm7.messages import Fault, Message
from gateway.mm7.model import operation_of
from gateway.mm7.table import Address, Content, Extra, Recipients, ReplyCharging, SentAt, UACapabilities, UserAgent
from gateway.mm7.versions import NEWEST, Release

_RENAMED = {"TimeStamp": "time_stamp", "DistributionProtection": "distribution_protection"}
_ADDRESS_KEYS = {"Number": "number", "ShortCode": "short_code", "RFC2822Address": "rfc2822_address"}


def message_as_json(message: Message, release: Release | None) -> dict[str, Any]:
    """The message of an envelope; of a Fault the status in its detail, with the Fault's own texts."""
    if isinstance(message, Fault):
        inner = message_as_json(message.error, release) if message.error is not None else dict(_NO_STATUS)
        return {"fault_code": message.fault_code or None, "fault_string": message.fault_string or None, **inner}
    found: dict[str, Any] = {}
    for element in operation_of(message).elements:
        name = element.row.name_in(release or NEWEST)
        key = _RENAMED.get(name, element.field) if element.row.renamed else element.field
        found[key] = _value(getattr(message, element.field))
    if message.extras:
        found["extras"] = [_value(extra) for extra in message.extras]
    return found


_NO_STATUS = {"mm7_version": None, "status_code": None, "status_text": None, "details": None}


def envelope_as_json(envelope: Envelope) -> dict[str, Any]:
    return {
        "operation": envelope.operation,
        "mm7_version": _version(envelope.message),
        "namespace": envelope.namespace or None,
        "transaction_id": envelope.transaction_id,
        "message": message_as_json(envelope.message, envelope.release),
    }


def _version(message: Message) -> str | None:
    if isinstance(message, Fault):
        return message.error.mm7_version if message.error is not None else None
    return message.mm7_version


def _value(value: object) -> Any:  # noqa: ANN401  # JSON has no narrower type
    match value:
        case Address():
            return _address(value)
        case Recipients():
            return {name: [_address(address) for address in getattr(value, name)] for name in ("to", "cc", "bcc")}
        case ReplyCharging():
            return {"reply_charging_size": value.reply_charging_size, "reply_deadline": value.reply_deadline}
        case Content():
            return {"href": value.href, "allow_adaptations": value.allow_adaptations}
        case UACapabilities():
            return {"ua_prof": value.ua_prof, "time_stamp": value.time_stamp}
        case UserAgent():
            return {**_address(value.address), "sequence": value.sequence}
        case SentAt():
            return {"date_time": value.date_time, "sequence": value.sequence}
        case Extra():
            return {"name": value.name, "text": value.text}
        case tuple():
            return [_value(item) for item in value]
        case _:
            return value


def _address(address: Address) -> dict[str, Any]:
    found: dict[str, Any] = {
        _ADDRESS_KEYS[address.kind.value]: address.text,
        "display_only": address.display_only,
    }
    if address.address_coding is not None:
        found["address_coding"] = address.address_coding
    if address.id is not None:
        found["id"] = address.id
    return found
