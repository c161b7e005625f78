"""What the store keeps, as values.

Times are integers, milliseconds since 1970-01-01T00:00:00Z; sizes are bytes. Nothing here touches a database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gateway.store.states import MoState, ReadState, RecipientState, WorkState

Buffer: TypeAlias = bytes | bytearray | memoryview
Direction: TypeAlias = Literal["MT", "MO"]
AccountKind: TypeAlias = Literal["json", "xml", "mm7"]
RecipientKind: TypeAlias = Literal["to", "cc", "bcc"]
ReportKind: TypeAlias = Literal["delivery", "read"]
WorkKind: TypeAlias = Literal["submit", "notify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whoever sends through us and is told what became of it."""

    name: str
    kind: AccountKind = "json"
    senders: tuple[str, ...] = ()  # short codes and numbers, digits only
    postback_url: str | None = None
    mo_url: str | None = None
    report_url: str | None = None
    callback_username: str | None = None
    callback_password: str | None = None
    callback_client_cert: str | None = None
    callback_client_key: str | None = None
    callback_ca: str | None = None
    enabled: bool = True

    @property
    def mo_destination(self) -> str | None:
        return self.mo_url or self.postback_url

    @property
    def report_destination(self) -> str | None:
        return self.report_url or self.postback_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One leaf of a message's content, as it comes in. `data` is a view where the sender's buffer can be kept."""

    media_type: str  # with the parameters that matter: "text/plain; charset=utf-8"
    data: Buffer
    name: str | None = None
    content_id: str | None = None
    content_location: str | None = None


def part_token(tracking_id: str, position: int, secret: str) -> str:
    """The name under which a leaf can be fetched: it says where the leaf lies, and `secret` makes it unguessable."""
    return f"{tracking_id}.{position}.{secret}"


@dataclass(frozen=True, slots=True)
class NewPart:
    """A leaf on its way in, with its `part_token`."""

    token: str
    media: Media


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A leaf as the store has it."""

    tracking_id: str
    position: int
    media_type: str
    name: str | None
    content_id: str | None
    content_location: str | None
    size: int
    sha256: str  # hex
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom a message is addressed to. Of an MO only number, kind and display_only mean anything."""

    position: int
    number: str  # digits only for a number or short code; otherwise the address as it was given
    kind: RecipientKind = "to"
    display_only: bool = False
    state: RecipientState = RecipientState.ACCEPTED
    read: ReadState = ReadState.UNREAD
    message_id: str | None = None  # the carrier's
    mm_status: str | None = None  # the carrier's last word, as it wrote it
    status_text: str | None = None
    changed_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One MMS. `fields` is JSON of what only the face that accepted it wants back."""

    tracking_id: str
    direction: Direction
    account: str | None  # None: an MO that no account claims
    carrier: str
    sender: str
    accepted_at: int
    transaction_id: str = ""  # MO: the carrier's; MT: ours toward the carrier, the same in each attempt
    message_id: str | None = None  # MO: the carrier's own id for it
    linked_id: str | None = None
    subject: str | None = None
    client_reference: str | None = None
    operator_id: str | None = None
    wants_reports: bool = True
    fields: str = "{}"
    expires_at: int | None = None
    state: MoState | None = None  # of an MO; an MT's states are its recipients'
    recipients: tuple[Recipient, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A delivery report or read reply as the carrier sent it. Parked while no message of ours is known for it."""

    kind: ReportKind
    carrier: str
    message_id: str
    recipient: str
    mm_status: str
    received_at: int
    at: int  # when the carrier says it happened
    status_text: str | None = None
    ua_prof: str | None = None
    transaction_id: str = ""
    id: int = 0  # given by the store
    tracking_id: str | None = None  # None: parked


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWork:
    """Something to be done, written in the same transaction as what it is about.

    A submit may be written as leased already: its node attempts it at once, and nobody else takes it meanwhile.
    """

    kind: WorkKind
    destination: str  # submit: the carrier's name; notify: the URL
    tracking_id: str
    account: str | None
    event_id: str  # the webhook's id, the same in each attempt
    event: str = "{}"  # JSON
    created_at: int = 0
    expires_at: int | None = None
    lease_owner: str | None = None
    lease_until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A work row. `next_attempt_at` means something only while it is deferred."""

    id: int
    kind: WorkKind
    destination: str
    tracking_id: str
    account: str | None
    event_id: str
    event: str
    created_at: int
    expires_at: int | None
    state: WorkState
    attempts: int  # begun and ended ones
    next_attempt_at: int | None = None
    last_error: str | None = None
    lease_owner: str | None = None
    lease_until: int | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The work is done."""


@dataclass(frozen=True, slots=True)
class Postponed:
    """Not yet: it leaves the line and comes back at `at`."""

    at: int
    reason: str


@dataclass(frozen=True, slots=True)
class Buried:
    """No further attempt: a dead letter, visible and replayable."""

    reason: str
    certain: bool = False  # the peer said so, or it would of any attempt: true whoever holds the work by now


@dataclass(frozen=True, slots=True)
class Held:
    """In doubt: neither done nor to be repeated until somebody or something decides."""

    reason: str


Verdict: TypeAlias = Finished | Postponed | Buried | Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a decision makes of a message; all of it is written in one transaction."""

    recipients: tuple[Recipient, ...] = ()  # as they read from now on
    state: MoState | None = None
    work: tuple[NewWork, ...] = ()
    matched: tuple[int, ...] = ()  # ids of parked reports that found their message


Decide: TypeAlias = Callable[[Message, tuple[Report, ...]], Changes]
"""Pure: the message (recipients, no parts) and the reports that concern it, to what changes. Run in the transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A decision to be taken in the transaction that settles a piece of work.

    `message_ids`: ids that the carrier has just given; reports parked for them are shown to the decision.
    """

    decide: Decide
    carrier: str = ""
    message_ids: tuple[str, ...] = ()
