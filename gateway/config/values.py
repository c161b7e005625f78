"""The configuration as values. A Config that exists is whole and checked: nobody who holds one checks it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from gateway.carrier.link import CarrierLink
from gateway.router.routes import Route
from gateway.store.records import Account

Network: TypeAlias = IPv4Network | IPv6Network


class ConfigError(ValueError):
    """The configuration can't be used. `problems` holds all that is wrong with it, one line each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Listen:
    """Where a server binds. An IPv6 host is without its brackets; port 0 lets the system choose."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The two listeners (design decision 11). Paths are absolute; with tls_cert there is tls_key."""

    listen: Listen = Listen("127.0.0.1", 8080)
    operator_listen: Listen = Listen("127.0.0.1", 8081)
    public_url: str = "http://127.0.0.1:8080"  # without a slash at its end; that of the listener where none is set
    tls_cert: str | None = None  # of the public listener
    tls_key: str | None = None
    trusted_proxies: tuple[Network, ...] = ()  # whose X-Forwarded-For is believed
    stop_seconds: float = 8.0  # that attempts under way get when it is told to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """`path` is the SQLite database's, absolute; None where the URL is another database's."""

    url: str = field(default="sqlite:///var/gateway.db", repr=False)  # PostgreSQL's may hold a password
    path: Path | None = None
    media: str = "store"  # or s3://bucket/prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRules:
    """`allow`: networks that media may be fetched from although they are private."""

    allow: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that the gateway is told. What may hold secrets is left out of its repr."""

    server: Server
    store: Store
    media: MediaRules = MediaRules()
    carriers: tuple[CarrierLink, ...] = field(default=(), repr=False)  # each name once
    routes: tuple[Route, ...] = ()  # in the file's order; each names one of the carriers
    accounts: tuple[Account, ...] = field(default=(), repr=False)  # each name and each sender once
    api_keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)  # account → its key
    warnings: tuple[str, ...] = ()  # usable, but surely not meant so; one line each
    digest: str = ""  # hex SHA-256 of the settings as they are in effect, without secrets: equal on nodes that agree
