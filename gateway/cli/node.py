"""A node for one message: accepts it into the store as leased to itself, and makes that one attempt.

It takes nothing else out of the store: what waits there is the running gateway's. What its attempt leaves undone is
tried again by that gateway, like any other message.
"""

import asyncio
import random
import secrets
from collections.abc import Mapping
from contextlib import suppress

from prometheus_client import CollectorRegistry

from gateway.carrier.link import CarrierLink
from gateway.carrier.submitter import Submitter
from gateway.cli.common import Failed
from gateway.clock import RandomIds, SystemClock
from gateway.config import Config
from gateway.delivery.attempt import Means, alone
from gateway.delivery.http import HttpSender
from gateway.delivery.outcome import Deferred, InDoubt, Outcome
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.router.accept import NotAccepted
from gateway.router.match import Accounts
from gateway.router.router import NewMT, Router
from gateway.store.sqlite import SqliteStore
from gateway.store.states import RecipientState
from gateway.store.store import StoreError

#: seconds until we stop waiting; connecting and answering have limits of their own, which are shorter
PATIENCE = 120.0


async def submit_through_store(config: Config, message: NewMT) -> tuple[str, str, Outcome]:
    """Tracking id, TransactionID, and how the first attempt ended. Raises Failed."""
    if config.store.path is None:
        raise Failed("store.url: this version stores in SQLite only (sqlite:///PATH)")
    try:
        store = await SqliteStore.open(config.store.path, SystemClock())
    except StoreError as error:
        raise Failed(str(error)) from error
    sender = HttpSender()
    try:
        return await _Node(config, store, sender).submit(message)
    except (NotAccepted, StoreError) as error:
        raise Failed(str(error)) from error
    finally:
        await sender.close()
        await store.close()


class _Node:
    def __init__(self, config: Config, store: SqliteStore, sender: HttpSender) -> None:
        clock = SystemClock()
        links: Mapping[str, CarrierLink] = {carrier.name: carrier for carrier in config.carriers}
        self._router = Router(store, clock, RandomIds(), config.routes, Accounts(config.accounts))
        submitter = Submitter(store, sender, links)
        self._means = Means(
            store=store,
            clock=clock,
            owner=f"send-{secrets.token_hex(4)}",
            dice=random.random,
            log=Log(_Silent(), clock),
            metrics=Metrics(CollectorRegistry()),
        )
        self._submits = submitter.kind(self._router.settle)

    async def submit(self, message: NewMT) -> tuple[str, str, Outcome]:
        store, owner = self._means.store, self._means.owner
        accepted = await self._router.accept_mt(message, self._means.lease())
        (work,) = await store.leased_to(owner)
        try:
            async with asyncio.timeout(PATIENCE):
                ended = await alone(self._means, self._submits, work)
            outcome = ended.outcome if ended is not None else InDoubt("a running gateway took the message over")
        except TimeoutError:
            outcome = await self._given_up(accepted.tracking_id)
        finally:
            with suppress(StoreError):  # its lease runs out by itself
                await store.give_back(owner)
        return accepted.tracking_id, work.event_id, outcome

    async def _given_up(self, tracking_id: str) -> Outcome:
        message = await self._means.store.message(tracking_id)
        if message is not None and message.recipients[0].state is RecipientState.ACCEPTED:
            return Deferred(f"no attempt began within {PATIENCE:.0f} s")
        return InDoubt(f"no answer within {PATIENCE:.0f} s")


class _Silent:
    """The command prints its own result."""

    def write(self, _line: str, /) -> object:
        return None
