"""When to try again: a policy is a value, a decision is a function of it. Nothing here sleeps or looks at a clock.

The published tables (P4):
* `PUBLISHED`, notifications: 300 s after each of the first five failures, then dead letter; no jitter (M-11).
* `SUBMIT`, submits: 5 s, 30 s, 2 min, 5 min, then doubling to 1 h, each up to a tenth longer, until the message
  expires.
A Retry-After lengthens a delay, never shortens it, and never beyond an hour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gateway.delivery.outcome import Deferred, Delivered, InDoubt, Outcome, Refused
from gateway.store.records import Buried, Finished, Held, Postponed, Verdict, Work

LONGEST = 3600.0
"""Seconds: no delay is longer, whatever the table or the peer says."""

Dice: TypeAlias = Callable[[], float]
"""A number from 0 up to 1 (`random.random`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """`delays` in seconds, one after each failed attempt; `afterwards` says what follows the last of them."""

    delays: tuple[float, ...]
    afterwards: Literal["bury", "double"]
    jitter: float  # the longest part of a delay that is added to it by chance
    in_doubt: Literal["hold", "repeat"]  # what an attempt without an answer leads to


PUBLISHED = RetryPolicy(delays=(300.0,) * 5, afterwards="bury", jitter=0.0, in_doubt="repeat")
SUBMIT = RetryPolicy(delays=(5.0, 30.0, 120.0, 300.0), afterwards="double", jitter=0.1, in_doubt="hold")


def verdict(policy: RetryPolicy, work: Work, outcome: Outcome, now: int, dice: Dice) -> Verdict:
    """What becomes of a piece of work after this attempt. `work.attempts` counts those before it; `now` in ms."""
    match outcome:
        case Delivered():
            return Finished()
        case Refused(reason):
            return Buried(reason, certain=True)
        case Deferred(reason, retry_after):
            return _again(policy, work, reason, retry_after, now, dice)
        case InDoubt(reason):
            if policy.in_doubt == "hold":
                return Held(reason)
            return _again(policy, work, reason, None, now, dice)


def delay(policy: RetryPolicy, failures: int, retry_after: float | None, dice: Dice) -> float | None:
    """Seconds to wait after so many failures; None: no further attempt."""
    if failures <= len(policy.delays):
        seconds = policy.delays[failures - 1]
    elif policy.afterwards == "bury":
        return None
    else:
        # Capped before it is computed: after a thousand failures a power of two is no float any more.
        doublings = min(failures - len(policy.delays), 32)
        seconds = min(policy.delays[-1] * 2.0**doublings, LONGEST)
    seconds += seconds * policy.jitter * dice()
    return min(max(seconds, retry_after or 0.0), LONGEST)


def expired(work: Work, now: int) -> bool:
    """Whether the message's time is over, so that an attempt would be pointless."""
    return work.expires_at is not None and work.expires_at <= now


def _again(policy: RetryPolicy, work: Work, reason: str, retry_after: float | None, now: int, dice: Dice) -> Verdict:
    seconds = delay(policy, work.attempts + 1, retry_after, dice)
    if seconds is None or expired(work, now):
        return Buried(reason)
    at = now + round(seconds * 1000)
    # It comes back when its time is over at the latest, so that its end is told then and not an hour later.
    return Postponed(at if work.expires_at is None else min(at, work.expires_at), reason)
