"""The application of the demonstration: takes postbacks, and fetches the content of an MO from the gateway."""

import asyncio
import hashlib
import json
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web


@dataclass(frozen=True, slots=True)
class Fetched:
    url: str
    media_type: str
    size: int
    sha256: str


class Application:
    """`routes()` into an aiohttp application; `told(code)` waits for a postback."""

    def __init__(self) -> None:
        self._postbacks: list[dict[str, Any]] = []
        self._arrived = asyncio.Condition()

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/postbacks", self.handle)]

    async def handle(self, request: web.Request) -> web.Response:
        async with self._arrived:
            self._postbacks.append(json.loads(await request.read()))
            self._arrived.notify_all()
        return web.Response(text="ok\n")

    async def told(self, *codes: str, tracking_id: str | None = None) -> dict[str, Any]:
        """The first postback with one of these codes, and of this message where one is named; waits for it."""

        def found() -> dict[str, Any] | None:
            of_codes = (postback for postback in self._postbacks if postback.get("code") in codes)
            return next((one for one in of_codes if tracking_id in (None, one.get("tracking-id"))), None)

        async with self._arrived:
            await self._arrived.wait_for(lambda: found() is not None)
            postback = found()
        assert postback is not None, "the condition held"
        return postback

    async def fetch(self, postback: dict[str, Any]) -> list[Fetched]:
        """The content of an MO, from the URLs in its postback."""
        found = []
        async with aiohttp.ClientSession() as client:
            for item in postback["content"]:
                async with client.get(item["file"]) as response:
                    response.raise_for_status()
                    body = await response.read()
                    digest = hashlib.sha256(body).hexdigest()
                    found.append(Fetched(item["file"], response.content_type, len(body), digest))
        return found
