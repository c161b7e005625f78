"""The one HTTP sender: posts a body over a kept-alive connection and says exactly what is known when no answer comes.

Promise: NotConnected means that not one byte of the request left us; every other failure means that the peer may have
seen it (decision 7). Content-Length always, never chunked; no redirect followed; no proxy or credential taken from the
environment. It retries nothing, except that a 401 with a Digest challenge is answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from yarl import URL

from gateway.delivery.links import Link, Links, LinkSettings

StillOurs: TypeAlias = Callable[[], Awaitable[bool]]
Buffer: TypeAlias = bytes | bytearray | memoryview

__all__ = [
    "AnswerTooLong",
    "HttpAnswer",
    "HttpSender",
    "LeaseLost",
    "LinkSettings",
    "NoAnswer",
    "NotConnected",
    "SendError",
    "StillOurs",
]

SMALL = 16 * 1024
"""Chunks up to this many bytes are joined with their neighbours: a copy costs less than another system call."""


class SendError(Exception):
    """No answer. The subclass says whether the peer can have seen the request."""


class NotConnected(SendError):
    """No byte of the request left: it is safe to send it again."""


class LeaseLost(NotConnected):
    """`still_ours` said no just before the first byte; nothing was sent."""


class NoAnswer(SendError):
    """Bytes of the request left and no whole answer came back: in doubt."""


class AnswerTooLong(NoAnswer):
    """The answer's body is longer than we read."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int
    headers: Mapping[str, str]  # case-insensitive; of a repeated one the first
    body: bytes


class HttpSender:
    """One for the process: it holds the pools of connections, one for each different LinkSettings."""

    def __init__(self) -> None:
        self._links = Links()

    async def post(
        self,
        url: str,
        headers: Mapping[str, str],
        chunks: Sequence[Buffer],
        *,
        link: LinkSettings,
        still_ours: StillOurs | None = None,
    ) -> HttpAnswer:
        """POST the chunks as one body. Any status is an answer, redirects too.

        `still_ours` is awaited when the connection stands, immediately before the first byte.
        Raises NotConnected, LeaseLost, NoAnswer, AnswerTooLong.
        """
        try:
            target = URL(url)
            pool = await self._links.get(link)
        except (OSError, ValueError) as error:  # unreadable certificates are OSError (ssl.SSLError) too
            raise NotConnected(_said(error)) from error
        answer = await _attempt(pool, target, headers, chunks, still_ours)
        if answer.status == 401 and pool.challenged(target, answer.headers.get("WWW-Authenticate", "")):
            return await _attempt(pool, target, headers, chunks, still_ours)
        return answer

    async def close(self) -> None:
        await self._links.close()


async def _attempt(
    pool: Link, url: URL, headers: Mapping[str, str], chunks: Sequence[Buffer], still_ours: StillOurs | None
) -> HttpAnswer:
    settings = pool.settings
    body = _Body(chunks, still_ours)
    try:
        # A stopped clock until the first byte leaves: waiting for a connection has its own limit.
        async with asyncio.timeout(None) as deadline:
            body.on_first_byte = lambda: _start(deadline, settings.response_timeout)
            async with pool.post(url, headers, body) as response:
                return HttpAnswer(response.status, response.headers, await _read(response, settings.max_answer))
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        raise body.classified(error) from error


def _start(deadline: asyncio.Timeout, seconds: float) -> None:
    deadline.reschedule(asyncio.get_running_loop().time() + seconds)


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > most:
            raise AnswerTooLong(f"the answer has more than {most} bytes")
    return bytes(body)


class _Body(aiohttp.Payload):
    """The chunks as they are. aiohttp sends the headers with the first of them, so nothing leaves before `write`."""

    _autoclose = True

    def __init__(self, chunks: Sequence[Buffer], still_ours: StillOurs | None) -> None:
        super().__init__(chunks)
        self._chunks = chunks
        self._size = sum(map(len, chunks))
        self._still_ours = still_ours
        self._state: Literal["waiting", "lost", "begun"] = "waiting"
        self.on_first_byte: Callable[[], None] = lambda: None

    def classified(self, error: Exception) -> SendError:
        if self._state == "lost":
            return LeaseLost("the lease ran out before the first byte")
        return (NoAnswer if self._state == "begun" else NotConnected)(_said(error))

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return b"".join(self._chunks).decode(encoding, errors)

    async def as_bytes(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:  # noqa: ARG002
        return b"".join(self._chunks)

    async def write(self, writer: AbstractStreamWriter) -> None:
        if self._still_ours is not None and not await self._still_ours():
            self._state = "lost"
            raise ConnectionAbortedError("the lease ran out")
        self._state = "begun"
        self.on_first_byte()
        for chunk in joined(self._chunks):
            await writer.write(chunk)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:  # noqa: ARG002
        await self.write(writer)


def joined(chunks: Sequence[Buffer]) -> list[Buffer]:
    """The same bytes in fewer chunks; one larger than SMALL stays as it is, and never comes first.

    aiohttp copies the first chunk together with the headers, so that one is small, if need be empty.
    """
    together: list[Buffer] = []
    small = bytearray()
    for chunk in chunks:
        if len(chunk) <= SMALL:
            small += chunk
            continue
        if small or not together:
            together.append(bytes(small))
            small.clear()
        together.append(chunk)
    if small or not together:
        together.append(bytes(small))
    return together


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
