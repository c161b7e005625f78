"""Settings that were read and found right → the values of the rooms that they are for."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from yarl import URL

from gateway.carrier.link import CarrierLink
from gateway.config import kinds
from gateway.config.checks import Reads
from gateway.config.files import Files
from gateway.config.reading import Read
from gateway.config.values import Config, MediaRules, Server, Store
from gateway.delivery.http import LinkSettings
from gateway.router.routes import Route
from gateway.store.records import Account
from gateway.web.access import Access


def build(reads: Reads, files: Files, warnings: tuple[str, ...]) -> Config:
    accounts = [_resolved(read, files) for read in reads["account"]]
    return Config(
        server=_server(_resolved(reads["server"][0], files)),
        store=_store(reads["store"][0].values, files),
        media=MediaRules(allow=reads["media"][0].values["allow"]),
        carriers=tuple(_carrier(_resolved(read, files)) for read in reads["carrier"]),
        routes=tuple(Route(**read.values) for read in reads["route"]),
        accounts=tuple(_account(values) for values in accounts),
        api_keys=MappingProxyType({each["name"]: each["api_key"] for each in accounts if each["api_key"]}),
        warnings=warnings,
        digest=_digest(reads),
    )


def _resolved(read: Read, files: Files) -> dict[str, Any]:
    """The values with paths absolute."""
    values = dict(read.values)
    for setting in read.entry.section.settings:
        if setting.kind is kinds.CERTIFICATE and values[setting.key] is not None:
            values[setting.key] = files.path(values[setting.key])
    return values


def _server(values: dict[str, Any]) -> Server:
    scheme = "https" if values["tls_cert"] else "http"
    public_url = (values["public_url"] or f"{scheme}://{values['listen']}").rstrip("/")
    return Server(**(values | {"public_url": public_url}))


def _store(values: Mapping[str, Any], files: Files) -> Store:
    url: str = values["url"]
    path = Path(files.path(url.removeprefix("sqlite:///"))) if url.startswith("sqlite:") else None
    return Store(url=url, path=path, media=values["media"])


def _carrier(values: dict[str, Any]) -> CarrierLink:
    http = {field.name: values[field.name] for field in fields(LinkSettings) if field.name in values}
    return CarrierLink(
        name=values["name"],
        url=values["url"],
        dialect=values["dialect"],
        vaspid=values["vaspid"],
        vasid=values["vasid"],
        http=LinkSettings(**http),
        rate=values["rate"],
        inbound=Access(
            username=values["inbound_username"],
            password=values["inbound_password"],
            networks=values["inbound_allow"],
        ),
    )


def _account(values: dict[str, Any]) -> Account:
    same = {field.name: values[field.name] for field in fields(Account) if field.name in values}
    return Account(
        **same, callback_client_key=values["callback_client_key_file"], callback_ca=values["callback_ca_file"]
    )


def _digest(reads: Reads) -> str:
    """Paths count as they are written, so that nodes agree wherever their file lies; order counts where it decides."""
    effective = {section: [_public(read) for read in each] for section, each in reads.items()}
    for section in ("carrier", "account"):
        effective[section].sort(key=lambda values: str(values["name"]))
    return sha256(json.dumps(effective, sort_keys=True).encode()).hexdigest()


def _public(read: Read) -> dict[str, object]:
    settings = [setting for setting in read.entry.section.settings if not setting.is_secret]
    return {setting.key: _plain(_without_password(read.values[setting.field])) for setting in settings}


def _without_password(value: object) -> object:
    return str(URL(value).with_password(None)) if isinstance(value, str) and "://" in value and "@" in value else value


def _plain(value: object) -> object:
    """As JSON can say it, the same in every process."""
    if isinstance(value, Enum):
        return value.name
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, frozenset):
        return sorted(str(each) for each in value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return str(value)
