"""A request's body, read under a limit and into one buffer."""

from aiohttp import web

from gateway.mm7.body import BodyCollector
from gateway.web.memory import Share


async def read_body(request: web.Request, limit: int, share: Share) -> bytes:
    """The whole body, held in `share`. A Content-Length over the limit is refused before the first byte is read.

    Raises Unreadable (rule http.body-too-large) for a body that is larger than `limit` bytes; Overloaded where all
    bodies together are too much; ConnectionError where its sender has gone; web.HTTPBadRequest where its chunks are
    malformed; web.HTTPUnsupportedMediaType for one with a Content-Encoding: MM7 peers send none, and a compressed one
    has no bounded size.
    """
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise web.HTTPUnsupportedMediaType(
            text=f"Content-Encoding {encoding[:40]!r} is not supported: send the body as it is\n"
        )
    collector = BodyCollector(limit, request.content_length or 0)
    content = request.content
    try:
        while chunk := await content.readany():
            share.take(len(chunk))
            collector.feed(chunk)
    except web.RequestPayloadError as error:
        raise web.HTTPBadRequest(text="the body's chunks are malformed\n") from error
    return collector.close()
