"""An HTTP body as it arrives: collected up to a limit, refused at the first byte beyond it.

Promise: a body is copied once at most, when its chunks are joined; of a body that is too large nothing is kept. Not
here: where the chunks come from, and what they say.
"""

from gateway.mm7 import findings as rules
from gateway.mm7.errors import Unreadable
from gateway.mm7.limits import MAX_BODY


class BodyCollector:
    """Feed it chunks in order, then close it.

    `limit` and `announced` (a Content-Length, 0 where there is none) are in bytes. Raises Unreadable, by the rule
    `http.body-too-large`, as soon as it is known that the body passes the limit.
    """

    __slots__ = ("_chunks", "_limit", "size")

    def __init__(self, limit: int = MAX_BODY, announced: int = 0) -> None:
        self._limit = limit
        self._chunks: list[bytes] = []
        self.size = 0
        if announced > limit:
            raise self._too_large(f"a body of {announced} bytes is announced")

    def feed(self, chunk: bytes) -> None:
        """Takes the next chunk; it is kept as it is, so it must not change afterwards."""
        self.size += len(chunk)
        if self.size > self._limit:
            self._chunks.clear()
            raise self._too_large("the body is larger")
        self._chunks.append(chunk)

    def close(self) -> bytes:
        """The whole body; a body that came in one chunk is that chunk."""
        if len(self._chunks) == 1:
            return self._chunks[0]
        body = b"".join(self._chunks)
        self._chunks = [body]
        return body

    def _too_large(self, what: str) -> Unreadable:
        return Unreadable(rules.BODY_TOO_LARGE, self._limit, f"{what}: at most {self._limit} bytes are read")
