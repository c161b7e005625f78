"""Structured log: one JSON line for each event, with ids and never with a phone number, a body or a secret (U-13).

Promise: only names of the closed set `Event` and only keys of FIELDS are written; anything else is an error in the
code that a test finds, not a line. `reason` may quote what a library said, so what could be a number is masked in it.
Plain `json` and one `write`: structlog's bound loggers cost several times as much a line and its open key-value pairs
are what this module is there to forbid.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from gateway.clock import Clock

FIELDS = frozenset(
    {
        "account", "attempts", "carrier", "code", "count", "destination", "event_id", "http_status", "kind",
        "message_id", "ms", "name", "operation", "outcome", "reason", "rule", "size", "state", "status", "tracking_id",
        "transaction_id", "version", "work_id",
    }
)  # fmt: skip
"""What may be said of an event. `destination` is a host, or a carrier's name; sizes are bytes."""

LONGEST_REASON = 200

_NUMBER = re.compile(r"\+?\d(?:[ .()/-]?\d){6,}")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Event(StrEnum):
    """Everything that is ever logged."""

    STARTED = "started"
    STOPPED = "stopped"
    RELOADED = "reloaded"
    EXCHANGE_ANSWERED = "exchange.answered"
    EXCHANGE_REJECTED = "exchange.rejected"
    FINDING = "finding"
    MESSAGE_ACCEPTED = "message.accepted"
    MO_UNCLAIMED = "mo.unclaimed"
    REPORT_PARKED = "report.parked"
    ATTEMPT_ENDED = "attempt.ended"
    LEASE_LOST = "lease.lost"
    HANDLER_FAILED = "handler.failed"
    STORE_FAILED = "store.failed"
    CONTENT_DAMAGED = "content.damaged"


class Sink(Protocol):
    """Where lines go: `sys.stderr`, or what a test reads."""

    def write(self, line: str, /) -> object: ...


class Log:
    def __init__(self, sink: Sink, clock: Clock) -> None:
        self._sink = sink
        self._clock = clock

    def __call__(self, event: Event, **fields: str | int | float | None) -> None:
        """Write a line. Absent values are left out. Raises ValueError where a key is not one of FIELDS."""
        if not fields.keys() <= FIELDS:
            raise ValueError(f"not to be logged: {', '.join(sorted(fields.keys() - FIELDS))}")
        line: dict[str, object] = {"at": _written(self._clock.now()), "event": event.value}
        for key, value in fields.items():
            if value is not None:
                line[key] = masked(str(value)) if key == "reason" else value
        self._sink.write(_encode(line) + "\n")


def host_of(url: str) -> str:
    """What may be said of a URL: its host. Paths and queries may hold keys and numbers."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def masked(reason: str) -> str:
    """A reason with everything that could be a phone number taken out, and not too long for a line."""
    return _NUMBER.sub("#", reason)[:LONGEST_REASON]


def _written(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
