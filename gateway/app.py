"""The wiring: a configuration becomes a running gateway. Nothing is decided here.

Lifecycle: `open` (store, rooms) → `start` (listeners, delivery) → `reload` any number of times → `stop` (listeners and
delivery, side by side, as what is accepted is durable before it is delivered; then connections; the store last).
"""

from __future__ import annotations

import asyncio
import random
import secrets
import socket
import ssl
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field, fields

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from gateway import __version__
from gateway.carrier.endpoint import BODY_SECONDS, CarrierEndpoint
from gateway.carrier.link import CarrierLink
from gateway.carrier.submitter import Submitter
from gateway.clock import Clock, Ids, RandomIds, SystemClock
from gateway.config import Config, Listen, Server, Store, refused
from gateway.customer.media import MediaEndpoint
from gateway.customer.notifier import Notifier
from gateway.delivery.attempt import Kind, Means
from gateway.delivery.http import HttpSender
from gateway.delivery.retry import PUBLISHED, Dice
from gateway.delivery.worker import Delivery
from gateway.log import Event, Log, Sink
from gateway.metrics import Metrics
from gateway.mm7.limits import MAX_BODY
from gateway.router.match import Accounts
from gateway.router.router import Router
from gateway.store.sqlite import SqliteStore
from gateway.store.store import StoreError
from gateway.web.listener import Listener

#: seconds that requests under way are given when the listeners close; attempts have [server] stop_seconds
DRAIN_SECONDS = 2.0
#: seconds that the store has to show that it can keep something
READY_SECONDS = 5.0


class NotSupported(ValueError):
    """The configuration asks for what this version has not got; the text says what to write instead."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a test replaces: time, ids, chance, patience (seconds for a body to arrive), and where log lines go."""

    sink: Sink
    clock: Clock = field(default_factory=SystemClock)
    ids: Ids = field(default_factory=RandomIds)
    dice: Dice = random.random
    body_seconds: float = BODY_SECONDS
    owner: str = field(default_factory=lambda: f"{socket.gethostname()}-{secrets.token_hex(4)}")


class Gateway:
    """One process. `public` and `operator` say where it listens once it is started."""

    def __init__(self, config: Config, store: SqliteStore, around: Surroundings) -> None:
        self._config = config
        self._store = store
        self._around = around
        self._log = Log(around.sink, around.clock)
        self._metrics = Metrics(CollectorRegistry())
        links, accounts = _links(config), Accounts(config.accounts)
        self.router = Router(store, around.clock, around.ids, config.routes, accounts)
        self._sender = HttpSender()
        self._submitter = Submitter(store, self._sender, links)
        self._notifier = Notifier(self._sender, accounts, config.server.public_url, around.clock)
        self._carriers = CarrierEndpoint(
            links,
            self.router,
            self._log,
            self._metrics,
            proxies=config.server.trusted_proxies,
            body_seconds=around.body_seconds,
        )
        self._media = MediaEndpoint(store, self._log)
        self._delivery: Delivery | None = None
        self._listeners: list[Listener] = []
        self.public: Listen | None = None
        self.operator: Listen | None = None

    @classmethod
    async def open(cls, config: Config, around: Surroundings) -> Gateway:
        """Raises NotSupported, StoreFailed."""
        problems = refused(config)
        if problems or config.store.path is None:
            raise NotSupported("; ".join(problems))
        return cls(config, await SqliteStore.open(config.store.path, around.clock), around)

    def _wire_delivery(self) -> Delivery:
        around = self._around
        means = Means(
            store=self._store,
            clock=around.clock,
            owner=around.owner,
            dice=around.dice,
            log=self._log,
            metrics=self._metrics,
        )
        settle = self.router.settle
        notify = Kind(name="notify", handler=self._notifier, settle=settle, policy=PUBLISHED, abreast=lambda _url: 1)
        return Delivery(means, (self._submitter.kind(settle), notify))

    async def start(self, *, deliver: bool = True) -> None:
        """Listen, and begin to deliver unless told otherwise. Raises OSError: a port or certificate cannot be had."""
        server = self._config.server
        tls = _tls(server.tls_cert, server.tls_key)
        self.public = await self._serve(self._public_app(), server.listen, tls)
        if server.listen.port == 0:
            self._notifier.reached_at(server.public_url.replace(str(server.listen), str(self.public)))
        self.operator = await self._serve(self._operator_app(), server.operator_listen, None)
        if deliver:
            self._delivery = self._wire_delivery()
            self._delivery.start()
        self._log(Event.STARTED, version=__version__)

    async def stop(self) -> None:
        """Ends within [server] stop_seconds, or DRAIN_SECONDS where that is less, and what closing the store takes."""
        ending: list[Coroutine[None, None, object]] = [listener.stop() for listener in self._listeners]
        if self._delivery is not None:
            ending.append(self._delivery.stop(self._config.server.stop_seconds))
        await asyncio.gather(*ending)
        await self._sender.close()
        await self._store.close()
        self._log(Event.STOPPED)

    def reload(self, config: Config) -> tuple[str, ...]:
        """Take carriers, routes and accounts anew; listeners and store stay as they are.

        Returns the settings that have changed and are taken only by a new start, such as "[server] listen".
        """
        links, accounts = _links(config), Accounts(config.accounts)
        self.router.reload(config.routes, accounts)
        self._carriers.reload(links)
        self._submitter.reload(links)
        self._notifier.reload(accounts)
        self._sender.renew()
        self._log(Event.RELOADED)
        return _changed("[server]", self._config.server, config.server) + _changed(
            "[store]", self._config.store, config.store
        )

    async def _serve(self, app: web.Application, listen: Listen, tls: ssl.SSLContext | None) -> Listen:
        listener = Listener(app, self._log, self._metrics, drain=DRAIN_SECONDS)
        self._listeners.append(listener)
        return Listen(listen.host, await listener.start(listen.host, listen.port, tls))

    def _public_app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY)
        app.add_routes([*self._carriers.routes(), *self._media.routes()])
        app.add_routes([web.get("/healthz", _alive), web.get("/readyz", self._ready)])
        return app

    def _operator_app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/metrics", self._show_metrics)])
        return app

    async def _ready(self, _request: web.Request) -> web.Response:
        """Ready is: what would be accepted now could be kept."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._store.check()
        except StoreError as error:
            self._log(Event.STORE_FAILED, reason=str(error))
            return web.Response(status=503, text="not ready: the store refuses what it is given\n")
        except TimeoutError:
            self._log(Event.STORE_FAILED, reason=f"no answer within {READY_SECONDS:.0f} s")
            return web.Response(status=503, text="not ready: the store does not answer\n")
        return web.Response(text="ready\n")

    async def _show_metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self._metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _links(config: Config) -> Mapping[str, CarrierLink]:
    return {carrier.name: carrier for carrier in config.carriers}


def _changed(section: str, old: Server | Store, new: Server | Store) -> tuple[str, ...]:
    """The settings that differ; the database's path follows from its URL, and is not one."""
    keys = [each.name for each in fields(old) if each.name != "path"]
    return tuple(f"{section} {key}" for key in keys if getattr(old, key) != getattr(new, key))


def _tls(cert: str | None, key: str | None) -> ssl.SSLContext | None:
    if cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    return context


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="alive\n")
