"""One thread that does for many callers at once what costs the same for one as for a hundred: a commit, an fsync.

Promise: a future has its result when the work it stands for is done; what waits is bounded.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, TypeAlias, TypeVar

from gateway.store.store import StoreBusy, StoreFailed

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_WAITING = 4096
"""Calls that may wait. More would only wait longer than any peer does."""

Together: TypeAlias = Callable[[Sequence[Item]], Sequence[Result | BaseException]]
"""Does all of it; one result or error an item, in order. Runs in the batch's own thread. What it raises fails all."""


@dataclass(slots=True, eq=False)
class _Call(Generic[Item, Result]):
    item: Item
    future: asyncio.Future[Result]


class Batch(Generic[Item, Result]):
    """Belongs to the event loop that was running when it was made; `call` is called only from there."""

    def __init__(
        self,
        name: str,
        together: Together[Item, Result],
        *,
        most_together: int,
        most_waiting: int = MOST_WAITING,
        at_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._together = together
        self._most_together = most_together
        self._most_waiting = most_waiting
        self._at_end = at_end
        self._waiting = 0
        self._queue: SimpleQueue[_Call[Item, Result] | None] = SimpleQueue()
        self._closed = False
        self.failing = False  # whether the last that was done failed
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def require_room(self) -> None:
        """Whether `call` would be taken now. Raises StoreBusy, StoreFailed."""
        if self._closed:
            raise StoreFailed("the store is closed")
        if self._waiting >= self._most_waiting:
            raise StoreBusy(f"{self._waiting} calls are waiting")

    def call(self, item: Item) -> asyncio.Future[Result]:
        """Have it done. Raises StoreBusy, StoreFailed; the future carries whatever else goes wrong."""
        self.require_room()
        self._waiting += 1
        future: asyncio.Future[Result] = self._loop.create_future()
        self._queue.put(_Call(item, future))
        return future

    async def close(self) -> None:
        """Do what waits, then end the thread."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        more = True
        while more:
            calls, more = self._gather()
            if calls:
                self._loop.call_soon_threadsafe(self._answer, calls, self._results(calls))
        self._at_end()

    def _results(self, calls: Sequence[_Call[Item, Result]]) -> Sequence[Result | BaseException]:
        try:
            results = self._together([call.item for call in calls])
            if len(results) == len(calls):
                return results
            reason = f"{len(results)} results for {len(calls)} calls"
        except BaseException as error:  # noqa: BLE001  # nobody may be left waiting, nor the thread end
            reason = type(error).__name__
        return [StoreFailed(f"{self._thread.name} failed: {reason}")] * len(calls)

    def _gather(self) -> tuple[list[_Call[Item, Result]], bool]:
        """Everything that waits by now, at least one; and whether to go on."""
        calls: list[_Call[Item, Result]] = []
        call = self._queue.get()
        while call is not None:
            calls.append(call)
            if len(calls) == self._most_together:
                return calls, True
            try:
                call = self._queue.get_nowait()
            except Empty:
                return calls, True
        return calls, False

    def _answer(self, calls: Sequence[_Call[Item, Result]], results: Sequence[Result | BaseException]) -> None:
        self._waiting -= len(calls)
        self.failing = any(isinstance(result, StoreFailed) for result in results)
        for call, result in zip(calls, results, strict=True):
            if call.future.done():  # its caller has gone; what was done stays done
                continue
            if isinstance(result, BaseException):
                call.future.set_exception(result)
            else:
                call.future.set_result(result)
