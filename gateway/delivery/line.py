"""One destination's line: takes its work from the store, makes the attempts, records their ends.

Order: first attempts begin in the order of acceptance; where one attempt at a time is made, they also end in it. What
is deferred leaves the line. An attempt's end is recorded while the next one is made already: a crash in between repeats
a notification with the same id, and leaves a submit in doubt.
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
from gateway.log import Event, Log, host_of
from gateway.metrics import Metrics
from gateway.store.records import Buried, Change, Verdict, Work, WorkKind
from gateway.store.store import Lease, Store, StoreError

Handler: TypeAlias = Callable[[Work, StillOurs], Awaitable[Outcome]]
"""Makes one attempt. Passes `still_ours` to HttpSender.post, so that it is asked immediately before the first byte."""

Settle: TypeAlias = Callable[[Work, Outcome, Verdict], Change | None]
"""What an attempt's end changes about its message; the router's, run in the transaction that records the end."""

AHEAD = 16
"""Pieces of work taken from the store for each attempt that may be under way."""

LEASE_MS = 30_000

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
    """What every line works with. `owner` names this process among those that share the store."""

    store: Store
    clock: Clock
    owner: str
    dice: retry.Dice
    log: Log
    metrics: Metrics

    def lease(self) -> Lease:
        return Lease(self.owner, self.clock.now() + LEASE_MS)


@dataclass(slots=True, eq=False)
class _Claim:
    """Whether a piece of work is still ours: asked immediately before the first byte, maybe twice (Digest)."""

    line: Line
    work: Work
    begun: bool = False
    lost: bool = False

    async def still_ours(self) -> bool:
        ours = await self.line.may_begin(self.work)
        self.begun |= ours
        self.lost |= not ours
        return ours


class Line:
    """`run()` it; `lease_until` is kept up to date by whoever sends the heartbeats."""

    def __init__(self, kind: Kind, destination: str, means: Means) -> None:
        self.kind = kind
        self.destination = destination
        self.means = means
        self.lease_until = 0
        self._abreast = kind.abreast(destination)
        self._slots = asyncio.Semaphore(self._abreast)
        self._open: dict[int, Work] = {}  # taken and not settled
        self._attempts: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """There may be new work."""
        self._woken.set()

    def held(self) -> list[int]:
        """The ids of what was taken and is not settled."""
        return list(self._open)

    async def run(self) -> None:
        """Until nothing is due and nothing is under way."""
        while work := await self._take():
            for piece in work:
                await self._slots.acquire()
                if self._stopping:
                    return
                task = asyncio.create_task(self._attempt(piece))
                self._attempts.add(task)
                task.add_done_callback(self._attempts.discard)

    async def stop(self, grace: float) -> None:
        """Begin nothing more and give what is under way `grace` seconds to end.

        What doesn't end is cut off: the store knows it as begun, and it goes the way of what a crash leaves.
        """
        self._stopping = True
        self.wake()
        attempts = set(self._attempts)
        if attempts:
            _, late = await asyncio.wait(attempts, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def may_begin(self, work: Work) -> bool:
        """A submit's beginning is written down, so that a crash leaves it in doubt; a notification may go twice."""
        if work.kind == "submit":
            return await self.means.store.begin(work, self.means.clock.now(), self.means.lease())
        return self.means.clock.now() < self.lease_until

    async def _take(self) -> list[Work]:
        while not self._stopping:
            self._woken.clear()
            # What is open now may be returned again: a notification is not marked when taken. What is settled from
            # here on is in this set still, so that a look that came before the settlement can't bring it back.
            known = frozenset(self._open)
            fresh = [work for work in await self._look(AHEAD * self._abreast + len(known)) if work.id not in known]
            if fresh:
                self._open.update((work.id, work) for work in fresh)
                return fresh
            if not self._open and not self._woken.is_set():
                return []
            await self._woken.wait()
        return []

    async def _look(self, limit: int) -> list[Work]:
        means, lease = self.means, self.means.lease()
        try:
            work = await means.store.take(self.kind.name, self.destination, means.clock.now(), lease, limit)
        except StoreError as error:
            means.log(Event.STORE_FAILED, reason=str(error))
            return []
        if work:
            self.lease_until = lease.until
        return work

    async def _attempt(self, work: Work) -> None:
        try:
            try:
                ended = await self._end_of(work)
            finally:
                self._slots.release()
            if ended is not None:
                await self._record(work, *ended)
        finally:
            del self._open[work.id]
            self.wake()

    async def _end_of(self, work: Work) -> tuple[Outcome, Verdict] | None:
        """None where it is not ours to say."""
        means = self.means
        if retry.expired(work, means.clock.now()):
            reason = "the message's time is over"
            return Deferred(reason), Buried(reason)
        claim = _Claim(self, work)
        with means.metrics.attempt_seconds.labels(work.kind).time():
            outcome = await self._handled(work, claim)
        if claim.lost:
            means.log(Event.LEASE_LOST, kind=work.kind, work_id=work.id, tracking_id=work.tracking_id)
            return None
        return outcome, retry.verdict(self.kind.policy, work, outcome, means.clock.now(), means.dice)

    async def _handled(self, work: Work, claim: _Claim) -> Outcome:
        try:
            return await self.kind.handler(work, claim.still_ours)
        except Exception as error:  # noqa: BLE001  # a bug in a handler must not stop the line
            reason = f"{type(error).__name__}: {error}"
            self.means.log(Event.HANDLER_FAILED, kind=work.kind, work_id=work.id, reason=reason)
            return InDoubt(reason) if claim.begun else Deferred(reason)

    async def _record(self, work: Work, outcome: Outcome, verdict: Verdict) -> None:
        means = self.means
        try:
            await self._settle(work, verdict, self.kind.settle(work, outcome, verdict))
        except Exception as error:  # noqa: BLE001  # a bug must not leave the work in line, to be sent again at once
            reason = f"{type(error).__name__}: {error}"
            means.log(Event.HANDLER_FAILED, kind=work.kind, work_id=work.id, reason=reason)
            outcome = InDoubt(reason)
            verdict = retry.verdict(self.kind.policy, work, outcome, means.clock.now(), means.dice)
            await self._settle(work, verdict, None)
        name = type(outcome).__name__
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
            state=type(verdict).__name__,
            reason=getattr(outcome, "reason", None),
        )

    async def _settle(self, work: Work, verdict: Verdict, change: Change | None) -> None:
        """The end is known, so it is written as soon as the store can: forgetting it would mean sending again."""
        while True:
            try:
                await self.means.store.settle(work, verdict, change)
            except StoreError as error:
                self.means.log(Event.STORE_FAILED, work_id=work.id, reason=str(error))
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                return
