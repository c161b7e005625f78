"""What a listener says of errors: where they happened, never what a peer sent."""

import asyncio
import logging

import pytest
from aiohttp import web
from aiohttp.http import HttpProcessingError
from prometheus_client import CollectorRegistry

from gateway.clock import FixedClock
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.web.listener import Listener, _logger, face_of


class Lines(list[str]):
    def write(self, line: str, /) -> None:
        self.append(line)


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:  # noqa: BLE001
        return caught


@pytest.mark.parametrize(
    ("path", "face"),
    [
        ("/carrier/acme", "carrier"),
        ("/media/token", "media"),
        ("/", "http"),
        ("/15555550100", "http"),
        ("", "http"),
        ("*", "http"),
    ],
)
def test_the_faces_are_a_closed_set(path: str, face: str) -> None:
    assert face_of(path) == face


@pytest.mark.requirement("U-13")
def test_a_bug_is_logged_without_its_text_and_a_peers_mistake_not_at_all() -> None:
    lines = Lines()
    logger = _logger(Log(lines, FixedClock()))
    logger.error("of %s", "15555550100", exc_info=raised(KeyError("a secret")))
    logger.error("x", exc_info=raised(HttpProcessingError(message="bad header 15555550100")))
    logger.error("x", exc_info=raised(ConnectionResetError("gone")))
    logger.error("without an exception")
    logger.debug("quiet")
    (line,) = lines
    assert "KeyError in raised" in line
    assert "secret" not in line
    assert "15555550100" not in line
    assert logging.getLogger("gateway.web") is not logger


async def test_a_connection_that_says_nothing_whole_is_closed_and_one_that_speaks_is_kept() -> None:
    async def hello(_request: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", hello)
    listener = Listener(app, Log(Lines(), FixedClock()), Metrics(CollectorRegistry()), drain=0.1, silent=0.05)
    port = await listener.start("127.0.0.1", 0)
    mute, half, speaking = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
    half[1].write(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow:")
    speaking[1].write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    async with asyncio.timeout(5):
        assert (await speaking[0].readuntil(b"hello")).startswith(b"HTTP/1.1 200")
        assert await mute[0].read() == b""
        assert await half[0].read() == b""
        speaking[1].write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await speaking[0].readuntil(b"hello")).startswith(b"HTTP/1.1 200")
    for _, writer in (mute, half, speaking):
        writer.close()
    await listener.stop()


async def test_a_listener_that_never_started_can_be_stopped() -> None:
    await Listener(web.Application(), Log(Lines(), FixedClock()), Metrics(CollectorRegistry()), drain=0.1).stop()
