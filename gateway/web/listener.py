"""A listener: an aiohttp application on an address, with what its defaults leave open closed.

What HTTP itself refuses, before or without a face (a malformed request, an unknown path, a wrong method), is answered,
counted and logged here, in one place and without a byte of what the peer sent. Bodies are not decompressed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.http import HttpProcessingError

from gateway.log import Event, Log, where
from gateway.metrics import Metrics

SERVER: Final = "mm7-gateway"
#: key of a request that its face has counted and logged itself
RECORDED: Final = web.RequestKey("recorded", bool)
#: seconds that an idle connection is kept
IDLE_SECONDS = 75.0
#: seconds for which the rest of a body that nobody wants is read, so that its sender gets to read the answer
LINGER_SECONDS = 2.0
#: seconds between looks for connections that have not said anything whole: one that is found twice is closed
SILENT_SECONDS = 20.0


class Listener:
    """Serves `app`; `drain` is how many seconds requests under way are given when it stops."""

    def __init__(
        self, app: web.Application, log: Log, metrics: Metrics, *, drain: float, silent: float = SILENT_SECONDS
    ) -> None:
        app.on_response_prepare.append(_name_the_server)
        self._silent = silent
        self._sweeper: asyncio.Task[None] | None = None
        self._runner = _Runner(
            app,
            handle_signals=False,
            shutdown_timeout=drain,
            access_log_class=_refusals(log, metrics),
            logger=_logger(log),
            keepalive_timeout=IDLE_SECONDS,
            lingering_time=LINGER_SECONDS,
            auto_decompress=False,
        )

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Returns the port, which the system chooses where `port` is 0. Raises OSError."""
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port, ssl_context=tls).start()
        self._sweeper = asyncio.create_task(self._sweep())
        bound: int = self._runner.addresses[0][1]
        return bound

    async def stop(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
        await self._runner.cleanup()

    async def _sweep(self) -> None:
        """aiohttp gives a connection's first request all the time in the world; who opens many of them gets none."""
        before: set[web.RequestHandler] = set()
        while True:
            await asyncio.sleep(self._silent)
            server = self._runner.server
            assert server is not None, "it is set up"
            mute = {connection for connection in server.connections if not connection._request_count}  # noqa: SLF001
            for connection in before & mute:
                connection.force_close()
            before = mute


class _Runner(web.AppRunner):
    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(made.request_handler, request_factory=made.request_factory, **self._kwargs)


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """aiohttp's own text quotes the request, however long, and no signal of the application sees its answer."""
        text = None if message is None else "the request is not well-formed HTTP\n"
        response = super().handle_error(request, status, exc, text)
        response.headers["Server"] = SERVER
        return response


def face_of(path: str) -> str:
    """The face that a path belongs to: a closed set, for labels."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in ("carrier", "media") else "http"


def _refusals(log: Log, metrics: Metrics) -> type[AbstractAccessLogger]:
    """A class, as aiohttp makes one object for each connection."""

    class Refusals(AbstractAccessLogger):
        def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
            if response.status < 400 or RECORDED in request:
                return
            face = face_of(request.path)
            metrics.rejected.labels(face, str(response.status)).inc()
            log(Event.EXCHANGE_REJECTED, name=face, http_status=response.status, ms=round(time * 1000, 2))

    return Refusals


def _logger(log: Log) -> logging.Logger:
    """What aiohttp would say of errors, said by our log: where it happened, not what was in it."""
    logger = logging.Logger("gateway.web")  # noqa: LOG001  # of its own, so that no configuration of logging reaches it
    logger.addHandler(_Handler(log))
    return logger


class _Handler(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__(logging.ERROR)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, HttpProcessingError | ConnectionError):
            self._log(Event.HANDLER_FAILED, kind="http", reason=where(error))


async def _name_the_server(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = SERVER
