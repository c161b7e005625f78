"""The messages from the wild that lie beside the checkout, and what stops a second reader at some of them.

Nothing of theirs is kept here: corpus_expected.json holds names, ids, sizes and hashes.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

FOLDERS = ("spec", "sinch", "real")
_NO_MESSAGES = ("README.md", "README.txt", "index.json")
EXPECTED = Path(__file__).with_name("corpus_expected.json")

#: What has to be mended in a file's bytes before `email` and a plain XML parser can read it: why, what, and by what.
REPAIRS: dict[str, tuple[str, bytes, bytes]] = {
    "real/021-ktf-korea-submitreq-1.6.http": ("the closing delimiter ends with a dash", "—".encode(), b"--"),
    "real/032-skt-korea-submitreq-5.3.0.http": ("a folded header is not indented", rb"\nboundary=", b"\n boundary="),
    "real/033-skt-korea-submitreq-old-5.3.0.http": (
        "a folded header is not indented",
        rb"\nboundary=",
        b"\n boundary=",
    ),
    "real/035-skt-korea-submitreq-min-5.3.0.http": (
        "parts that are XML have no Content-Type",
        rb"\n(Content-ID: <20240704)",
        rb"\nContent-Type: text/xml\n\1",
    ),
    "real/036-skt-korea-submitreq-trailing-5.3.0.xml": (
        "a second envelope's end follows the first",
        rb"(?s)(</env:Envelope>).*",
        rb"\1",
    ),
    "real/086-mobixell-xtt-submitreq-nocontenttype-5.3.0.http": (
        "there is no Content-Type, and a part has none",
        rb"(?s)\A.*?\n(--.*\n)(Content-Disposition)",
        rb"\1Content-Type: application/octet-stream\n\2",
    ),
}


def files(base: Path) -> list[str]:
    """Every message below `../shared/corpus`, by its path there."""
    found = (path for folder in FOLDERS for path in (base / "corpus" / folder).iterdir())
    return sorted(path.relative_to(base / "corpus").as_posix() for path in found if path.name not in _NO_MESSAGES)


def repaired(name: str, data: bytes) -> bytes:
    if name not in REPAIRS:
        return data
    _, pattern, replacement = REPAIRS[name]
    return re.sub(pattern, replacement, data)


def expected() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = json.loads(EXPECTED.read_text("utf-8"))
    return loaded


def digest(text: str | bytes) -> str:
    """What stands in the table in place of a subscriber's number or words."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()[:16]
