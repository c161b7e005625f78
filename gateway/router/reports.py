"""What a delivery report or read reply means for its message. Pure; the store calls `decide` in a transaction.

Nothing is dropped: a report that changes nothing, or names nobody we know, is kept all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.clock import Ids
from gateway.mm7.addresses import normalise
from gateway.mm7.status import MmStatus, ReadStatus, read_mm_status, read_read_status
from gateway.router.events import Event, EventKind, kind_of, mt_event, told
from gateway.router.incoming import NewReport
from gateway.router.match import Accounts
from gateway.store import states
from gateway.store.records import Changes, Message, NewWork, Recipient, Report
from gateway.store.states import Effect, ReadState, RecipientState

_OUTCOMES = {
    MmStatus.RETRIEVED: RecipientState.RETRIEVED,
    MmStatus.EXPIRED: RecipientState.EXPIRED,
    MmStatus.REJECTED: RecipientState.REJECTED,
    MmStatus.INDETERMINATE: RecipientState.INDETERMINATE,
    MmStatus.FORWARDED: RecipientState.FORWARDED,
    MmStatus.UNRECOGNISED: RecipientState.UNRECOGNISED,
    MmStatus.DEFERRED: RecipientState.DEFERRED,
    MmStatus.CONDITION_NOT_MET: RecipientState.CONDITION_NOT_MET,
    MmStatus.NOT_SUPPORTED: RecipientState.NOT_SUPPORTED,
    MmStatus.UNREACHABLE: RecipientState.UNREACHABLE,
}

_READ = {
    ReadStatus.READ: ReadState.READ,
    ReadStatus.DELETED: ReadState.DELETED,
    ReadStatus.INDETERMINATE: ReadState.INDETERMINATE,
}

_READ_EVENTS = {
    ReadState.READ: EventKind.READ,
    ReadState.DELETED: EventKind.READ_DELETED,
    ReadState.INDETERMINATE: EventKind.READ_INDETERMINATE,
}


def record(new: NewReport, now: int) -> Report:
    return Report(
        kind=new.kind,
        carrier=new.exchange.peer,
        message_id=new.message_id,
        recipient=normalise(new.recipient),
        mm_status=new.mm_status,
        status_text=new.status_text,
        ua_prof=new.ua_prof,
        transaction_id=new.exchange.transaction_id,
        at=now if new.at is None else new.at,
        received_at=now,
    )


def outcome_of(mm_status: str) -> RecipientState:
    return _OUTCOMES[read_mm_status(mm_status)]


def read_state_of(mm_status: str) -> ReadState:
    return _READ[read_read_status(mm_status)]


def decide(message: Message, found: tuple[Report, ...], *, accounts: Accounts, ids: Ids, now: int) -> Changes:
    """Apply the reports in order, and make an event of each that moves its recipient up."""
    recipients = {who.position: who for who in message.recipients}
    touched: set[int] = set()
    work: list[NewWork] = []
    for report in found:
        before = _addressee(tuple(recipients.values()), report)
        if before is None:
            continue
        after, effects = _apply(before, report)
        recipients[before.position] = after
        touched.add(before.position)
        if Effect.NOTIFY in effects and message.wants_reports:
            work += told(_event(message, after, report), accounts, ids, now)
    return Changes(
        recipients=tuple(recipients[position] for position in sorted(touched)),
        work=tuple(work),
        matched=tuple(report.id for report in found if report.id),
    )


def _addressee(recipients: Sequence[Recipient], report: Report) -> Recipient | None:
    """By number among those who share the message_id; by the id alone where it stands for one recipient."""
    same = [who for who in recipients if who.message_id == report.message_id]
    named = [who for who in same if who.number == report.recipient]
    if named:
        return named[0]
    return same[0] if len(same) == 1 else None


def _apply(who: Recipient, report: Report) -> tuple[Recipient, states.Effects]:
    if report.kind == "read":
        read, effects = states.read(who.read, read_state_of(report.mm_status))
        return replace(who, read=read), effects
    state, effects = states.recipient(who.state, outcome_of(report.mm_status))
    if not effects:
        return who, effects
    text = report.status_text
    return replace(who, state=state, mm_status=report.mm_status, status_text=text, changed_at=report.at), effects


def _event(message: Message, who: Recipient, report: Report) -> Event:
    return mt_event(
        _READ_EVENTS[who.read] if report.kind == "read" else kind_of(who.state),
        message,
        who,
        report.at,
        report.transaction_id,
        mm_status=report.mm_status,
        status_text=report.status_text,
        ua_prof=report.ua_prof,
    )
