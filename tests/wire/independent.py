"""A second reading of a captured message that shares no code with the gateway: stdlib `email`, a plain lxml walk.

It is lenient about charsets and namespaces only; what else is broken has to be repaired in the bytes beforehand.
"""

import hashlib
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from lxml import etree

_START = re.compile(rb"\A\s*(?:[A-Z]+ \S+ HTTP/1\.[01]|HTTP/1\.[01] \d{3}[^\n]*)\r?\n")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")


@dataclass(frozen=True)
class Reading:
    """`leaves` are type, Content-ID, size and SHA-256; `texts` are what the operation's elements and attributes say."""

    operation: str
    namespace: str | None
    transaction_id: str | None
    texts: tuple[tuple[str, str], ...]
    attributes: tuple[tuple[str, str], ...]
    leaves: tuple[tuple[str, str | None, int, str], ...]


def reading(data: bytes) -> Reading:
    """Raises ValueError (lxml's is one) where the message is not as it should be."""
    envelope, leaves = _split(data)
    root = _parsed(envelope)
    body = next((child for child in root.iter() if _local(child) == "Body"), None)
    operation = root if body is None else body[0]
    if _local(operation) == "Fault":
        operation = next((child for child in operation.iter() if _local(child).endswith("ErrorRsp")), operation)
    transaction = next((child for child in root.iter() if _local(child) == "TransactionID"), None)
    return Reading(
        _local(operation),
        str(operation.tag).rpartition("}")[0].removeprefix("{") or None,
        None if transaction is None or not (transaction.text or "").strip() else transaction.text,
        tuple((_local(e), (e.text or "").strip()) for e in operation.iter() if len(e) == 0 and (e.text or "").strip()),
        tuple((_local_name(str(key)), str(value)) for e in operation.iter() for key, value in e.items()),
        leaves,
    )


def _split(data: bytes) -> tuple[bytes, tuple[tuple[str, str | None, int, str], ...]]:
    start = _START.match(data)
    if start is None and data.lstrip().startswith(b"<"):
        return data, ()
    if start is None and data.lstrip().startswith(b"--"):
        boundary = data.lstrip().split(b"\n", 1)[0].strip()[2:].decode("latin-1")
        data = f'Content-Type: multipart/related; boundary="{boundary}"\n\n'.encode() + data
    message = message_from_bytes(data[start.end() :] if start else data)
    payload = message.get_payload(decode=True)
    if not message.is_multipart():
        return bytes(payload) if isinstance(payload, bytes) else b"", ()
    parts = [part for part in message.get_payload() if isinstance(part, Message)]
    envelope = parts[0].get_payload(decode=True)
    return bytes(envelope) if isinstance(envelope, bytes) else b"", tuple(
        _leaf(leaf) for part in parts[1:] for leaf in part.walk() if not leaf.is_multipart()
    )


def _leaf(part: Message) -> tuple[str, str | None, int, str]:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    content_id = str(part.get("Content-ID", "")).strip().removeprefix("<").removesuffix(">").strip()
    return part.get_content_type(), content_id or None, len(payload), hashlib.sha256(payload).hexdigest()


def _parsed(envelope: bytes) -> etree._Element:
    parser = etree.XMLParser(remove_comments=True)
    try:
        return etree.fromstring(envelope.strip(), parser)
    except etree.XMLSyntaxError:
        # The declared charset may be a lie, and a namespace no URI.
        text = _DECLARATION.sub("", envelope.decode("utf-8", "replace"))
        text = re.sub(r'xmlns(:\w+)?="[^"]*"', lambda found: re.sub(r"\s", " ", found.group()), text)
        tolerant = etree.XMLParser(remove_comments=True, recover=True)
        root = etree.fromstring(text.encode(), tolerant)
        worse = [entry for entry in tolerant.error_log if entry.type_name != "WAR_NS_URI"]
        if worse:
            raise
        return root


def _local(element: etree._Element) -> str:
    return _local_name(str(element.tag))


def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2]
