"""Every table of states (design "States"): pure functions of a state and what happened."""

from __future__ import annotations

from enum import StrEnum


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
    """What a read reply says of one recipient."""

    UNREAD = "unread"
    READ = "read"
    DELETED = "deleted"
    INDETERMINATE = "indeterminate"


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
