"""The protocol: bytes ↔ messages. No I/O, no clock, nothing else of ours (TS 23.140, MM7).

envelope, findings = read(body, content_type)
encoded = write(message, transaction_id, dialect, content=parts, boundary=token)
"""

from gateway.mm7.dialect import LENIENT, Dialect
from gateway.mm7.envelope import Envelope
from gateway.mm7.errors import Mm7Error, Unreadable, Unwritable
from gateway.mm7.findings import Finding, Level, Rule
from gateway.mm7.reader import read
from gateway.mm7.table import Address, AddressKind, Content, Recipients
from gateway.mm7.versions import Release
from gateway.mm7.writer import Encoded, Leaf, Multipart, write, write_envelope

__all__ = [
    "LENIENT",
    "Address",
    "AddressKind",
    "Content",
    "Dialect",
    "Encoded",
    "Envelope",
    "Finding",
    "Leaf",
    "Level",
    "Mm7Error",
    "Multipart",
    "Recipients",
    "Release",
    "Rule",
    "Unreadable",
    "Unwritable",
    "read",
    "write",
    "write_envelope",
]
