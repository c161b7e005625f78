"""Time and ids, injected everywhere so that the same input gives the same bytes (design decision 9).

Times are integers: milliseconds since 1970-01-01T00:00:00Z.
"""

import secrets
import time
from dataclasses import dataclass, field
from typing import Protocol


class Clock(Protocol):
    def now(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z."""
        ...


class Ids(Protocol):
    def tracking_id(self) -> str:
        """An id of ours: letters, digits and hyphens, so that it is a valid NMTOKEN in every schema."""
        ...

    def transaction_id(self) -> str:
        """The id of one exchange; `[A-Za-z0-9-]`, at most 40 characters (interop X10)."""
        ...

    def token(self) -> str:
        """128 unguessable bits, URL-safe: what a link to content hangs on."""
        ...


class SystemClock:
    def now(self) -> int:
        return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class RandomIds:
    """Tracking ids begin with the time: what comes together lies together, and an index grows at its end."""

    clock: Clock = field(default_factory=SystemClock)

    def tracking_id(self) -> str:
        return f"{self.clock.now():012x}{secrets.token_hex(6)}"

    def transaction_id(self) -> str:
        return secrets.token_hex(16)

    def token(self) -> str:
        return secrets.token_hex(16)


@dataclass(slots=True)
class FixedClock:
    """A clock that stands still until a test moves it."""

    at: int = 1_767_225_600_000  # 2026-01-01T00:00:00Z

    def now(self) -> int:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += round(seconds * 1000)


@dataclass(slots=True)
class CountingIds:
    """Ids 1, 2, 3… for tests and for reproducible captures."""

    count: int = field(default=0)

    def _next(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}-{self.count:06d}"

    def tracking_id(self) -> str:
        return self._next("msg")

    def transaction_id(self) -> str:
        return self._next("txn")

    def token(self) -> str:
        return self._next("token")
