"""Which carrier takes an MT: an ordered table, the first row that fits decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Route:
    """`to` and `sender` are shell patterns over normalised addresses: "1*", "28444", "*"."""

    to: str
    sender: str
    carrier: str


def pick(routes: Sequence[Route], to: str, sender: str) -> str | None:
    """The carrier's name; None where no route fits."""
    for route in routes:
        if fnmatchcase(to, route.to) and fnmatchcase(sender, route.sender):
            return route.carrier
    return None
