"""A link: the pool of connections to a peer, with the certificates, source address, proxy and credentials it needs."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import aiohttp
from yarl import URL

IDLE_SECONDS = 4.0
"""An unused connection is closed after this: many servers do so after 5 s, and a request that crosses with their FIN
would be in doubt."""

LONGEST_HEADER = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """How to reach one peer (U-17). Times are seconds, sizes bytes."""

    connections: int = 10
    connect_timeout: float = 10.0  # until TLS stands
    response_timeout: float = 60.0  # from the first byte of the request to the last of the answer
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    auth: Literal["auto", "basic", "digest"] = "auto"  # auto: Basic first, Digest when a 401 asks for it
    client_cert: str | None = None
    client_key_file: str | None = None
    ca_file: str | None = None
    bind: str | None = None  # source address
    proxy: str | None = None
    max_answer: int = 1024 * 1024


class Link:
    """The pool for one peer. Belongs to the running event loop. `exchanges` is how many are under way."""

    def __init__(self, settings: LinkSettings, context: ssl.SSLContext) -> None:
        self.settings = settings
        self.exchanges = 0
        self._digests: dict[URL, aiohttp.DigestAuthMiddleware] = {}
        self._basic: dict[str, str] = {}
        if settings.username is not None and settings.auth != "digest":
            credentials = aiohttp.encode_basic_auth(settings.username, settings.password or "", "utf-8")
            self._basic["Authorization"] = credentials
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,  # an account's URLs lie on several hosts, and a slow one is not to use up the others' share
                limit_per_host=settings.connections,
                ssl=context,
                keepalive_timeout=IDLE_SECONDS,
                local_addr=None if settings.bind is None else (settings.bind, 0),
            ),
            timeout=aiohttp.ClientTimeout(total=None, connect=settings.connect_timeout),
            cookie_jar=aiohttp.DummyCookieJar(),
            max_line_size=LONGEST_HEADER,
            max_field_size=LONGEST_HEADER,
            trust_env=False,
        )

    def post(
        self, url: URL, headers: Mapping[str, str], body: aiohttp.Payload
    ) -> aiohttp.client._RequestContextManager:
        digest = self._digest(url)
        return self._session.post(
            url,
            headers=headers if digest else {**headers, **self._basic},
            data=body,
            middlewares=(digest,) if digest else (),
            proxy=self.settings.proxy,
            allow_redirects=False,
        )

    def challenged(self, url: URL, challenge: str) -> bool:
        """Whether a 401 with this challenge is worth a second attempt, now and from then on with Digest."""
        fresh = self._basic and url.origin() not in self._digests
        if self.settings.auth != "auto" or not fresh or "digest" not in challenge.lower():
            return False
        self._add_digest(url.origin())
        return True

    async def close(self) -> None:
        await self._session.close()

    def _digest(self, url: URL) -> aiohttp.DigestAuthMiddleware | None:
        if self.settings.auth == "digest" and self.settings.username is not None:
            self._add_digest(url.origin())
        return self._digests.get(url.origin())

    def _add_digest(self, origin: URL) -> None:
        # One each origin: the middleware answers only the first one it meets.
        if origin not in self._digests:
            username, password = self.settings.username or "", self.settings.password or ""
            self._digests[origin] = aiohttp.DigestAuthMiddleware(username, password)


class Links:
    """The links in use, made when first asked for: one for each peer and its settings."""

    def __init__(self) -> None:
        self._links: dict[tuple[str, LinkSettings], Link] = {}
        self._retired: list[Link] = []
        self._making = asyncio.Lock()

    async def borrow(self, peer: str, settings: LinkSettings) -> Link:
        """To be given back. Raises OSError (of which ssl.SSLError is one) where a certificate can't be used."""
        key = (peer, settings)
        if key not in self._links:
            async with self._making:
                if key not in self._links:
                    self._links[key] = Link(settings, await asyncio.to_thread(_context, settings))
        link = self._links[key]
        link.exchanges += 1
        return link

    async def give_back(self, link: Link) -> None:
        link.exchanges -= 1
        if self._retired:
            unused = [link for link in self._retired if not link.exchanges]
            self._retired = [link for link in self._retired if link.exchanges]
            await _close(unused)

    def renew(self) -> None:
        """Every link is made anew when next asked for, with what its files hold then.

        The old ones are closed as soon as an exchange ends and finds them unused; their connections live no longer than
        IDLE_SECONDS without one.
        """
        self._retired += self._links.values()
        self._links = {}

    async def close(self) -> None:
        links = [*self._links.values(), *self._retired]
        self._links, self._retired = {}, []
        await _close(links)


async def _close(links: Iterable[Link]) -> None:
    for link in links:
        await link.close()


def _context(settings: LinkSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.ca_file)
    if settings.client_cert is not None:
        context.load_cert_chain(settings.client_cert, settings.client_key_file)
    return context
