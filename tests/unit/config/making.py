"""Configurations of a few lines, in a directory that has the files which they name."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from gateway.config import Config, parse

ETC = Path("/etc/mm7")
PEM = b"-----BEGIN CERTIFICATE-----\n"
FILES = {
    "/etc/mm7/acme.pem": PEM,
    "/etc/mm7/acme.key": PEM,
    "/etc/mm7/ca.pem": PEM,
    "/etc/mm7/password": b"open sesame\r\n",
    "/etc/mm7/inbound": "grün".encode(),
    "/run/secrets/key": b"k-123\n",
    "/etc/mm7/two-lines": b"one\ntwo\n",
    "/etc/mm7/empty": b"\n",
    "/etc/mm7/latin-1": b"gr\xfcn",
    "/etc/mm7/locked.key": b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
    "/etc/mm7/broken.toml": b"[levels]\nx = [1]\n[dialect]\nretryable = [[1]]\n",
    "/etc/mm7/mine.toml": b'extends = "sinch"\n[dialect]\nsoap_prefix = "s"\n',
}


def files(path: Path) -> bytes:
    try:
        return FILES[str(path)]
    except KeyError:
        raise FileNotFoundError(2, "No such file or directory") from None


def config(text: str, environ: Mapping[str, str] | None = None) -> Config:
    return parse(tomllib.loads(text), environ or {}, ETC, files)


CARRIER = '[[carrier]]\nname = "acme"\nurl = "https://mmsc.acme.example/mm7"\n'
