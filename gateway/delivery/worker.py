"""Moves what the store holds as work: one line for each destination that has any, found by looking and by being told.

Promise: what is ready is attempted, and each attempt's end is recorded with what it changes in one transaction. The
store is looked at each second at least (M-12), and at once when this process accepted something. A slow destination
delays no other. It knows neither customers nor carriers: handler and `settle` come from the app, for each kind of work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from gateway.delivery.attempt import BEAT_SECONDS, Ended, Handler, Kind, Means, Settle, note
from gateway.delivery.line import Line
from gateway.delivery.outcome import InDoubt
from gateway.log import Event, where
from gateway.store.records import Held, Work, WorkKind
from gateway.store.store import StoreError

__all__ = ["Delivery", "Handler", "Kind", "Means", "Settle"]

LOOK_SECONDS = 1.0


class Delivery:
    """`start()` it, and `stop()` it before the store is closed."""

    def __init__(self, means: Means, kinds: Iterable[Kind]) -> None:
        self._means = means
        self._kinds = {kind.name: kind for kind in kinds}
        self._lines: dict[tuple[WorkKind, str], Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        means.store.listen(self._arrived)

    def start(self) -> None:
        self._spawn(self._repeat(self.look, LOOK_SECONDS))
        self._spawn(self._repeat(self.beat, BEAT_SECONDS))

    async def stop(self, grace: float = 8.0) -> None:
        """Begin nothing more, give what is under way `grace` seconds to end, return what was not begun."""
        self._stopping = True
        await asyncio.gather(*(line.stop(grace) for line in self._lines.values()))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self._means.store.give_back(self._means.owner)
        except StoreError as error:
            self._means.log(Event.STORE_FAILED, reason=str(error))

    async def look(self) -> None:
        """Find the destinations that have something due, and serve them."""
        for kind in self._kinds:
            for destination in await self._means.store.due(kind, self._means.clock.now(), self._means.owner):
                self._arrived(kind, destination)

    async def beat(self) -> None:
        """Hold on to what we have, take in what others left, publish the queue's depth."""
        await self._extend()
        if "submit" in self._kinds:
            await self._recover()
        for (kind, state), count in (await self._means.store.depth()).items():
            self._means.metrics.queue.labels(kind, state).set(count)

    def _arrived(self, kind: WorkKind, destination: str) -> None:
        if self._stopping or kind not in self._kinds:
            return
        line = self._lines.get((kind, destination))
        if line is not None:
            line.wake()
            return
        line = self._lines[kind, destination] = Line(self._kinds[kind], destination, self._means)
        self._spawn(self._serve(line))

    async def _serve(self, line: Line) -> None:
        try:
            await line.run()
        except Exception as error:  # noqa: BLE001  # the next look gives the destination another line
            self._failed(error)
        finally:
            # In the same step in which the line found nothing to do: what arrives after it gets a line of its own.
            del self._lines[line.kind.name, line.destination]

    async def _extend(self) -> None:
        lease = self._means.lease()
        lines = list(self._lines.values())
        destinations = [line.destination for line in lines if line.kind.name == "notify"]
        submits = [number for line in lines if line.kind.name == "submit" for number in line.held()]
        ours = await self._means.store.extend(lease, destinations, submits)
        for line in lines:
            if line.destination in ours:
                line.lease_until = lease.until

    async def _recover(self) -> None:
        """A submit that was being sent when its lease ran out is in doubt: never a silent resend (decision 4)."""
        outcome = InDoubt("the node that was sending it is gone")
        ended = Ended(outcome, Held(outcome.reason))
        for work in await self._means.store.abandoned(self._means.clock.now(), self._means.lease()):
            try:
                if await self._hold(work, ended):
                    note(self._means, work, ended)
            except StoreError as error:  # its lease is ours now, and runs out again
                self._means.log(Event.STORE_FAILED, work_id=work.id, reason=str(error))

    async def _hold(self, work: Work, ended: Ended) -> bool:
        store, settle = self._means.store, self._kinds["submit"].settle
        try:
            return await store.settle(work, ended.verdict, settle(work, ended.outcome, ended.verdict))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  # one that can't be changed must not keep the others waiting
            self._failed(error)
            return await store.settle(work, ended.verdict, None)

    async def _repeat(self, action: Callable[[], Awaitable[None]], seconds: float) -> None:
        while True:
            try:
                await action()
            except StoreError as error:
                self._means.log(Event.STORE_FAILED, reason=str(error))
            except Exception as error:  # noqa: BLE001  # a bug must not end what everything else waits for
                self._failed(error)
            await asyncio.sleep(seconds)

    def _failed(self, error: Exception) -> None:
        self._means.log(Event.HANDLER_FAILED, reason=where(error))

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
