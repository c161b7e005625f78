"""The one way in for messages: what a face has read is on disk before the face answers.

Why this order, for MO and MT alike:
1. The message is decided upon in memory: ids, account or carrier, the work it makes. Nothing is written, so a message
   that is refused here leaves nothing behind.
2. `store.accept` makes content durable first, then message, recipients and work in one transaction. A crash before its
   commit leaves at most content that nothing names; the peer got no answer and sends again.
3. Only then do we return, and the face answers. A crash after the commit and before the answer leaves an accepted
   message whose sender doesn't know: it sends again, and the exchange's identity (`Exchange`, decision 6) tells.
The work is in the same transaction as the message, so there is no moment at which a message is accepted and forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.clock import Ids
from gateway.mm7.addresses import normalise
from gateway.router.events import Event, EventKind, EventPart, told
from gateway.router.incoming import Accepted, Address, NewMO, NewMT
from gateway.router.match import Accounts
from gateway.router.routes import Route, pick
from gateway.store import states
from gateway.store.records import (
    Account,
    Buried,
    Change,
    Changes,
    Finished,
    Media,
    Message,
    NewPart,
    NewWork,
    Recipient,
    Report,
    Verdict,
    Work,
    part_token,
)
from gateway.store.store import Lease, Store

DEFAULT_LIFETIME = 3 * 24 * 3600 * 1000
"""Milliseconds for which an MT is worth submitting where its sender says nothing."""


class NotAccepted(Exception):
    """The message cannot be accepted as it is; nothing was stored."""


class NoRecipient(NotAccepted):
    """It is addressed to nobody."""


class NoRoute(NotAccepted):
    """No route leads to its recipients, or routes lead to several carriers."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Everything that one message puts into the store."""

    message: Message
    content: tuple[NewPart, ...]
    work: tuple[NewWork, ...]


async def durable(store: Store, acceptance: Acceptance) -> Accepted:
    """Returns when it is on disk. Raises StoreBusy, StoreFailed."""
    await store.accept(acceptance.message, acceptance.content, acceptance.work)
    return Accepted(acceptance.message.tracking_id, acceptance.message.account)


def mo(new: NewMO, accounts: Accounts, ids: Ids, now: int) -> Acceptance:
    """An MO that no account claims is kept too: visible, without an event."""
    tracking_id = ids.tracking_id()
    recipients = _recipients(new.recipients, now)
    account = accounts.owner_of(who.number for who in recipients)
    message = Message(
        tracking_id=tracking_id,
        direction="MO",
        account=account.name if account else None,
        carrier=new.exchange.peer,
        sender=normalise(new.sender),
        accepted_at=now,
        transaction_id=new.exchange.transaction_id,
        message_id=new.message_id,
        linked_id=new.linked_id,
        subject=new.subject,
        operator_id=new.operator_id,
        fields=new.fields,
        state=states.MoState.RECEIVED,
        recipients=recipients,
    )
    content = _content(tracking_id, new.media, ids)
    work = told(_event(account, message, content), accounts, ids, now) if account else []
    return Acceptance(message, content, tuple(work))


def mt(new: NewMT, routes: Sequence[Route], ids: Ids, now: int, lease: Lease | None = None) -> Acceptance:
    """`lease`: whose the submit is from the beginning. Raises NoRecipient, NoRoute."""
    tracking_id = ids.tracking_id()
    sender = normalise(new.sender)
    recipients = _recipients(new.recipients, now)
    if not recipients:
        raise NoRecipient("the message is addressed to nobody")
    expires_at = now + DEFAULT_LIFETIME if new.expires_at is None else new.expires_at
    message = Message(
        tracking_id=tracking_id,
        direction="MT",
        account=new.account,
        carrier=new.carrier or _carrier(routes, recipients, sender),
        sender=sender,
        accepted_at=now,
        transaction_id=ids.transaction_id(),
        linked_id=new.linked_id,
        subject=new.subject,
        client_reference=new.client_reference,
        operator_id=new.operator_id,
        wants_reports=new.wants_reports,
        fields=new.fields,
        expires_at=expires_at,
        recipients=recipients,
    )
    submit = NewWork(
        kind="submit",
        destination=message.carrier,
        tracking_id=tracking_id,
        account=new.account,
        event_id=message.transaction_id,
        created_at=now,
        expires_at=expires_at,
        lease_owner=lease.owner if lease else None,
        lease_until=lease.until if lease else None,
    )
    return Acceptance(message, _content(tracking_id, new.media, ids), (submit,))


def handed_over(work: Work, verdict: Verdict) -> Change | None:
    """What the end of a notification changes: of an MO, whether its account has it."""
    match verdict:
        case Finished():
            event = states.MoEvent.HANDED_OVER
        case Buried():
            event = states.MoEvent.BURIED
        case _:
            return None
    if Event.from_json(work.event).kind is not EventKind.MO_RECEIVED:
        return None

    def decide(message: Message, _reports: tuple[Report, ...]) -> Changes:
        return Changes(state=None if message.state is None else states.mo(message.state, event))

    return Change(decide=decide)


def _event(account: Account, message: Message, content: tuple[NewPart, ...]) -> Event:
    return Event(
        kind=EventKind.MO_RECEIVED,
        tracking_id=message.tracking_id,
        account=account.name,
        sender=message.sender,
        to=tuple(who.number for who in message.recipients if not who.display_only),
        copy_to=tuple(who.number for who in message.recipients if who.display_only),
        at=message.accepted_at,
        subject=message.subject,
        parts=tuple(_event_part(part) for part in content),
        transaction_id=message.transaction_id,
        message_id=message.message_id,
        linked_id=message.linked_id,
        operator_id=message.operator_id,
    )


def _event_part(part: NewPart) -> EventPart:
    return EventPart(part.token, part.media.media_type, part.media.name, len(part.media.data))


def _recipients(addresses: Sequence[Address], now: int) -> tuple[Recipient, ...]:
    return tuple(
        Recipient(
            position=position,
            number=normalise(address.number),
            kind=address.kind,
            display_only=address.display_only,
            changed_at=now,
        )
        for position, address in enumerate(addresses)
    )


def _content(tracking_id: str, media: Sequence[Media], ids: Ids) -> tuple[NewPart, ...]:
    return tuple(NewPart(part_token(tracking_id, position, ids.token()), leaf) for position, leaf in enumerate(media))


def _carrier(routes: Sequence[Route], recipients: Sequence[Recipient], sender: str) -> str:
    carriers = {pick(routes, who.number, sender) for who in recipients if not who.display_only}
    if len(carriers) > 1:
        raise NoRoute("the recipients belong to several carriers: send one message to each")
    carrier = carriers.pop() if carriers else None
    if carrier is None:
        raise NoRoute("no route leads to the recipient")
    return carrier
