"""One destination's line: takes its work from the store, makes the attempts, records their ends.

Order: first attempts begin in the order of acceptance; where one attempt at a time is made, they also end in it. What
is deferred leaves the line. An attempt's end is recorded while the next one is made already: a crash in between repeats
a notification with the same id, and leaves a submit in doubt.
"""

from __future__ import annotations

import asyncio

from gateway.delivery.attempt import LEASE_MS, Attempt, Handler, Kind, Means, Settle, begin
from gateway.log import Event
from gateway.store.records import Work
from gateway.store.store import StoreError

__all__ = ["LEASE_MS", "Handler", "Kind", "Line", "Means", "Settle"]

AHEAD = 16
"""Pieces of work taken from the store for each attempt that may be under way."""


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
        try:
            await self._serve()
        finally:
            # However it ends: a second line beside attempts that are under way would make them twice.
            while self._attempts:
                await asyncio.wait(self._attempts)

    async def stop(self, grace: float) -> None:
        """Begin nothing more and give what is under way `grace` seconds to end.

        What doesn't end is cut off: of a submit that was begun, that is recorded as in doubt.
        """
        self._stopping = True
        self.wake()
        attempts = set(self._attempts)
        if attempts:
            _, late = await asyncio.wait(attempts, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _serve(self) -> None:
        while work := await self._take():
            for piece in work:
                await self._slots.acquire()
                if self._stopping:
                    return
                task = asyncio.create_task(self._attempt(piece))
                self._attempts.add(task)
                task.add_done_callback(self._attempts.discard)

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
        attempt = Attempt(self.kind, self.means, work, lambda: self._may_begin(work))
        try:
            try:
                ended = await attempt.make()
            finally:
                self._slots.release()
            if ended is not None:
                await attempt.record(ended)
        finally:
            del self._open[work.id]
            self.wake()

    async def _may_begin(self, work: Work) -> bool:
        """A notification may go twice: its beginning is written nowhere."""
        if work.kind == "submit":
            return await begin(self.means, work)
        return self.means.clock.now() < self.lease_until
