"""The faces' way in, and delivery's way back: one object that knows the store, the routes and the accounts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from gateway.clock import Clock, Ids
from gateway.delivery.outcome import Outcome
from gateway.router import accept, reports, submitted
from gateway.router.incoming import Accepted, Address, Exchange, NewMO, NewMT, NewReport
from gateway.router.match import Accounts
from gateway.router.routes import Route
from gateway.store.records import Change, Verdict, Work
from gateway.store.store import Lease, Store

__all__ = ["Accepted", "Address", "Exchange", "NewMO", "NewMT", "NewReport", "Router"]


class Router:
    def __init__(self, store: Store, clock: Clock, ids: Ids, routes: Sequence[Route], accounts: Accounts) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._routes = tuple(routes)
        self._accounts = accounts

    def reload(self, routes: Sequence[Route], accounts: Accounts) -> None:
        """From the next message on."""
        self._routes = tuple(routes)
        self._accounts = accounts

    async def accept_mo(self, mo: NewMO) -> Accepted:
        """Make an MO and the event for its account durable. Raises StoreBusy, StoreFailed."""
        return await accept.durable(self._store, accept.mo(mo, self._accounts, self._ids, self._clock.now()))

    async def accept_mt(self, mt: NewMT, lease: Lease | None = None) -> Accepted:
        """Make an MT and the work of submitting it durable; with `lease` nobody else takes that work while it runs.

        Raises NoRoute, NoRecipient, StoreBusy, StoreFailed.
        """
        return await accept.durable(self._store, accept.mt(mt, self._routes, self._ids, self._clock.now(), lease))

    async def accept_report(self, report: NewReport) -> str | None:
        """Make a delivery report or read reply durable, and the event it makes.

        Returns the tracking_id of its message, None where it is parked until one is known.
        Raises StoreBusy, StoreFailed.
        """
        now = self._clock.now()
        decide = partial(reports.decide, accounts=self._accounts, ids=self._ids, now=now)
        return await self._store.record_report(reports.record(report, now), decide)

    def settle(self, work: Work, outcome: Outcome, verdict: Verdict) -> Change | None:
        """What the end of an attempt changes about its message: a `delivery.worker.Settle`."""
        if work.kind == "submit":
            return submitted.change(work.destination, outcome, verdict, self._accounts, self._ids, self._clock.now())
        return accept.handed_over(work, verdict)
