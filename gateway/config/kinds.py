"""The kinds of values that settings have: what each looks like, and how it is read from TOML or from a variable's text.

A kind reads what TOML gives and raises Unfit where that is something else, or ValueError with a sentence where the
value looks right and can't be used. Values stay as written (paths relative), so that nodes which agree look alike.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from yarl import URL

from gateway.config.files import Files
from gateway.config.values import Listen
from gateway.config.words import literal, shown

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LISTEN = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9][A-Za-z0-9.-]*)):([0-9]{1,5})")


class Unfit(ValueError):
    """The value is not of the kind; the caller says which is wanted."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`wanted` completes the sentence "wanted …". `from_text` turns a variable's text into what TOML would give."""

    name: str
    wanted: str
    read: Callable[[object, Files], Any]
    from_text: Callable[[str], object] = str


def _number(text: str) -> object:
    """As TOML has it: `10` and `2.5` are numbers, all else stays text, which the kind then refuses."""
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            pass
    return text


def _comma_separated(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _text(value: object, _files: Files) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise Unfit
    return value


def _user(value: object, files: Files) -> str:
    if ":" in _text(value, files):
        raise ValueError("HTTP Basic knows no user name with a colon")
    return str(value)


def _name(value: object, _files: Files) -> str:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise Unfit
    return value


def _seconds(value: object, _files: Files) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 3600:
        raise Unfit
    return float(value)


def _listen(value: object, _files: Files) -> Listen:
    found = _LISTEN.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[3]) > 65535:
        raise Unfit
    if found[1]:
        _address(found[1], _files)
    return Listen(found[1] or found[2], int(found[3]))


def _address(value: object, _files: Files) -> str:
    try:
        return str(ip_address(_text(value, _files)))
    except ValueError as error:
        raise Unfit from error


def _url(value: object, files: Files) -> str:
    text = _proxy(value, files)
    if "@" in URL(text).raw_authority:
        raise ValueError("credentials do not stand in a URL: there are settings for them")
    return text


def _proxy(value: object, files: Files) -> str:
    text = _text(value, files)
    try:
        url = URL(text)
        usable = url.scheme in ("http", "https") and url.host and url.port
    except ValueError as error:
        raise Unfit from error
    if not usable or " " in text:
        raise Unfit
    return text


def _store_url(value: object, files: Files) -> str:
    text = _text(value, files)
    if text.startswith("sqlite:///"):
        if not text.removeprefix("sqlite:///").strip("/") or "?" in text or text.endswith("/"):
            raise Unfit
        return text
    try:
        if urlsplit(text).scheme == "postgresql" and urlsplit(text).path.strip("/"):
            return text
    except ValueError as error:
        raise Unfit from error
    raise Unfit


def _media_store(value: object, files: Files) -> str:
    if value != "store" and not re.fullmatch(r"s3://[a-z0-9.-]+(/[^\s?#]*)?", _text(value, files)):
        raise Unfit
    return str(value)


def _networks(value: object, files: Files) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise Unfit
    try:
        return tuple(ip_network(_text(item, files)) for item in value)
    except Unfit:
        raise
    except ValueError as error:
        raise ValueError(f"{error}: a network is written such as 192.0.2.0/24 or 2001:db8::/32") from error


def _senders(value: object, _files: Files) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Unfit
    for item in value:
        if not re.fullmatch(r"[0-9]{2,20}", item):
            raise ValueError(f"a sender is 2 to 20 digits, such as 28444 or 15555550100, not {shown(item)}")
    return tuple(value)


def _certificate(value: object, files: Files) -> str:
    content = files.read(_text(value, files))
    if b"-----BEGIN" not in content:
        raise ValueError(f"{shown(value)} is not a PEM file")
    if b"ENCRYPTED" in content:  # OpenSSL would ask for the password on the terminal, and a server has none
        raise ValueError(f"{shown(value)} holds an encrypted key: write it without a password")
    return str(value)


def _secret(value: object, files: Files) -> str:
    """The secret in the file that `value` names."""
    return secret_of(files.text(_text(value, files)).rstrip("\r\n"), f"what is in {shown(value)}")


def secret_of(text: str, what: str) -> str:
    """A secret that can be presented. Raises ValueError, which doesn't tell the secret."""
    if not text.strip() or not text.isprintable():
        raise ValueError(f"{what} is not one line of printable text")
    return text


def _table(value: object, _files: Files) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Unfit
    return value


def whole(least: int) -> Kind:
    def read(value: object, _files: Files) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= 1_000_000:
            raise Unfit
        return value

    return Kind("whole number", f"a whole number from {least} to 1000000", read, _number)


def choice(*words: str) -> Kind:
    def read(value: object, _files: Files) -> str:
        if not isinstance(value, str) or value not in words:
            raise Unfit
        return value

    return Kind(" or ".join(literal(word) for word in words), f"one of {', '.join(words)}", read)


TEXT = Kind("text", "text in quotes", _text)
USER = Kind("text", "text in quotes", _user)
ENTRY_NAME = Kind("name", "a name of letters, digits, dots, hyphens and underscores, at most 64", _name)
SECONDS = Kind("seconds", "seconds, more than 0 and at most 3600", _seconds, _number)
LISTEN = Kind("host:port", "host:port, a host of IPv6 in brackets", _listen)
ADDRESS = Kind("IP address", "an IP address", _address)
PROXY = Kind("URL", "a URL with http or https", _proxy)
HTTP_URL = Kind("URL", "a URL with http or https", _url)
STORE_URL = Kind("URL", "sqlite:///path, sqlite:////absolute/path or postgresql://user@host/database", _store_url)
MEDIA_STORE = Kind('"store" or s3 URL', '"store" or s3://bucket/prefix', _media_store)
NETWORKS = Kind("list of networks", "a list of networks", _networks, _comma_separated)
SENDERS = Kind("list of numbers", "a list of numbers in quotes", _senders, _comma_separated)
CERTIFICATE = Kind("PEM file", "the path of a PEM file", _certificate)
SECRET = Kind("file with a secret", "the path of a file that holds the secret and nothing else", _secret)
TABLE = Kind("table", "a table", _table)
