"""What an account is told: one neutral shape, which its face renders as JSON, XML or MM7.

The JSON form lies in the work row, so a field may be added but neither renamed nor given another meaning.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from gateway.clock import Ids
from gateway.router.match import Accounts
from gateway.store.records import Message, NewWork, Recipient
from gateway.store.states import RecipientState

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class EventKind(StrEnum):
    MO_RECEIVED = "mo.received"
    SUBMITTED = "mt.submitted"
    DEFERRED = "mt.deferred"
    FORWARDED = "mt.forwarded"
    DELIVERED = "mt.delivered"
    EXPIRED = "mt.expired"
    REJECTED = "mt.rejected"
    UNREACHABLE = "mt.unreachable"
    INDETERMINATE = "mt.indeterminate"
    UNRECOGNISED = "mt.unrecognised"
    NOT_SUPPORTED = "mt.not_supported"
    CONDITION_NOT_MET = "mt.condition_not_met"
    FAILED = "mt.failed"
    CANCELLED = "mt.cancelled"
    READ = "mt.read"
    READ_DELETED = "mt.read_deleted"
    READ_INDETERMINATE = "mt.read_indeterminate"


@dataclass(frozen=True, slots=True)
class EventPart:
    """A leaf of an MO; its content is at `/media/TOKEN`."""

    token: str
    media_type: str
    name: str | None
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`sender` is "from" in JSON. Of an MT event `to` is the one recipient it is about."""

    kind: EventKind
    tracking_id: str
    account: str
    sender: str
    to: tuple[str, ...]
    at: int  # ms; when it happened
    copy_to: tuple[str, ...] = ()  # MO to a group: the others, for display only
    subject: str | None = None
    parts: tuple[EventPart, ...] = ()
    transaction_id: str | None = None  # of the exchange with the carrier that made this event
    message_id: str | None = None  # the carrier's
    linked_id: str | None = None
    client_reference: str | None = None
    operator_id: str | None = None
    mm_status: str | None = None  # as the carrier wrote it
    status_code: int | None = None  # of a submit's answer
    status_text: str | None = None
    ua_prof: str | None = None

    def to_json(self) -> str:
        """Compact; absent and empty fields are left out."""
        values: dict[str, object] = {"kind": self.kind.value, "tracking_id": self.tracking_id, "account": self.account}
        values |= {"from": self.sender, "to": self.to, "at": self.at}
        for name in _OPTIONAL:
            if value := getattr(self, name):
                values[name] = value
        if self.parts:
            values["parts"] = [[part.token, part.media_type, part.name, part.size] for part in self.parts]
        return _encode(values)

    @classmethod
    def from_json(cls, text: str) -> Event:
        """Raises ValueError or KeyError where the text is no event."""
        values = json.loads(text)
        return cls(
            kind=EventKind(values["kind"]),
            tracking_id=values["tracking_id"],
            account=values["account"],
            sender=values["from"],
            to=tuple(values["to"]),
            at=values["at"],
            copy_to=tuple(values.get("copy_to", ())),
            parts=tuple(EventPart(*part) for part in values.get("parts", ())),
            **{name: values.get(name) for name in _OPTIONAL if name != "copy_to"},
        )


_OPTIONAL = (
    "copy_to",
    "subject",
    "transaction_id",
    "message_id",
    "linked_id",
    "client_reference",
    "operator_id",
    "mm_status",
    "status_code",
    "status_text",
    "ua_prof",
)


def kind_of(state: RecipientState) -> EventKind:
    """The event that a recipient's new state makes."""
    return EventKind.DELIVERED if state is RecipientState.RETRIEVED else EventKind(f"mt.{state}")


def mt_event(
    kind: EventKind,
    message: Message,
    who: Recipient,
    at: int,
    transaction_id: str,
    *,
    mm_status: str | None = None,
    status_code: int | None = None,
    status_text: str | None = None,
    ua_prof: str | None = None,
) -> Event:
    """What an account is told of one recipient of an MT."""
    return Event(
        kind=kind,
        tracking_id=message.tracking_id,
        account=message.account or "",
        sender=message.sender,
        to=(who.number,),
        at=at,
        subject=message.subject,
        transaction_id=transaction_id,
        message_id=who.message_id,
        linked_id=message.linked_id,
        client_reference=message.client_reference,
        operator_id=message.operator_id,
        mm_status=mm_status,
        status_code=status_code,
        status_text=status_text,
        ua_prof=ua_prof,
    )


def told(event: Event, accounts: Accounts, ids: Ids, now: int) -> list[NewWork]:
    """The notification of an event, where it has an account that wants to be told."""
    account = accounts.named(event.account)
    if account is None or not account.enabled:
        return []
    url = account.mo_destination if event.kind is EventKind.MO_RECEIVED else account.report_destination
    if url is None:
        return []
    return [
        NewWork(
            kind="notify",
            destination=url,
            tracking_id=event.tracking_id,
            account=account.name,
            event_id=ids.tracking_id(),
            event=event.to_json(),
            created_at=now,
        )
    ]
