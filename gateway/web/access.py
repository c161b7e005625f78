"""Who may speak to an endpoint: networks and HTTP Basic (M-14). Comparisons take the same time whatever is wrong."""

import base64
import binascii
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network


class Verdict(Enum):
    ALLOWED = "allowed"
    WRONG_NETWORK = "wrong network"
    WRONG_CREDENTIALS = "wrong credentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """No networks: any may; no user name: no credentials are asked for."""

    username: str | None = None
    password: str | None = field(default=None, repr=False)
    networks: tuple[Network, ...] = ()

    def check(self, peer: str, authorization: str | None) -> Verdict:
        """`peer` is the address that the request came from; an IPv4-mapped one counts as IPv4."""
        if self.networks and not within(peer, self.networks):
            return Verdict.WRONG_NETWORK
        if self.username is not None and not self._credentials_are_right(authorization):
            return Verdict.WRONG_CREDENTIALS
        return Verdict.ALLOWED

    @property
    def is_open(self) -> bool:
        return not self.networks and self.username is None

    def _credentials_are_right(self, authorization: str | None) -> bool:
        presented = _basic(authorization or "")
        wanted = f"{self.username}:{self.password or ''}".encode()
        # Digests have one length, so that comparing them tells nothing of how long the secret is.
        return hmac.compare_digest(sha256(presented).digest(), sha256(wanted).digest())


def within(peer: str, networks: Iterable[Network]) -> bool:
    """Whether an address lies in one of the networks; an IPv4-mapped one counts as IPv4."""
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in networks)


def speaker(remote: str, forwarded_for: str, proxies: Sequence[Network]) -> str:
    """The address that a request came from: behind trusted proxies the last one that they did not write themselves.

    `forwarded_for` is X-Forwarded-For. Each hop appends whom it heard it from, so it is read from its end, and believed
    for as long as those who wrote it are trusted: what stands further left may be anybody's invention.
    """
    if not proxies:
        return remote
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    while hops and within(remote, proxies):
        remote = hops.pop()
    return remote


def _basic(authorization: str) -> bytes:
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(token.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""
