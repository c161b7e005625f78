"""A node for one message: accepts it into the store and submits it from there, as a gateway would."""

import asyncio
import random
import secrets
from collections.abc import Mapping

from prometheus_client import CollectorRegistry

from gateway.carrier.link import CarrierLink
from gateway.carrier.submitter import Submitter
from gateway.cli.common import Failed
from gateway.clock import RandomIds, SystemClock
from gateway.config import Config
from gateway.delivery.http import HttpSender
from gateway.delivery.line import Kind, Means
from gateway.delivery.outcome import Deferred, Delivered, InDoubt, Outcome, Refused
from gateway.delivery.retry import SUBMIT
from gateway.delivery.worker import Delivery
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.router.accept import NotAccepted
from gateway.router.match import Accounts
from gateway.router.router import NewMT, Router
from gateway.router.submitted import SubmitAnswer
from gateway.store.records import Change, Message, Verdict, Work
from gateway.store.sqlite import SqliteStore
from gateway.store.states import RecipientState
from gateway.store.store import StoreError

#: seconds until we stop waiting; connecting and answering have limits of their own, which are shorter
PATIENCE = 120.0
LOOK_SECONDS = 0.1


async def submit_through_store(config: Config, message: NewMT) -> tuple[str, str, Outcome]:
    """Tracking id, TransactionID, and how the first attempt ended, by whichever node it was made. Raises Failed."""
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
        self._store = store
        self._router = Router(store, clock, RandomIds(), config.routes, Accounts(config.accounts))
        submitter = Submitter(store, sender, links)
        self._ended: dict[str, Outcome] = {}
        means = Means(
            store=store,
            clock=clock,
            owner=f"send-{secrets.token_hex(4)}",
            dice=random.random,
            log=Log(_Silent(), clock),
            metrics=Metrics(CollectorRegistry()),
        )
        kind = Kind(name="submit", handler=submitter, settle=self._settle, policy=SUBMIT, abreast=submitter.abreast)
        self._delivery = Delivery(means, (kind,))

    def _settle(self, work: Work, outcome: Outcome, verdict: Verdict) -> Change | None:
        self._ended[work.tracking_id] = outcome
        return self._router.settle(work, outcome, verdict)

    async def submit(self, message: NewMT) -> tuple[str, str, Outcome]:
        self._delivery.start()
        try:
            accepted = await self._router.accept_mt(message)
            async with asyncio.timeout(PATIENCE):
                while True:
                    stored = await self._store.message(accepted.tracking_id)
                    assert stored is not None, "it was accepted"
                    outcome = self._ended.get(accepted.tracking_id) or _told_by_state(stored)
                    if outcome is not None:
                        return accepted.tracking_id, stored.transaction_id, outcome
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise Failed(f"{accepted.tracking_id}: no attempt ended within {PATIENCE:.0f} s; it stays queued") from None
        finally:
            await self._delivery.stop()


def _told_by_state(message: Message) -> Outcome | None:
    """How it ended where another node was quicker; None while it is under way."""
    recipient = message.recipients[0]
    match recipient.state:
        case RecipientState.ACCEPTED:
            return None
        case RecipientState.FAILED:
            return Refused(recipient.status_text or "refused")
        case RecipientState.IN_DOUBT:
            return InDoubt("no answer")
        case RecipientState.EXPIRED:
            return Deferred("expired")
        case _:
            return Delivered(SubmitAnswer(status_code=1000, status_text="Success", message_id=recipient.message_id))


class _Silent:
    """The command prints its own result."""

    def write(self, _line: str, /) -> object:
        return None
