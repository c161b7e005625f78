"""How one attempt ended, as its handler saw it. What follows is the retry policy's business."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Delivered:
    """The peer took it. `answer` is for whoever settles this kind of work; delivery doesn't look at it."""

    answer: object = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The peer refused for good: another attempt would be refused likewise."""

    reason: str
    answer: object = None


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not this time: not connected, or a readable answer that says later. `retry_after` in seconds."""

    reason: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class InDoubt:
    """Bytes left us and no answer could be read: the peer may or may not have taken it."""

    reason: str


Outcome: TypeAlias = Delivered | Refused | Deferred | InDoubt
