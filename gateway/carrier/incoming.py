"""What a carrier sends us, as the router takes it. Pure: an envelope in, a new MO or report out."""

import json
from collections.abc import Mapping
from datetime import datetime

from gateway.mm7.envelope import Envelope
from gateway.mm7.jsonable import message_as_json
from gateway.mm7.messages import DeliverReq, DeliveryReportReq, ReadReplyReq, SubmitReq
from gateway.mm7.mime import Part
from gateway.mm7.table import Address, Recipients
from gateway.mm7.times import parse_time
from gateway.router import incoming as router
from gateway.store.records import Media, RecipientKind, ReportKind

#: headers in which aggregators name the operator of the handset (M-19; interop H20)
OPERATOR_HEADERS = (
    "x-mblox-operator-id",
    "x-mblox-carrier-id",
    "x-skycore-carrier-id",
    "x-openmarket-carrier-id",
    "x-vibes-carriercode",
)
_LISTS: tuple[RecipientKind, ...] = ("to", "cc", "bcc")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Incomplete(ValueError):
    """A request without something that nothing can be done without; `element` names it."""

    def __init__(self, operation: str, element: str) -> None:
        super().__init__(f"{operation} has no {element}: nothing can be done with it")
        self.element = element


def new_mo(
    carrier: str, envelope: Envelope, message: DeliverReq | SubmitReq, headers: Mapping[str, str]
) -> router.NewMO:
    """An MO; some carriers send it as a SubmitReq (interop X16). Raises Incomplete."""
    if message.sender is None:
        raise Incomplete(envelope.operation, "Sender")
    return router.NewMO(
        exchange=_exchange(carrier, envelope),
        sender=message.sender.text,
        recipients=_addresses(message.recipients),
        media=tuple(_media(part) for part in envelope.leaves),
        linked_id=message.linked_id,
        subject=message.subject,
        operator_id=_operator(headers),
        fields=_fields(envelope),
    )


def new_report(carrier: str, envelope: Envelope, message: DeliveryReportReq | ReadReplyReq) -> router.NewReport:
    """A delivery report or read reply. Raises Incomplete."""
    if message.message_id is None:
        raise Incomplete(envelope.operation, "MessageID")
    delivery = isinstance(message, DeliveryReportReq)
    kind: ReportKind = "delivery" if delivery else "read"
    written = message.date if isinstance(message, DeliveryReportReq) else message.time_stamp
    capabilities = message.ua_capabilities if isinstance(message, DeliveryReportReq) else None
    return router.NewReport(
        exchange=_exchange(carrier, envelope),
        kind=kind,
        message_id=message.message_id,
        recipient=message.recipient.text if message.recipient is not None else "",
        mm_status=message.mm_status or "",
        at=_milliseconds(parse_time(written)) if written else None,
        status_text=message.status_text,
        ua_prof=capabilities.ua_prof if capabilities is not None else None,
    )


def _exchange(carrier: str, envelope: Envelope) -> router.Exchange:
    return router.Exchange(carrier, envelope.operation, envelope.transaction_key)


def _addresses(recipients: Recipients | None) -> tuple[router.Address, ...]:
    if recipients is None:
        return ()
    lists: tuple[tuple[Address, ...], ...] = (recipients.to, recipients.cc, recipients.bcc)
    return tuple(
        router.Address(address.text, kind, bool(address.display_only))
        for kind, addresses in zip(_LISTS, lists, strict=True)
        for address in addresses
    )


def _media(part: Part) -> Media:
    charset = f"; charset={part.charset}" if part.charset else ""
    return Media(
        media_type=part.media_type + charset,
        data=part.data,
        name=part.name or None,
        content_id=part.content_id or None,
        content_location=part.content_location or None,
    )


def _operator(headers: Mapping[str, str]) -> str | None:
    found = next((headers[name] for name in OPERATOR_HEADERS if headers.get(name)), None)
    # Bytes that are no UTF-8 come as lone surrogates, which nothing can store.
    return None if found is None else found.encode("utf-8", "replace").decode()


def _fields(envelope: Envelope) -> str:
    """Every element that the message has: what a face may want to pass on."""
    found = message_as_json(envelope.message, envelope.release)
    return _encode({name: value for name, value in found.items() if value is not None})


def _milliseconds(at: datetime | None) -> int | None:
    return None if at is None else round(at.timestamp() * 1000)
