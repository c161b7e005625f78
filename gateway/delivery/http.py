"""The one HTTP sender: posts a body over a kept-alive connection and says exactly what is known when no answer comes.

Promise: NotConnected means that not one byte of the request left us; every other failure means that the peer may have
seen it (decision 7). Content-Length always, never chunked; no redirect followed; no proxy or credential taken from the
environment. It retries nothing, except that a 401 with a Digest challenge is answered. What an error says is an error's
type, number or status: never a peer's text or a URL.
"""

from __future__ import annotations

import asyncio
import os
import ssl
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


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """`cut`: status and headers came, and not the whole body: it is longer than we read, too slow, or broke off."""

    status: int
    headers: Mapping[str, str]  # case-insensitive; of a repeated one the first
    body: bytes
    cut: bool = False


class HttpSender:
    """One for the process: it holds the pools of connections, one for each peer and its LinkSettings."""

    def __init__(self) -> None:
        self._links = Links()

    async def post(
        self,
        url: str,
        headers: Mapping[str, str],
        chunks: Sequence[Buffer],
        *,
        link: LinkSettings,
        peer: str = "",
        still_ours: StillOurs | None = None,
    ) -> HttpAnswer:
        """POST the chunks as one body. Any status is an answer, redirects too.

        `peer` names who is posted to: peers on one host don't share their connections. `still_ours` is awaited when the
        connection stands, immediately before the first byte. Raises NotConnected, LeaseLost, NoAnswer.
        """
        try:
            target = URL(url)
        except ValueError as error:
            raise NotConnected("the URL is none") from error
        try:
            pool = await self._links.borrow(peer, link)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise NotConnected(f"certificates of the link: {_said(error)}") from error
        try:
            answer = await _attempt(pool, target, headers, chunks, still_ours)
            if answer.status == 401 and pool.challenged(target, answer.headers.get("WWW-Authenticate", "")):
                return await _attempt(pool, target, headers, chunks, still_ours)
            return answer
        finally:
            await self._links.give_back(pool)

    def renew(self) -> None:
        """Make connections and certificates anew, from the next exchange on. What is under way ends as it began."""
        self._links.renew()

    async def close(self) -> None:
        await self._links.close()


async def _attempt(
    pool: Link, url: URL, headers: Mapping[str, str], chunks: Sequence[Buffer], still_ours: StillOurs | None
) -> HttpAnswer:
    settings = pool.settings
    body = _Body(chunks, still_ours)
    answer: HttpAnswer | None = None
    try:
        # A stopped clock until the first byte leaves: waiting for a connection has its own limit.
        async with asyncio.timeout(None) as deadline:
            body.on_first_byte = lambda: _start(deadline, settings.response_timeout)
            async with pool.post(url, headers, body) as response:
                answer = HttpAnswer(response.status, response.headers, b"", cut=True)
                read = await _read(response, settings.max_answer)
                return answer if read is None else HttpAnswer(response.status, response.headers, read)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        if answer is not None:
            return answer
        raise body.classified(error) from error


def _start(deadline: asyncio.Timeout, seconds: float) -> None:
    deadline.reschedule(asyncio.get_running_loop().time() + seconds)


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes | None:
    """None where there is more than `most` bytes of it."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > most:
            return None
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
    """What is known of an error in words that are nobody's but ours, the system's and the libraries' own."""
    name = type(error).__name__
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{name}: status {error.status}" if error.status else name
    inner = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    if isinstance(inner, ssl.SSLError):
        why = getattr(inner, "verify_message", "") or inner.reason or ""
        # A name that does not fit is quoted as the certificate's affair, and so is what follows it.
        return f"{name}: {why.partition(',')[0]}".rstrip(": ")
    if isinstance(inner, OSError) and inner.errno is not None:
        known = os.strerror(inner.errno) if inner.errno > 0 else (inner.strerror or "")
        return f"{name}: {known}".rstrip(": ")
    return name
