"""One attempt at a piece of work, from the decision to make it to the record of its end.

Promise: an end is recorded once, together with what it changes; what is not ours any more is neither counted nor
changed. A submit that is cut off after its first byte is recorded as in doubt, as far as the store lets us.
It doesn't choose what is attempted, nor hold on to it: that is the line's, or `alone`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from gateway.clock import Clock
from gateway.delivery import retry
from gateway.delivery.http import StillOurs
from gateway.delivery.outcome import Deferred, InDoubt, Outcome
from gateway.log import Event, Log, host_of, where
from gateway.metrics import Metrics
from gateway.store.records import Buried, Change, Verdict, Work, WorkKind
from gateway.store.store import Lease, Store, StoreError

Handler: TypeAlias = Callable[[Work, StillOurs], Awaitable[Outcome]]
"""Makes one attempt. Passes `still_ours` to HttpSender.post, so that it is asked immediately before the first byte."""

Settle: TypeAlias = Callable[[Work, Outcome, Verdict], Change | None]
"""What an attempt's end changes about its message; the router's, run in the transaction that records the end."""

LEASE_MS = 30_000

BEAT_SECONDS = LEASE_MS / 1000 / 3
"""Two heartbeats may fail before a lease is lost."""

AGAIN_SECONDS = 1.0
"""Between attempts to record an end while the store refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How one kind of work is done. `abreast` says how many attempts a destination gets at once."""

    name: WorkKind
    handler: Handler
    settle: Settle
    policy: retry.RetryPolicy
    abreast: Callable[[str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What every attempt works with. `owner` names this process among those that share the store."""

    store: Store
    clock: Clock
    owner: str
    dice: retry.Dice
    log: Log
    metrics: Metrics

    def lease(self) -> Lease:
        return Lease(self.owner, self.clock.now() + LEASE_MS)


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended, and what follows."""

    outcome: Outcome
    verdict: Verdict


@dataclass(slots=True, eq=False)
class Attempt:
    """`make()` it, then `record()` its end. `may_begin` is asked immediately before the first byte."""

    kind: Kind
    means: Means
    work: Work
    may_begin: StillOurs
    begun: bool = False
    lost: bool = False

    async def make(self) -> Ended | None:
        """None where it is not ours to say."""
        means, work = self.means, self.work
        if retry.expired(work, means.clock.now()):
            reason = "the message's time is over"
            return Ended(Deferred(reason), Buried(reason))
        try:
            with means.metrics.attempt_seconds.labels(work.kind).time():
                outcome = await self._handled()
        except asyncio.CancelledError:
            await self._cut_off()
            raise
        if self.lost:
            self._lost()
            return None
        return self._ended(outcome)

    async def record(self, ended: Ended) -> bool:
        """False where another node has settled it, so that this end counts for nothing."""
        try:
            settled = await self._settle(ended.verdict, self.kind.settle(self.work, ended.outcome, ended.verdict))
        except Exception as error:  # noqa: BLE001  # a bug must not leave the work in line, to be sent again at once
            ended = self._ended(InDoubt(self._failed(error)))
            settled = await self._settle(ended.verdict, None)
        if settled:
            note(self.means, self.work, ended)
        else:
            self._lost()
        return settled

    async def _handled(self) -> Outcome:
        try:
            return await self.kind.handler(self.work, self._still_ours)
        except Exception as error:  # noqa: BLE001  # a bug in a handler must not stop the line
            reason = self._failed(error)
            return InDoubt(reason) if self.begun else Deferred(reason)

    async def _still_ours(self) -> bool:
        ours = await self.may_begin()  # maybe twice (Digest)
        self.begun |= ours
        self.lost |= not ours
        return ours

    async def _cut_off(self) -> None:
        """A stop, or whoever waited gave up. Tried once: what can't be recorded goes the way of what a crash leaves."""
        if not self.begun or self.lost or self.work.kind != "submit":
            return
        ended = self._ended(InDoubt("cut off before an answer came"))
        try:
            change = self.kind.settle(self.work, ended.outcome, ended.verdict)
            if await self.means.store.settle(self.work, ended.verdict, change):
                note(self.means, self.work, ended)
        except StoreError as error:
            self.means.log(Event.STORE_FAILED, work_id=self.work.id, reason=str(error))
        except Exception as error:  # noqa: BLE001  # as in `record`
            self._failed(error)

    async def _settle(self, verdict: Verdict, change: Change | None) -> bool:
        """The end is known, so it is written as soon as the store can: forgetting it would mean sending again."""
        while True:
            try:
                return await self.means.store.settle(self.work, verdict, change)
            except StoreError as error:
                self.means.log(Event.STORE_FAILED, work_id=self.work.id, reason=str(error))
                await asyncio.sleep(AGAIN_SECONDS)

    def _ended(self, outcome: Outcome) -> Ended:
        means = self.means
        return Ended(outcome, retry.verdict(self.kind.policy, self.work, outcome, means.clock.now(), means.dice))

    def _failed(self, error: Exception) -> str:
        reason = f'{where(error)}: "{error}"'  # the log leaves out what is quoted
        self.means.log(Event.HANDLER_FAILED, kind=self.work.kind, work_id=self.work.id, reason=reason)
        return reason

    def _lost(self) -> None:
        work = self.work
        self.means.log(Event.LEASE_LOST, kind=work.kind, work_id=work.id, tracking_id=work.tracking_id)


def note(means: Means, work: Work, ended: Ended) -> None:
    """Count and log an end that is recorded."""
    name = type(ended.outcome).__name__
    means.metrics.attempts.labels(work.kind, name).inc()
    means.log(
        Event.ATTEMPT_ENDED,
        kind=work.kind,
        work_id=work.id,
        tracking_id=work.tracking_id,
        account=work.account,
        destination=work.destination if work.kind == "submit" else host_of(work.destination),
        attempts=work.attempts + 1,
        outcome=name,
        state=type(ended.verdict).__name__,
        reason=getattr(ended.outcome, "reason", None),
    )


async def begin(means: Means, work: Work) -> bool:
    """A submit's beginning is written down, so that a crash leaves it in doubt."""
    return await means.store.begin(work, means.clock.now(), means.lease())


async def alone(means: Means, kind: Kind, work: Work) -> Ended | None:
    """Make and record one attempt of a submit that is leased to `means.owner`, and hold on to it meanwhile.

    None where another node has taken it.
    """
    attempt = Attempt(kind, means, work, lambda: begin(means, work))
    holding = asyncio.create_task(_hold(means, work))
    try:
        ended = await attempt.make()
        return ended if ended is not None and await attempt.record(ended) else None
    finally:
        holding.cancel()


async def _hold(means: Means, work: Work) -> None:
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        try:
            await means.store.extend(means.lease(), (), (work.id,))
        except StoreError as error:
            means.log(Event.STORE_FAILED, work_id=work.id, reason=str(error))
