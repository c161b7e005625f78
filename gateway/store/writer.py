"""The single writer: one thread that turns what many callers want written into few transactions (group commit).

Promise: when the future that `write` returned has its result, the transaction is on disk; when it has an exception,
nothing of that call is. One caller's failure doesn't fail those who shared its transaction.
It doesn't know SQL: a change is a function that is given the connection and everything of its kind that waits.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeAlias, TypeVar

from gateway.store.store import StoreBusy, StoreFailed

Item = TypeVar("Item")
Result = TypeVar("Result")
Many: TypeAlias = Callable[[sqlite3.Connection, Sequence[Item]], Sequence[Result]]
"""Apply one change for each item inside the open transaction; one result an item, in order."""

MOST_WAITING = 4096
"""Calls that may wait. More would only wait longer than any peer does."""

MOST_TOGETHER = 256
"""Calls in one transaction: beyond this the commit is no longer what costs."""


@dataclass(slots=True, eq=False)
class _Call(Generic[Item, Result]):
    change: Many[Item, Result]
    item: Item
    future: asyncio.Future[Result]


_AnyCall: TypeAlias = _Call[Any, Any]
_Answers: TypeAlias = list[tuple[_AnyCall, Any, BaseException | None]]


class Writer:
    """Belongs to the event loop that was running when it was made; `write` is called only from there."""

    def __init__(self, connect: Callable[[], sqlite3.Connection], *, most_waiting: int = MOST_WAITING) -> None:
        self._loop = asyncio.get_running_loop()
        self._connect = connect
        self._most_waiting = most_waiting
        self._waiting = 0
        self._queue: SimpleQueue[_AnyCall | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def write(self, change: Many[Item, Result], item: Item) -> asyncio.Future[Result]:
        """Have `change` applied for `item`. Raises StoreBusy, StoreFailed; the future may carry either too."""
        if self._closed:
            raise StoreFailed("the store is closed")
        if self._waiting >= self._most_waiting:
            raise StoreBusy(f"{self._waiting} changes are waiting to be written")
        self._waiting += 1
        future: asyncio.Future[Result] = self._loop.create_future()
        self._queue.put(_Call(change, item, future))
        return future

    async def close(self) -> None:
        """Write what waits, then end the thread."""
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        connection = self._connect()
        try:
            more = True
            while more:
                calls, more = self._gather()
                if calls:
                    self._loop.call_soon_threadsafe(self._answer, _commit_together(connection, calls))
        finally:
            connection.close()

    def _gather(self) -> tuple[list[_AnyCall], bool]:
        """Everything that waits by now, at least one; and whether to go on."""
        calls: list[_AnyCall] = []
        call = self._queue.get()
        while call is not None:
            calls.append(call)
            if len(calls) == MOST_TOGETHER:
                return calls, True
            try:
                call = self._queue.get_nowait()
            except Empty:
                return calls, True
        return calls, False

    def _answer(self, answers: _Answers) -> None:
        self._waiting -= len(answers)
        for call, result, error in answers:
            if call.future.done():  # its caller has gone; the change stands
                continue
            if error is None:
                call.future.set_result(result)
            else:
                call.future.set_exception(error)


def _commit_together(connection: sqlite3.Connection, calls: Sequence[_AnyCall]) -> _Answers:
    try:
        return _commit(connection, calls)
    except Exception as error:  # noqa: BLE001  # whatever it was, it is handed to the caller it belongs to
        if len(calls) == 1:
            return [(calls[0], None, _classified(error))]
    # Somebody's change failed and took the others' with it: each gets a transaction of its own.
    return [answer for call in calls for answer in _commit_together(connection, [call])]


def _commit(connection: sqlite3.Connection, calls: Sequence[_AnyCall]) -> _Answers:
    by_change: dict[Many[Any, Any], list[_AnyCall]] = {}
    for call in calls:
        by_change.setdefault(call.change, []).append(call)
    answers: _Answers = []
    connection.execute("BEGIN IMMEDIATE")
    try:
        for change, members in by_change.items():
            results = change(connection, [member.item for member in members])
            answers.extend(zip(members, results, [None] * len(members), strict=True))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return answers


def _classified(error: Exception) -> Exception:
    if not isinstance(error, sqlite3.Error):
        return error
    if getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(f"another process holds the database: {error}")
    return StoreFailed(f"the database refused: {error}")
