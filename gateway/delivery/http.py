"""The one HTTP sender. See `HttpSender.post`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

StillOurs: TypeAlias = Callable[[], Awaitable[bool]]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """How to reach one peer (U-17). Times are seconds, sizes bytes. Equal settings share a pool of connections."""

    connections: int = 10
    connect_timeout: float = 10.0
    response_timeout: float = 60.0
    username: str | None = None
    password: str | None = None
    auth: Literal["auto", "basic", "digest"] = "auto"  # auto: Basic first, Digest when a 401 asks for it
    client_cert: str | None = None
    client_key_file: str | None = None
    ca_file: str | None = None
    bind: str | None = None  # source address
    proxy: str | None = None
    max_answer: int = 1024 * 1024


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int
    headers: Mapping[str, str]  # case-insensitive
    body: bytes


class HttpSender:
    async def post(
        self,
        url: str,
        headers: Mapping[str, str],
        chunks: Sequence[bytes | bytearray | memoryview],
        *,
        link: LinkSettings,
        still_ours: StillOurs | None = None,
    ) -> HttpAnswer:
        """POST the chunks as one body. Redirects are answers like any other.

        `still_ours` is awaited when the connection stands, immediately before the first byte.
        Raises NotConnected, LeaseLost, NoAnswer, AnswerTooLong.
        """
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError
