"""How much of what is arriving is held in memory at a time, over all requests: beyond it, peers are told to come back.

Bytes count as they arrive and not as they are announced, so that a peer who announces much and sends little takes up
nothing.
"""

from __future__ import annotations

from types import TracebackType


class Overloaded(Exception):
    """More is being received than we have memory for: the peer should try again (4006, 503)."""


class Memory:
    """`most` and `held` are bytes."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0

    def share(self) -> Share:
        """One request's part of it, given back when its `with` ends."""
        return Share(self)


class Share:
    __slots__ = ("_memory", "_taken")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._taken = 0

    def take(self, size: int) -> None:
        """`size` more bytes are held. Raises Overloaded, and takes nothing, where that is too much."""
        if self._memory.held + size > self._memory.most:
            raise Overloaded(f"{self._memory.held} bytes are being received")
        self._memory.held += size
        self._taken += size

    def __enter__(self) -> Share:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._memory.held -= self._taken
        self._taken = 0
