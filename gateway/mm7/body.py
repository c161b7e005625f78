"""A body that arrives in pieces, gathered under a limit: however it is cut, what is read of it is the same."""

from gateway.mm7 import findings as rules
from gateway.mm7.errors import Unreadable
from gateway.mm7.limits import MAX_BODY


class BodyCollector:
    """`feed` what arrives, then `close`; the buffer is handed over as it is, without a further copy."""

    __slots__ = ("_buffer", "_limit")

    def __init__(self, limit: int = MAX_BODY) -> None:
        self._buffer = bytearray()
        self._limit = limit

    def expect(self, length: int | None) -> None:
        """What the sender announces. Raises Unreadable where that is over the limit, before anything is read."""
        if length is not None and length > self._limit:
            raise self._too_large(f"the body is announced with {length} bytes")

    def feed(self, chunk: bytes | bytearray | memoryview) -> None:
        """Raises Unreadable as soon as the limit is passed; what came so far is let go."""
        if len(self._buffer) + len(chunk) > self._limit:
            self._buffer = bytearray()
            raise self._too_large("the body goes on")
        self._buffer += chunk

    def close(self) -> bytearray:
        return self._buffer

    def _too_large(self, what: str) -> Unreadable:
        return Unreadable(rules.BODY_TOO_LARGE, 0, f"{what}, the limit is {self._limit} bytes: send less content")
