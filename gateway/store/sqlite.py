"""The store on SQLite: one file, one writing thread, reads beside it. For one machine; several processes may share it.

Promise: as `store.Store`. WAL with synchronous=FULL, so a commit is on disk when it returns; large content is on disk
before the row that names it (packs.py).
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from gateway.clock import Clock
from gateway.store import transactions as tx
from gateway.store.batch import Batch
from gateway.store.identity import require_own
from gateway.store.packs import Kept, Packs
from gateway.store.reading import Readers, Reads
from gateway.store.records import (
    Buffer,
    Change,
    Decide,
    Message,
    NewPart,
    NewWork,
    Part,
    Report,
    Verdict,
    Work,
    WorkKind,
)
from gateway.store.rows import Row, message_row, recipient_rows, report_row, storable, work_row
from gateway.store.statements import load_migrations, load_queries, migrate
from gateway.store.store import Lease, Listener, StoreFailed
from gateway.store.writer import Writer

MOST_IN_ROW = 16 * 1024
"""Content up to this many bytes lies in its row, larger content in a pack."""

BUSY_SECONDS = 10.0
"""How long a write waits for another process that has the file."""

CHECKPOINT_PAGES = 4000
"""Pages of 4 KB that the log takes before they are moved into the database: moving them less often moves fewer."""

_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",  # NORMAL may lose the last of what was acknowledged at a power cut
    f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
    *(("fullfsync = ON", "checkpoint_fullfsync = ON") if sys.platform == "darwin" else ()),
)

PROBE = b"whether content can be kept"

MEDIA_TOGETHER = 64
"""Contents that share a flush. More would make the first of them wait for the hashing of the last."""


class SqliteStore:
    """`await SqliteStore.open(…)`, and `close()` when done."""

    def __init__(self, path: Path, connection: sqlite3.Connection, packs: Packs) -> None:
        queries = load_queries()
        self.path = path
        self._packs = packs
        self._media: Batch[Buffer, Kept] = Batch(
            "store-media", self._keep_together, most_together=MEDIA_TOGETHER, at_end=packs.close
        )
        self._reads = Reads(queries, packs)
        self._readers = Readers(partial(_reading, path))
        self._transactions = tx.Transactions(queries)
        self._writer = Writer(connection)
        self._listeners: list[Listener] = []

    @classmethod
    async def open(cls, path: Path, clock: Clock) -> SqliteStore:
        """Make or migrate the database. Raises StoreFailed, SchemaTooNew."""
        return cls(path, *await asyncio.to_thread(_prepare, path, clock.now()))

    async def close(self) -> None:
        await self._media.close()
        await self._writer.close()
        await asyncio.to_thread(self._readers.close)

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    async def accept(self, message: Message, content: Sequence[NewPart], work: Sequence[NewWork]) -> None:
        whole, recipients, works = message_row(message), recipient_rows(message), [work_row(new) for new in work]
        # A message that will be refused, for this or for want of room, leaves no content behind.
        _require_storable(whole, *recipients, *works, *(_names(new) for new in content))
        self._writer.require_room()
        parts = await self._part_rows(message.tracking_id, content)
        await self._writer.write(self._transactions.accept, tx.Acceptance(whole, recipients, parts, works))
        self._announce(work)

    async def record_report(self, report: Report, decide: Decide) -> str | None:
        _require_storable(report_row(report, None))
        recorded = await self._writer.write(self._transactions.record_reports, tx.Arrival(report, decide))
        self._announce(recorded.work)
        return recorded.tracking_id

    async def message(self, tracking_id: str) -> Message | None:
        return await self._readers.run(lambda db: self._reads.message(db, tracking_id))

    async def content(self, tracking_id: str) -> list[tuple[Part, bytes]]:
        return await self._readers.run(lambda db: self._reads.content(db, tracking_id))

    async def part(self, token: str) -> tuple[Part, bytes] | None:
        return await self._readers.run(lambda db: self._reads.part(db, token))

    async def reports(self, tracking_id: str) -> list[Report]:
        return await self._readers.run(lambda db: self._reads.reports(db, tracking_id))

    async def parked(self) -> list[Report]:
        return await self._readers.run(self._reads.parked)

    async def due(self, kind: WorkKind, now: int, owner: str) -> list[str]:
        return await self._readers.run(lambda db: self._reads.due(db, kind, now, owner))

    async def take(self, kind: WorkKind, destination: str, now: int, lease: Lease, limit: int) -> list[Work]:
        return await self._writer.write(self._transactions.take, tx.Taking(kind, destination, now, lease, limit))

    async def leased_to(self, owner: str) -> list[Work]:
        return await self._readers.run(lambda db: self._reads.leased_to(db, owner))

    async def begin(self, work: Work, now: int, lease: Lease) -> bool:
        return await self._writer.write(self._transactions.begin, tx.Beginning(work.id, now, lease))

    async def extend(self, lease: Lease, destinations: Sequence[str], submits: Sequence[int]) -> frozenset[str]:
        return await self._writer.write(self._transactions.extend, tx.Extension(lease, destinations, submits))

    async def settle(self, work: Work, verdict: Verdict, change: Change | None = None) -> bool:
        settled = await self._writer.write(self._transactions.settle, tx.Settlement(work, verdict, change))
        self._announce(settled.work)
        return settled.ours

    async def give_back(self, owner: str) -> None:
        await self._writer.write(self._transactions.give_back, owner)

    async def abandoned(self, now: int, lease: Lease) -> list[Work]:
        return await self._writer.write(self._transactions.abandoned, tx.TakingOver(now, lease))

    async def depth(self) -> dict[tuple[WorkKind, str], int]:
        return await self._readers.run(self._reads.depth)

    async def check(self) -> None:
        await self._writer.write(self._transactions.check, None)
        if self._media.failing:
            await self._media.call(PROBE)

    def _announce(self, work: Iterable[NewWork]) -> None:
        for new in work:
            if new.lease_owner is not None:
                continue
            for listener in self._listeners:
                listener(new.kind, new.destination)

    async def _part_rows(self, tracking_id: str, content: Sequence[NewPart]) -> list[Row]:
        # All are handed in before any is waited for: they share a flush.
        large = {
            position: self._media.call(new.media.data)
            for position, new in enumerate(content)
            if len(new.media.data) > MOST_IN_ROW
        }
        kept = {position: await future for position, future in large.items()}
        return [_part_row(tracking_id, position, new, kept.get(position)) for position, new in enumerate(content)]

    def _keep_together(self, contents: Sequence[Buffer]) -> Sequence[Kept | BaseException]:
        try:
            return self._packs.keep(contents)
        except OSError as error:
            return [StoreFailed(f"the disk refused content: {error.strerror}")] * len(contents)


def _require_storable(*rows: Row) -> None:
    # One that SQLite can't take would fail the transaction that it shares with others.
    if not storable(rows):
        raise StoreFailed("there is text that can't be stored")


def _names(new: NewPart) -> Row:
    media = new.media
    return (media.media_type, media.name, media.content_id, media.content_location)


def _part_row(tracking_id: str, position: int, new: NewPart, kept: Kept | None) -> Row:
    media = new.media
    row = (tracking_id, position, *_names(new), len(media.data))
    if kept is None:
        return (*row, hashlib.sha256(media.data).digest(), new.token, media.data, None, None)
    return (*row, kept.digest, new.token, None, kept.pack, kept.start)


def _prepare(path: Path, now: int) -> tuple[sqlite3.Connection, Packs]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Numbers and texts are nobody else's to read. SQLite gives its log the rights that the database has.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = _connect(path)
        try:
            migrate(connection, now, load_migrations())
            media = path.with_name(path.name + ".media")
            require_own(media, connection)
            return connection, Packs(media)
        except BaseException:
            connection.close()
            raise
    except (OSError, sqlite3.Error) as error:
        raise StoreFailed(f"{path} cannot be used: {error}") from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=128
    )
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _reading(path: Path) -> sqlite3.Connection:
    connection = _connect(path)
    connection.execute("PRAGMA query_only = ON")
    return connection
