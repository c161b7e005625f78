"""Who may speak to an endpoint: networks and HTTP Basic (M-14). Comparisons take the same time whatever is wrong."""

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Network, ip_address


class Verdict(Enum):
    ALLOWED = "allowed"
    WRONG_NETWORK = "wrong network"
    WRONG_CREDENTIALS = "wrong credentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """No networks: any may; no user name: no credentials are asked for."""

    username: str | None = None
    password: str | None = field(default=None, repr=False)
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def check(self, peer: str, authorization: str | None) -> Verdict:
        """`peer` is the address that the request came from; an IPv4-mapped one counts as IPv4."""
        if self.networks and not self._from_allowed_network(peer):
            return Verdict.WRONG_NETWORK
        if self.username is not None and not self._credentials_are_right(authorization):
            return Verdict.WRONG_CREDENTIALS
        return Verdict.ALLOWED

    @property
    def is_open(self) -> bool:
        return not self.networks and self.username is None

    def _from_allowed_network(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self.networks)

    def _credentials_are_right(self, authorization: str | None) -> bool:
        presented = _basic(authorization or "")
        wanted = f"{self.username}:{self.password or ''}".encode()
        # Digests have one length, so that comparing them tells nothing of how long the secret is.
        return hmac.compare_digest(sha256(presented).digest(), sha256(wanted).digest())


def _basic(authorization: str) -> bytes:
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(token.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""
