"""Records to rows and back, in the order in which `sql/queries.sql` names the columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from gateway.store.records import Message, NewWork, Part, Recipient, Report, Work
from gateway.store.states import MoState, ReadState, RecipientState, WorkState

Row: TypeAlias = Sequence[Any]

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def storable(rows: Iterable[Row]) -> bool:
    """Whether SQLite can hold their text: a peer's broken bytes may have become halves of characters."""
    try:
        "".join([value for row in rows for value in row if isinstance(value, str)]).encode()
    except UnicodeEncodeError:
        return False
    return True


def message_row(message: Message) -> Row:
    return (
        message.tracking_id,
        message.direction,
        message.account,
        message.carrier,
        message.sender,
        message.accepted_at,
        message.transaction_id,
        message.message_id,
        message.linked_id,
        message.subject,
        message.client_reference,
        message.operator_id,
        message.wants_reports,
        message.fields,
        message.expires_at,
        message.state,
        _encode([(who.number, who.kind, who.display_only) for who in message.recipients])
        if message.direction == "MO"
        else None,
    )


def message_of(rows: Sequence[Row], parts: Iterable[Row] = ()) -> Message:
    """Of rows that each hold the message and one of its recipients, who of an MO is missing."""
    row = rows[0]
    return Message(
        tracking_id=row[0],
        direction=row[1],
        account=row[2],
        carrier=row[3],
        sender=row[4],
        accepted_at=row[5],
        transaction_id=row[6],
        message_id=row[7],
        linked_id=row[8],
        subject=row[9],
        client_reference=row[10],
        operator_id=row[11],
        wants_reports=bool(row[12]),
        fields=row[13],
        expires_at=row[14],
        state=None if row[15] is None else MoState(row[15]),
        recipients=tuple(map(_recipient_of, rows)) if row[16] is None else _addressed(row[16]),
        parts=tuple(map(part_of, parts)),
    )


def _addressed(text: str) -> tuple[Recipient, ...]:
    return tuple(
        Recipient(position=position, number=number, kind=kind, display_only=display_only)
        for position, (number, kind, display_only) in enumerate(json.loads(text))
    )


def recipient_rows(message: Message) -> list[Row]:
    """An MO's recipients have no states, so they lie in its own row."""
    if message.direction == "MO":
        return []
    return [
        (
            message.tracking_id,
            who.position,
            who.number,
            who.kind,
            who.display_only,
            message.carrier,
            who.state,
            who.read,
            who.message_id,
            who.mm_status,
            who.status_text,
            who.changed_at,
        )
        for who in message.recipients
    ]


def _recipient_of(row: Row) -> Recipient:
    return Recipient(
        position=row[17],
        number=row[18],
        kind=row[19],
        display_only=bool(row[20]),
        state=RecipientState(row[21]),
        read=ReadState(row[22]),
        message_id=row[23],
        mm_status=row[24],
        status_text=row[25],
        changed_at=row[26],
    )


def recipient_update(tracking_id: str, who: Recipient) -> Row:
    state = (who.state, who.read, who.message_id, who.mm_status, who.status_text, who.changed_at)
    return (*state, tracking_id, who.position)


def part_of(row: Row) -> Part:
    return Part(
        tracking_id=row[0],
        position=row[1],
        media_type=row[2],
        name=row[3],
        content_id=row[4],
        content_location=row[5],
        size=row[6],
        sha256=row[7].hex(),
        token=row[8],
    )


def work_row(work: NewWork) -> Row:
    return (
        work.kind,
        work.destination,
        work.tracking_id,
        work.account,
        work.event_id,
        work.event,
        work.created_at,
        work.expires_at,
        WorkState.READY if work.lease_owner is None else WorkState.LEASED,
        work.lease_owner,
        work.lease_until,
    )


def work_of(row: Row) -> Work:
    return Work(
        id=row[0],
        kind=row[1],
        destination=row[2],
        tracking_id=row[3],
        account=row[4],
        event_id=row[5],
        event=row[6],
        created_at=row[7],
        expires_at=row[8],
        state=WorkState(row[9]),
        attempts=row[10],
        next_attempt_at=row[11],
        last_error=row[12],
        lease_owner=row[13],
        lease_until=row[14],
    )


def report_row(report: Report, tracking_id: str | None) -> Row:
    return (
        report.kind,
        report.carrier,
        report.message_id,
        report.recipient,
        report.mm_status,
        report.status_text,
        report.ua_prof,
        report.transaction_id,
        report.at,
        report.received_at,
        tracking_id,
    )


def report_of(row: Row) -> Report:
    return Report(
        kind=row[0],
        carrier=row[1],
        message_id=row[2],
        recipient=row[3],
        mm_status=row[4],
        status_text=row[5],
        ua_prof=row[6],
        transaction_id=row[7],
        at=row[8],
        received_at=row[9],
        tracking_id=row[10],
        id=row[11],
    )
