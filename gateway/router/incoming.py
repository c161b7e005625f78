"""What the faces hand to the router: messages and reports as read, with no trace of how they were written."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.store.records import Media, RecipientKind, ReportKind


@dataclass(frozen=True, slots=True)
class Exchange:
    """Which exchange a message came in: what its identity is made of (design decision 6)."""

    peer: str  # the carrier's or account's name, never the VASPID
    operation: str  # "DeliverReq"
    transaction_id: str


@dataclass(frozen=True, slots=True)
class Address:
    number: str  # as it came; the router normalises numbers
    kind: RecipientKind = "to"
    display_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMO:
    """A message from a phone, as the face read it."""

    exchange: Exchange
    sender: str
    recipients: tuple[Address, ...]
    media: tuple[Media, ...] = ()
    message_id: str | None = None
    linked_id: str | None = None
    subject: str | None = None
    operator_id: str | None = None
    fields: str = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMT:
    """A message toward phones, as the face read it. `carrier` None: the routes decide."""

    account: str | None
    sender: str
    recipients: tuple[Address, ...]
    media: tuple[Media, ...] = ()
    carrier: str | None = None
    exchange: Exchange | None = None
    linked_id: str | None = None
    subject: str | None = None
    client_reference: str | None = None
    operator_id: str | None = None
    expires_at: int | None = None  # ms; None: DEFAULT_LIFETIME after acceptance
    wants_reports: bool = True  # what its sender is told; the carrier is always asked for a report
    fields: str = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReport:
    """A DeliveryReportReq or ReadReplyReq, as the face read it."""

    exchange: Exchange
    kind: ReportKind
    message_id: str
    recipient: str
    mm_status: str
    at: int | None = None  # ms; None: now
    status_text: str | None = None
    ua_prof: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """It is on disk; the peer may be told so. Without an account nobody claims it."""

    tracking_id: str
    account: str | None = None
