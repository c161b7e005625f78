"""`GET /media/TOKEN`: one part of an MO, for the account that was told its token.

The content comes from a stranger's phone: a browser must neither guess its type nor run it, nor may it reach anything
of ours from it. So nosniff, a sandboxing policy, and `attachment` for all but pictures, sound, film and plain text.

Memory is bounded, however slowly accounts read: content is held once, in a share of MOST_HELD until it is sent.
"""

import asyncio
import re
from urllib.parse import quote

from aiohttp import web

from gateway.log import Event, Log
from gateway.mms.media_types import kind_of
from gateway.store.records import Part
from gateway.store.store import ContentDamaged, Store, StoreError
from gateway.web.memory import Memory, Overloaded, Share

#: bytes of content that is being sent, all readers together; and how many contents may be read at a time,
#: which come on top
MOST_HELD, MOST_READ = 64 * 1024 * 1024, 4
#: bytes that are handed to a connection at a time, and seconds it may take to be rid of them
PIECE, PIECE_SECONDS = 64 * 1024, 30.0
RETRY_AFTER_SECONDS = 5

_SHOWN = frozenset({"image", "audio", "video", "text"})
# SVG is an image that runs scripts where it is shown.
_NEVER_SHOWN = frozenset({"image/svg+xml"})
_LONGEST_TOKEN = 200
# A type and its parameters in printable ASCII; what a phone calls anything else is a matter of no header of ours.
_HEADER_SAFE = re.compile(r"[\w.+-]+/[\w.+-]+( *;[ -~]*)?", re.ASCII)


class MediaEndpoint:
    def __init__(
        self, store: Store, log: Log, *, most_held: int = MOST_HELD, piece_seconds: float = PIECE_SECONDS
    ) -> None:
        self._store = store
        self._log = log
        self._memory = Memory(most_held)
        self._reading = asyncio.Semaphore(MOST_READ)
        self._piece_seconds = piece_seconds

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/media/{token}", self.handle)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        with self._memory.share() as share:
            found = await self._found(request.match_info["token"], share)
            if isinstance(found, web.Response):
                return found
            part, data = found
            if len(data) <= PIECE or request.method != "GET":
                return web.Response(body=data, headers=headers_of(part))
            return await self._sent(request, part, data)

    async def _found(self, token: str, share: Share) -> tuple[Part, bytes] | web.Response:
        """The part, held in `share`, or what to say where there is none to be had."""
        try:
            async with self._reading:
                found = await self._store.part(token) if len(token) <= _LONGEST_TOKEN else None
                if found is not None:
                    share.take(len(found[1]))
        except ContentDamaged as error:
            self._log(Event.CONTENT_DAMAGED, reason=str(error))
            return web.Response(status=500, text="the content is damaged\n")
        except StoreError as error:
            self._log(Event.STORE_FAILED, reason=str(error))
            return _later("the content can't be read now\n")
        except Overloaded:
            return _later("too much content is being sent: try again\n")
        return found or web.Response(status=404, text="there is no such content, or not any more\n")

    async def _sent(self, request: web.Request, part: Part, data: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers=headers_of(part))
        response.content_length = len(data)
        await response.prepare(request)
        view = memoryview(data)
        try:
            for begin in range(0, len(view), PIECE):
                async with asyncio.timeout(self._piece_seconds):
                    await response.write(view[begin : begin + PIECE])
            await response.write_eof()
        except TimeoutError as error:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionError("the reader is too slow") from error
        return response


def _later(text: str) -> web.Response:
    return web.Response(status=503, text=text, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def headers_of(part: Part) -> dict[str, str]:
    media_type = part.media_type if _HEADER_SAFE.fullmatch(part.media_type) else "application/octet-stream"
    plain = media_type.partition(";")[0].strip().lower()
    shown = kind_of(plain) in _SHOWN and plain not in _NEVER_SHOWN
    name = part.name or part.content_location or part.content_id or f"part{part.position}"
    disposition = "inline" if shown else "attachment"
    return {
        "Content-Type": media_type,
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(name, safe='', errors='replace')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        "Cache-Control": "private, max-age=3600, immutable",
        "Referrer-Policy": "no-referrer",
    }
