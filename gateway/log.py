"""Structured log: one JSON line for each event, with ids and never with a phone number, a body or a secret (U-13).

Promise: only names of the closed set `Event` and only keys of FIELDS are written; anything else is an error in the
code that a test finds, not a line. A `reason` is our own words, an error's type (`where`), its errno or a status; what
a peer chose stands in it in quotation marks, at its end, and is left out. Ids that peers chose are kept, as exchanges
are found by them, but never more than LONGEST of one. A log that can't be written stops nothing: what is lost is
counted, and the next line that is written says how many were.
Plain `json` and one `write`: structlog's bound loggers cost several times as much a line and its open key-value pairs
are what this module is there to forbid.
"""

from __future__ import annotations

import json
import re
import traceback
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

LONGEST = 200
"""Characters of a value."""

_NUMBER = re.compile(r"\+?\d(?:[ .()/-]{0,3}\d){6,}")
_URL_OR_MAIL = re.compile(r"\w+://[^\s,;]+|[^\s@<>]+@[^\s@<>]+")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Event(StrEnum):
    """Everything that is ever logged."""

    STARTED = "started"
    STOPPED = "stopped"
    RELOADED = "reloaded"
    EXCHANGE_ANSWERED = "exchange.answered"
    EXCHANGE_REJECTED = "exchange.rejected"
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
        self._lost = 0

    def __call__(self, event: Event, **fields: str | int | float | None) -> None:
        """Write a line. Absent values are left out. Raises only ValueError: a key is not one of FIELDS."""
        if not fields.keys() <= FIELDS:
            raise ValueError(f"not to be logged: {', '.join(sorted(fields.keys() - FIELDS))}")
        line: dict[str, object] = {"at": _written(self._clock.now()), "event": event.value}
        for key, value in fields.items():
            if value is not None:
                text = masked(str(value)) if key == "reason" else value
                line[key] = text[:LONGEST] if isinstance(text, str) else text
        if self._lost:
            line["lost"] = self._lost
        try:
            self._sink.write(_encode(line) + "\n")
        except (
            OSError,
            ValueError,
        ):  # a pipe without a reader, a full disk, a closed stream, a character it hasn't got
            self._lost += 1
        else:
            self._lost = 0


def host_of(url: str) -> str:
    """What may be said of a URL: its host. Paths and queries may hold keys and numbers."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def masked(reason: str) -> str:
    """A reason without what is quoted in it, without numbers, URLs and mail addresses, not too long for a line."""
    own = reason.partition('"')[0].rstrip(" :,")
    return _NUMBER.sub("#", _URL_OR_MAIL.sub("#", own))


def where(error: BaseException) -> str:
    """An error that may quote what a peer sent, as what may be logged of it: its type, and the line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {frames[-1].name}, line {frames[-1].lineno}" if frames else type(error).__name__


def _written(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
