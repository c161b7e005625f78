"""`GET /media/TOKEN`: one part of an MO, for the account that was told its token.

The content comes from a stranger's phone: a browser must neither guess its type nor run it, nor may it reach anything
of ours from it. So nosniff, a sandboxing policy, and `attachment` for all but pictures, sound, film and plain text.
"""

import re
from urllib.parse import quote

from aiohttp import web

from gateway.log import Event, Log
from gateway.mms.media_types import kind_of
from gateway.store.records import Part
from gateway.store.store import ContentDamaged, Store, StoreError

_SHOWN = frozenset({"image", "audio", "video", "text"})
# SVG is an image that runs scripts where it is shown.
_NEVER_SHOWN = frozenset({"image/svg+xml"})
_LONGEST_TOKEN = 200
# A type and its parameters in printable ASCII; what a phone calls anything else is a matter of no header of ours.
_HEADER_SAFE = re.compile(r"[\w.+-]+/[\w.+-]+( *;[ -~]*)?", re.ASCII)


class MediaEndpoint:
    def __init__(self, store: Store, log: Log) -> None:
        self._store = store
        self._log = log

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/media/{token}", self.handle)]

    async def handle(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        try:
            found = await self._store.part(token) if len(token) <= _LONGEST_TOKEN else None
        except ContentDamaged as error:
            self._log(Event.CONTENT_DAMAGED, reason=str(error))
            return web.Response(status=500, text="the content is damaged\n")
        except StoreError as error:
            self._log(Event.STORE_FAILED, reason=str(error))
            return web.Response(status=503, text="the content can't be read now\n", headers={"Retry-After": "5"})
        if found is None:
            return web.Response(status=404, text="there is no such content, or not any more\n")
        part, data = found
        return web.Response(body=data, headers=headers_of(part))


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
