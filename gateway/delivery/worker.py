"""Leases work, runs the handler of its kind, records how it ended.

A handler is registered by the app for each kind of work: the carrier room's for "submit", the customer room's for "notify".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from gateway.delivery.http import StillOurs
from gateway.delivery.outcome import Outcome
from gateway.store.records import Change, Verdict, Work

Handler: TypeAlias = Callable[[Work, StillOurs], Awaitable[Outcome]]
"""Makes one attempt. Passes `still_ours` to HttpSender.post, so that it is asked immediately before the first byte."""

Settle: TypeAlias = Callable[[Work, Outcome, Verdict], Change | None]
"""What an attempt's end changes about its message; the router's, run in the transaction that records the end."""
