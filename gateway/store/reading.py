"""Reads, beside the writer: a few threads, each with a connection of its own that can't write."""

from __future__ import annotations

import asyncio
import hmac
import sqlite3
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from gateway.store.packs import Kept, Packs, check
from gateway.store.records import Message, Part, Report, Work, WorkKind
from gateway.store.rows import Row, message_of, part_of, report_of, work_of
from gateway.store.store import StoreFailed

R = TypeVar("R")

THREADS = 4

MOST_DIGITS = 9
"""Of a part's position in a token: SQLite's integers end at 64 bits."""


class Readers:
    """`run` gives a function a connection in one of the pool's threads."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._pool = ThreadPoolExecutor(THREADS, "store-reader")

    async def run(self, read: Callable[[sqlite3.Connection], R]) -> R:
        """Raises StoreFailed."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._with_connection, read)

    def close(self) -> None:
        """Blocks until the running reads have ended."""
        self._pool.shutdown()
        for connection in self._connections:
            connection.close()

    def _with_connection(self, read: Callable[[sqlite3.Connection], R]) -> R:
        try:
            connection = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._local.connection = self._connect()
                self._connections.append(connection)
            return read(connection)
        except sqlite3.Error as error:
            raise StoreFailed(f"the database refused: {error}") from error


class Reads:
    """What can be asked."""

    def __init__(self, queries: Mapping[str, str], packs: Packs) -> None:
        self._sql = queries
        self._packs = packs

    def message(self, db: sqlite3.Connection, tracking_id: str) -> Message | None:
        rows = db.execute(self._sql["addressed"], (tracking_id,)).fetchall()
        return message_of(rows, db.execute(self._sql["parts"], (tracking_id,))) if rows else None

    def content(self, db: sqlite3.Connection, tracking_id: str) -> list[tuple[Part, bytes]]:
        rows = db.execute(self._sql["content"], (tracking_id,)).fetchall()
        return [(part_of(row), self._data(row)) for row in rows]

    def part(self, db: sqlite3.Connection, token: str) -> tuple[Part, bytes] | None:
        tracking_id, _, rest = token.partition(".")
        position, _, _ = rest.partition(".")
        if not (position.isascii() and position.isdecimal() and len(position) <= MOST_DIGITS):
            return None
        row = db.execute(self._sql["part"], (tracking_id, int(position))).fetchone()
        # Compared in constant time: the token is all that protects the content.
        if row is None or not hmac.compare_digest(row[8].encode(), token.encode("utf-8", "replace")):
            return None
        return part_of(row), self._data(row)

    def reports(self, db: sqlite3.Connection, tracking_id: str) -> list[Report]:
        return [report_of(row) for row in db.execute(self._sql["reports_of"], (tracking_id,))]

    def parked(self, db: sqlite3.Connection) -> list[Report]:
        return [report_of(row) for row in db.execute(self._sql["parked"])]

    def due(self, db: sqlite3.Connection, kind: WorkKind, now: int, owner: str) -> list[str]:
        values = {"kind": kind, "now": now}
        found = [url for (url,) in db.execute(self._sql["ready_destinations"], values)]
        found += [url for (url,) in db.execute(self._sql["deferred_destinations"], values)]
        held = {url for (url,) in db.execute(self._sql["held_destinations"], (now, owner))} if kind == "notify" else ()
        return [url for url in dict.fromkeys(found) if url not in held]

    def leased_to(self, db: sqlite3.Connection, owner: str) -> list[Work]:
        return [work_of(row) for row in db.execute(self._sql["leased_to"], (owner,))]

    def depth(self, db: sqlite3.Connection) -> dict[tuple[WorkKind, str], int]:
        return {(kind, state): count for kind, state, count in db.execute(self._sql["depth"])}

    def _data(self, row: Row) -> bytes:
        digest: bytes = row[7]
        data: bytes | None = row[9]
        if data is None:
            return self._packs.read(Kept(digest, row[10], row[11]), row[6])
        check(data, digest)
        return data
