"""The single writer: turns what many callers want written into few transactions (group commit).

Promise: when the future that `write` returned has its result, the transaction is on disk; when it has an exception,
nothing of that call is. One caller's failure doesn't fail those who shared its transaction.
It doesn't know SQL: a change is a function that is given the connection and everything of its kind that waits.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from gateway.store.batch import MOST_WAITING, Batch
from gateway.store.store import StoreBusy, StoreFailed

Item = TypeVar("Item")
Result = TypeVar("Result")
Many: TypeAlias = Callable[[sqlite3.Connection, Sequence[Item]], Sequence[Result]]
"""Apply one change for each item inside the open transaction; one result an item, in order."""

_Call: TypeAlias = tuple[Many[Any, Any], Any]

MOST_TOGETHER = 256
"""Calls in one transaction: beyond this the commit is no longer what costs."""


class Writer:
    """Belongs to the running event loop. Makes its connection in the caller's thread and uses it in its own."""

    def __init__(self, connection: sqlite3.Connection, *, most_waiting: int = MOST_WAITING) -> None:
        self._connection = connection
        self._batch: Batch[_Call, Any] = Batch(
            "store-writer",
            self._together,
            most_together=MOST_TOGETHER,
            most_waiting=most_waiting,
            at_end=connection.close,
        )

    def write(self, change: Many[Item, Result], item: Item) -> asyncio.Future[Result]:
        """Have `change` applied for `item`. Raises StoreBusy, StoreFailed; the future may carry either too."""
        return self._batch.call((change, item))

    def require_room(self) -> None:
        """Whether `write` would be taken now. Raises StoreBusy, StoreFailed."""
        self._batch.require_room()

    async def close(self) -> None:
        """Write what waits, then end."""
        await self._batch.close()

    def _together(self, calls: Sequence[_Call]) -> Sequence[Any]:
        try:
            return self._commit(calls)
        except _Unshared as failure:
            if len(calls) == 1:
                return [failure.reason]
        except sqlite3.Error as error:
            # The transaction itself failed: no call is to blame, and none would fare better alone.
            return [_classified(error)] * len(calls)
        # Somebody's change failed and took the others' with it: each gets a transaction of its own.
        return [result for call in calls for result in self._together([call])]

    def _commit(self, calls: Sequence[_Call]) -> Sequence[Any]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            results = self._apply(calls)
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        return results

    def _apply(self, calls: Sequence[_Call]) -> Sequence[Any]:
        places: dict[Many[Any, Any], list[int]] = {}
        for place, (change, _) in enumerate(calls):
            places.setdefault(change, []).append(place)
        results: list[Any] = [None] * len(calls)
        for change, its in places.items():
            try:
                made = change(self._connection, [calls[place][1] for place in its])
                for place, result in zip(its, made, strict=True):
                    results[place] = result
            except Exception as error:
                raise _Unshared(_classified(error)) from error
        return results


class _Unshared(Exception):  # never leaves this module
    """A change failed, maybe only one call's."""

    def __init__(self, reason: Exception) -> None:
        self.reason = reason


def _classified(error: Exception) -> Exception:
    if not isinstance(error, sqlite3.Error):
        return error
    if getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(f"another process holds the database: {error}")
    return StoreFailed(f"the database refused: {error}")
