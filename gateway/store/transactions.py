"""What the writer's thread does inside a transaction, for all calls of one kind at once.

Each function here is a `writer.Many`. None of them begins, commits or waits.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest

from gateway.store.records import (
    Buried,
    Change,
    Changes,
    Decide,
    Finished,
    Held,
    Message,
    NewWork,
    Postponed,
    Report,
    Verdict,
    Work,
    WorkKind,
)
from gateway.store.rows import (
    Row,
    message_of,
    recipient_update,
    report_of,
    report_row,
    work_of,
    work_row,
)
from gateway.store.states import WorkState
from gateway.store.store import Lease

DEFERRED_SHARE = 4
"""One in so many of what is taken at once may be deferred work."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    message: Row
    recipients: Sequence[Row]
    parts: Sequence[Row]
    work: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Arrival:
    report: Report
    decide: Decide


@dataclass(frozen=True, slots=True)
class Recorded:
    """A report's message, if it has one, and the work that came of it."""

    tracking_id: str | None
    work: Sequence[NewWork]


@dataclass(frozen=True, slots=True)
class Settlement:
    work: Work
    verdict: Verdict
    change: Change | None


@dataclass(frozen=True, slots=True)
class Settled:
    """Whether it was ours to settle, and the work that came of it."""

    ours: bool
    work: Sequence[NewWork]


@dataclass(frozen=True, slots=True)
class Taking:
    kind: WorkKind
    destination: str
    now: int
    lease: Lease
    limit: int


@dataclass(frozen=True, slots=True)
class Beginning:
    work_id: int
    now: int
    lease: Lease


@dataclass(frozen=True, slots=True)
class Extension:
    lease: Lease
    destinations: Sequence[str]
    submits: Sequence[int]


@dataclass(frozen=True, slots=True)
class TakingOver:
    now: int
    lease: Lease


class Transactions:
    def __init__(self, queries: Mapping[str, str]) -> None:
        self._sql = queries

    def accept(self, db: sqlite3.Connection, items: Sequence[Acceptance]) -> Sequence[None]:
        db.executemany(self._sql["insert_message"], [item.message for item in items])
        db.executemany(self._sql["insert_recipient"], [row for item in items for row in item.recipients])
        db.executemany(self._sql["insert_part"], [row for item in items for row in item.parts])
        db.executemany(self._sql["insert_work"], [row for item in items for row in item.work])
        return [None] * len(items)

    def record_reports(self, db: sqlite3.Connection, items: Sequence[Arrival]) -> Sequence[Recorded]:
        return [self._record_report(db, item) for item in items]

    def settle(self, db: sqlite3.Connection, items: Sequence[Settlement]) -> Sequence[Settled]:
        return [self._settle(db, item) for item in items]

    def take(self, db: sqlite3.Connection, items: Sequence[Taking]) -> Sequence[list[Work]]:
        return [self._take(db, item) for item in items]

    def begin(self, db: sqlite3.Connection, items: Sequence[Beginning]) -> Sequence[bool]:
        return [
            db.execute(
                self._sql["begin"],
                {"id": item.work_id, "now": item.now, "owner": item.lease.owner, "until": item.lease.until},
            ).rowcount
            == 1
            for item in items
        ]

    def extend(self, db: sqlite3.Connection, items: Sequence[Extension]) -> Sequence[frozenset[str]]:
        return [self._extend(db, item) for item in items]

    def give_back(self, db: sqlite3.Connection, items: Sequence[str]) -> Sequence[None]:
        for owner in items:
            db.execute(self._sql["give_back_rows"], (owner,))
            db.execute(self._sql["give_back_destinations"], (owner,))
        return [None] * len(items)

    def abandoned(self, db: sqlite3.Connection, items: Sequence[TakingOver]) -> Sequence[list[Work]]:
        return [self._abandoned(db, item) for item in items]

    def check(self, db: sqlite3.Connection, items: Sequence[None]) -> Sequence[None]:
        db.execute(self._sql["check"])
        return items

    def _record_report(self, db: sqlite3.Connection, item: Arrival) -> Recorded:
        report = item.report
        values = (report.carrier, report.message_id, report.recipient)
        found = db.execute(self._sql["addressed_by_message_id"], values).fetchall()
        if not found:
            db.execute(self._sql["insert_report"], report_row(report, None))
            return Recorded(None, ())
        message = message_of(found)
        db.execute(self._sql["insert_report"], report_row(report, message.tracking_id))
        changes = item.decide(message, (report,))
        self._apply(db, message.tracking_id, changes)
        return Recorded(message.tracking_id, changes.work)

    def _settle(self, db: sqlite3.Connection, item: Settlement) -> Settled:
        work = item.work
        state, at, error = _settled(item.verdict)
        if work.kind == "submit" and _known(item.verdict):
            done = db.execute(self._sql["settle_known"], (state, at, error, work.id))
        elif work.kind == "submit":
            done = db.execute(self._sql["settle_submit"], (state, at, error, work.id, work.lease_owner))
        else:
            done = db.execute(self._sql["settle_notify"], (state, at, error, work.id))
        if done.rowcount != 1:
            return Settled(False, ())
        if item.change is None:
            return Settled(True, ())
        message = self._message(db, work.tracking_id)
        changes = item.change.decide(message, self._parked_for(db, item.change))
        self._apply(db, message.tracking_id, changes)
        return Settled(True, changes.work)

    def _take(self, db: sqlite3.Connection, item: Taking) -> list[Work]:
        owner, until = item.lease.owner, item.lease.until
        if item.kind == "notify":
            values = {"destination": item.destination, "owner": owner, "until": until, "now": item.now}
            if db.execute(self._sql["lease_destination"], values).rowcount != 1:
                return []
        # After an outage all that waits is deferred, and may fail again: what is new waits for a few of them, not for
        # all, and in turns neither keeps the other waiting.
        few = max(1, item.limit // DEFERRED_SHARE)
        deferred = db.execute(self._sql["take_deferred"], (item.kind, item.destination, item.now, few)).fetchall()
        ready = db.execute(self._sql["take_ready"], (item.kind, item.destination, item.limit)).fetchall()
        turns = (row for pair in zip_longest(deferred, ready) for row in pair if row is not None)
        taken = [replace(work_of(row), lease_owner=owner, lease_until=until) for row in islice(turns, item.limit)]
        if item.kind == "notify":
            return taken
        db.executemany(self._sql["lease_row"], [(owner, until, work.id) for work in taken])
        return [replace(work, state=WorkState.LEASED) for work in taken]

    def _extend(self, db: sqlite3.Connection, item: Extension) -> frozenset[str]:
        until, owner = item.lease.until, item.lease.owner
        db.executemany(self._sql["extend_row"], [(until, number, owner) for number in item.submits])
        extend = self._sql["extend_destination"]
        return frozenset(url for url in item.destinations if db.execute(extend, (until, url, owner)).rowcount == 1)

    def _abandoned(self, db: sqlite3.Connection, item: TakingOver) -> list[Work]:
        db.execute(self._sql["free_leased"], (item.now,))
        found = db.execute(self._sql["abandoned"], (item.now,)).fetchall()
        owner, until = item.lease.owner, item.lease.until
        db.executemany(self._sql["take_over"], [(owner, until, row[0]) for row in found])
        return [replace(work_of(row), lease_owner=owner, lease_until=until) for row in found]

    def _message(self, db: sqlite3.Connection, tracking_id: str) -> Message:
        rows = db.execute(self._sql["addressed"], (tracking_id,)).fetchall()
        if not rows:
            raise LookupError(f"message {tracking_id} has work and no row")
        return message_of(rows)

    def _parked_for(self, db: sqlite3.Connection, change: Change) -> tuple[Report, ...]:
        return tuple(
            report_of(row)
            for message_id in change.message_ids
            for row in db.execute(self._sql["parked_for"], (change.carrier, message_id))
        )

    def _apply(self, db: sqlite3.Connection, tracking_id: str, changes: Changes) -> None:
        if changes.recipients:
            rows = [recipient_update(tracking_id, recipient) for recipient in changes.recipients]
            db.executemany(self._sql["update_recipient"], rows)
        if changes.state is not None:
            db.execute(self._sql["update_message_state"], (changes.state, tracking_id))
        if changes.matched:
            db.executemany(self._sql["match_report"], [(tracking_id, number) for number in changes.matched])
        if changes.work:
            db.executemany(self._sql["insert_work"], [work_row(work) for work in changes.work])


def _known(verdict: Verdict) -> bool:
    """Whether this end is true whoever holds the work."""
    return isinstance(verdict, Finished) or (isinstance(verdict, Buried) and verdict.certain)


def _settled(verdict: Verdict) -> tuple[WorkState, int | None, str | None]:
    match verdict:
        case Finished():
            return WorkState.DONE, None, None
        case Postponed(at, reason):
            return WorkState.DEFERRED, at, reason
        case Buried(reason, _):
            return WorkState.DEAD, None, reason
        case Held(reason):
            return WorkState.HELD, None, reason
