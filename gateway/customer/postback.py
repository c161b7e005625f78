"""What an account is told, as JSON postbacks (P-03, M-08). Pure: an event in, a code and a body out.

Which outcome has which code is one table. A carrier's Deferred and Forwarded are not the end of a message: no code.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from gateway.router.events import Event, EventKind


@dataclass(frozen=True, slots=True)
class Told:
    """The words for one kind of event."""

    code: str
    status: str
    details: str


MT_CODES: MappingProxyType[EventKind, Told] = MappingProxyType(
    {
        EventKind.SUBMITTED: Told("N101", "Sent", "Message Sent"),
        EventKind.DELIVERED: Told("N102", "Delivered", "Message Delivered"),
        EventKind.EXPIRED: Told("N103", "Expired", "Message Expired"),
        EventKind.FAILED: Told("E101", "Failed", "Message Failed"),
        EventKind.REJECTED: Told("E102", "Rejected", "Message Rejected"),
        EventKind.UNRECOGNISED: Told("E102", "Unrecognised", "Message Unrecognised"),
        EventKind.NOT_SUPPORTED: Told("E102", "Rejected", "Message Not Supported"),
        EventKind.CONDITION_NOT_MET: Told("E102", "Rejected", "Delivery Condition Not Met"),
        EventKind.UNREACHABLE: Told("E102", "Failed", "Recipient Unreachable"),
        EventKind.INDETERMINATE: Told("E102", "Failed", "Delivery Indeterminate"),
    }
)
MO_CODE = "N401"


def body_of(event: Event, public_url: str) -> bytes | None:
    """The JSON body of an event's postback, in UTF-8; None where accounts are not told of this kind."""
    values = _mo(event, public_url) if event.kind is EventKind.MO_RECEIVED else _mt(event)
    return None if values is None else json.dumps(values, ensure_ascii=False).encode()


def _mt(event: Event) -> dict[str, object] | None:
    told = MT_CODES.get(event.kind)
    if told is None:
        return None
    values: dict[str, object] = {
        "origin": "MMS_MT",
        "code": told.code,
        "sent-as": "MMS",
        "status": told.status,
        "status-details": event.status_text or told.details,
        "to": event.to[0] if event.to else "",
        "from": event.sender,
        "tracking-id": event.tracking_id,
        "timestamp": _written(event.at),
    }
    optional = {"operator-id": event.operator_id, "client-reference": event.client_reference, "handset": event.ua_prof}
    return values | {name: value for name, value in optional.items() if value}


def _mo(event: Event, public_url: str) -> dict[str, object]:
    values: dict[str, object] = {
        "origin": "MMS_MO",
        "code": MO_CODE,
        "from": event.sender,
        "to": event.to[0] if event.to else "",
    }
    if event.copy_to:
        values["copy-to"] = [{"number": number} for number in event.copy_to]
    if event.operator_id:
        values["operator-id"] = event.operator_id
    return values | {
        "tracking-id": event.tracking_id,
        "timestamp": _written(event.at),
        "message-subject": event.subject or "",
        "content": [{"file": f"{public_url}/media/{part.token}"} for part in event.parts],
    }


def _written(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
