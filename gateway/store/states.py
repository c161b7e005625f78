"""Every table of states (design "States"): pure functions `(state, event) -> (state, effects)`.

Promise: states only move up in rank (decision 8), so what is reported twice, late or out of order ends where it would
have ended in order; the one way down is RETRY, of what is in doubt or was refused.
A pair that a table doesn't have changes nothing: the report that brought it is kept all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import TypeAlias


class RecipientState(StrEnum):
    """Of one recipient of an MT."""

    ACCEPTED = "accepted"
    IN_DOUBT = "in_doubt"
    SUBMITTED = "submitted"
    DEFERRED = "deferred"
    FORWARDED = "forwarded"
    INDETERMINATE = "indeterminate"
    UNREACHABLE = "unreachable"
    EXPIRED = "expired"
    REJECTED = "rejected"
    UNRECOGNISED = "unrecognised"
    NOT_SUPPORTED = "not_supported"
    CONDITION_NOT_MET = "condition_not_met"
    RETRIEVED = "retrieved"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ReadState(StrEnum):
    """What read replies say of one recipient."""

    UNREAD = "unread"
    INDETERMINATE = "indeterminate"
    DELETED = "deleted"
    READ = "read"


class MoState(StrEnum):
    """Of an MO."""

    RECEIVED = "received"
    HANDED_OVER = "handed_over"
    DEAD = "dead"


class WorkState(StrEnum):
    """Of a work row."""

    READY = "ready"  # in line, to be attempted now
    DEFERRED = "deferred"  # ready later: out of the line until next_attempt_at
    LEASED = "leased"  # a node has it and has sent nothing
    SENDING = "sending"  # a submit whose first byte may have left
    HELD = "held"  # a submit in doubt
    DONE = "done"
    DEAD = "dead"


class Submit(StrEnum):
    """What becomes of handing a recipient to the carrier."""

    ACCEPTED = "accepted by the carrier"
    REFUSED = "refused by the carrier"
    IN_DOUBT = "no answer"
    EXPIRED = "lifetime over"
    RETRY = "to be tried again"
    CANCEL = "cancelled"


class MoEvent(StrEnum):
    HANDED_OVER = "account took it"
    BURIED = "last attempt failed"


class WorkEvent(StrEnum):
    TAKE = "leased"
    BEGIN = "first byte leaves"
    FINISH = "done"
    DEFER = "not now"
    BURY = "no further attempt"
    HOLD = "in doubt"
    GIVE_BACK = "graceful stop"
    LEASE_OUT = "lease ran out"
    RETRY = "operator: again"


class Effect(Enum):
    NOTIFY = "the account is told"


Effects: TypeAlias = frozenset[Effect]
QUIET: Effects = frozenset()
NOTIFY: Effects = frozenset({Effect.NOTIFY})

RecipientEvent: TypeAlias = Submit | RecipientState
"""A submit's fate, or the outcome that a delivery report names, which is the state it leads to."""

RANK: Mapping[RecipientState, int] = {
    RecipientState.ACCEPTED: 0,
    RecipientState.IN_DOUBT: 0,
    RecipientState.SUBMITTED: 1,
    RecipientState.DEFERRED: 2,
    RecipientState.FORWARDED: 2,
    RecipientState.INDETERMINATE: 3,
    RecipientState.UNREACHABLE: 3,
    RecipientState.EXPIRED: 4,
    RecipientState.REJECTED: 4,
    RecipientState.UNRECOGNISED: 4,
    RecipientState.NOT_SUPPORTED: 4,
    RecipientState.CONDITION_NOT_MET: 4,
    RecipientState.FAILED: 4,
    RecipientState.CANCELLED: 4,
    RecipientState.RETRIEVED: 5,
}

REPORTED = tuple(state for state in RecipientState if RANK[state] >= 2 and state.name not in ("FAILED", "CANCELLED"))
"""The outcomes that a delivery report can name."""

_RecipientTable: TypeAlias = Mapping[tuple[RecipientState, RecipientEvent], tuple[RecipientState, Effects]]

RECIPIENT: _RecipientTable = {
    (RecipientState.ACCEPTED, Submit.ACCEPTED): (RecipientState.SUBMITTED, NOTIFY),
    (RecipientState.ACCEPTED, Submit.REFUSED): (RecipientState.FAILED, NOTIFY),
    (RecipientState.ACCEPTED, Submit.IN_DOUBT): (RecipientState.IN_DOUBT, QUIET),
    (RecipientState.ACCEPTED, Submit.EXPIRED): (RecipientState.EXPIRED, NOTIFY),
    (RecipientState.ACCEPTED, Submit.CANCEL): (RecipientState.CANCELLED, NOTIFY),
    (RecipientState.IN_DOUBT, Submit.ACCEPTED): (RecipientState.SUBMITTED, NOTIFY),
    (RecipientState.IN_DOUBT, Submit.REFUSED): (RecipientState.FAILED, NOTIFY),
    (RecipientState.IN_DOUBT, Submit.EXPIRED): (RecipientState.INDETERMINATE, NOTIFY),
    (RecipientState.IN_DOUBT, Submit.RETRY): (RecipientState.ACCEPTED, QUIET),
    (RecipientState.FAILED, Submit.RETRY): (RecipientState.ACCEPTED, QUIET),
    (RecipientState.SUBMITTED, Submit.CANCEL): (RecipientState.CANCELLED, NOTIFY),
    (RecipientState.DEFERRED, Submit.CANCEL): (RecipientState.CANCELLED, NOTIFY),
} | {
    (state, outcome): (outcome, NOTIFY)
    for state in RecipientState
    for outcome in REPORTED
    if RANK[state] < RANK[outcome]
}

READ_RANK: Mapping[ReadState, int] = {state: rank for rank, state in enumerate(ReadState)}

MO: Mapping[tuple[MoState, MoEvent], MoState] = {
    (MoState.RECEIVED, MoEvent.HANDED_OVER): MoState.HANDED_OVER,
    (MoState.RECEIVED, MoEvent.BURIED): MoState.DEAD,
    (MoState.DEAD, MoEvent.HANDED_OVER): MoState.HANDED_OVER,  # replayed
}

WORK: Mapping[tuple[WorkState, WorkEvent], WorkState] = {
    (WorkState.READY, WorkEvent.TAKE): WorkState.LEASED,
    (WorkState.DEFERRED, WorkEvent.TAKE): WorkState.LEASED,
    (WorkState.LEASED, WorkEvent.BEGIN): WorkState.SENDING,
    (WorkState.SENDING, WorkEvent.BEGIN): WorkState.SENDING,  # the same attempt sends again (Digest)
    (WorkState.LEASED, WorkEvent.GIVE_BACK): WorkState.READY,
    (WorkState.LEASED, WorkEvent.LEASE_OUT): WorkState.READY,
    (WorkState.SENDING, WorkEvent.LEASE_OUT): WorkState.HELD,
    (WorkState.LEASED, WorkEvent.HOLD): WorkState.HELD,
    (WorkState.SENDING, WorkEvent.HOLD): WorkState.HELD,
    (WorkState.HELD, WorkEvent.RETRY): WorkState.READY,
    (WorkState.HELD, WorkEvent.FINISH): WorkState.DONE,  # the answer came after all
    (WorkState.HELD, WorkEvent.BURY): WorkState.DEAD,
    (WorkState.DEAD, WorkEvent.RETRY): WorkState.READY,
} | {
    (state, event): after
    # A notification is settled out of the line, because its destination is leased and not the row itself.
    for state in (WorkState.READY, WorkState.DEFERRED, WorkState.LEASED, WorkState.SENDING)
    for event, after in {
        WorkEvent.FINISH: WorkState.DONE,
        WorkEvent.DEFER: WorkState.DEFERRED,
        WorkEvent.BURY: WorkState.DEAD,
    }.items()
}


def recipient(state: RecipientState, event: RecipientEvent) -> tuple[RecipientState, Effects]:
    return RECIPIENT.get((state, event), (state, QUIET))


def read(state: ReadState, reported: ReadState) -> tuple[ReadState, Effects]:
    return (reported, NOTIFY) if READ_RANK[reported] > READ_RANK[state] else (state, QUIET)


def mo(state: MoState, event: MoEvent) -> MoState:
    return MO.get((state, event), state)


def work(state: WorkState, event: WorkEvent) -> WorkState:
    return WORK.get((state, event), state)
