"""The store's interface, named after what happens. SQLite implements it here, PostgreSQL will.

Promise: what a method wrote is on disk when it returns. A method that raises wrote nothing.
It doesn't know what an event, a carrier's answer or a message means: decisions are handed in as pure functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.store.records import Change, Decide, Message, NewPart, NewWork, Part, Report, Verdict, Work, WorkKind


class StoreError(Exception):
    """The store could not do what was asked; nothing was written."""


class StoreBusy(StoreError):
    """More is waiting to be written than we let wait: the caller should be told to come back (4006, 503)."""


class StoreFailed(StoreError):
    """The disk or the database refused: full, read-only, or damaged."""


class ContentDamaged(StoreError):
    """Stored content no longer has the hash it was stored under."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds what it took, and until when (ms)."""

    owner: str
    until: int


Listener = Callable[[WorkKind, str], None]
"""Told, in the event loop, the kind and destination of work that was just committed."""


class Store(Protocol):
    async def accept(self, message: Message, content: Sequence[NewPart], work: Sequence[NewWork]) -> None:
        """Make a message, its content and the work it makes durable, together. `message.parts` is ignored.

        Raises StoreBusy, StoreFailed.
        """
        ...

    async def record_report(self, report: Report, decide: Decide) -> str | None:
        """Keep a report and what it changes. Returns the tracking_id it belongs to, None where it was parked.

        Of several messages with the same MessageID it is the one to its recipient, of several such the newest.
        """
        ...

    async def message(self, tracking_id: str) -> Message | None:
        """The message with its recipients and parts."""
        ...

    async def content(self, tracking_id: str) -> list[tuple[Part, bytes]]:
        """The leaves of a message in order, hash checked. Raises ContentDamaged, StoreFailed."""
        ...

    async def part(self, token: str) -> tuple[Part, bytes] | None:
        """The leaf that a token stands for, hash checked. Raises ContentDamaged, StoreFailed."""
        ...

    async def reports(self, tracking_id: str) -> list[Report]:
        """The reports that came for a message, in order of arrival."""
        ...

    async def parked(self) -> list[Report]:
        """The reports that belong to no message we know, in order of arrival."""
        ...

    async def due(self, kind: WorkKind, now: int, owner: str) -> list[str]:
        """The destinations that have work to be attempted now and that nobody but `owner` holds."""
        ...

    async def take(self, kind: WorkKind, destination: str, now: int, lease: Lease, limit: int) -> list[Work]:
        """Lease up to `limit` pieces of work: first attempts in order, deferred ones when their time has come.

        A submit is leased by itself; of notifications the destination is leased, and its rows are only read.
        Empty where nothing is due or somebody else holds it.
        """
        ...

    async def leased_to(self, owner: str) -> list[Work]:
        """The submits that `owner` holds, in order of acceptance."""
        ...

    async def begin(self, work: Work, now: int, lease: Lease) -> bool:
        """The first byte of a submit is about to leave. False: the lease is not ours any more, send nothing."""
        ...

    async def extend(self, lease: Lease, destinations: Sequence[str], submits: Sequence[int]) -> frozenset[str]:
        """Heartbeat: what `lease.owner` still holds of these is its until `lease.until`. Returns those destinations."""
        ...

    async def settle(self, work: Work, verdict: Verdict, change: Change | None = None) -> bool:
        """Record how an attempt ended together with what it changes. False: it was settled or taken by another.

        An end that is certain (Finished, a refusal) settles the work whoever holds it, and what is held in doubt.
        """
        ...

    async def give_back(self, owner: str) -> None:
        """Return what `owner` holds and has not begun, at a graceful stop."""
        ...

    async def abandoned(self, now: int, lease: Lease) -> list[Work]:
        """Take over submits that were being sent when their lease ran out: they are in doubt.

        Leased ones that nobody began to send are made ready again on the way.
        """
        ...

    async def depth(self) -> dict[tuple[WorkKind, str], int]:
        """How many work rows are in each state other than done, by kind and state."""
        ...

    async def check(self) -> None:
        """Raises StoreError where what is accepted now could not be kept: it is tried, with a small write."""
        ...

    def listen(self, listener: Listener) -> None:
        """Have `listener` called whenever new work is committed."""
        ...

    async def close(self) -> None:
        """Write what waits, then close. What is called afterwards raises StoreFailed."""
        ...
