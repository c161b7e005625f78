"""The one writer: a message in any version, valid in the schema of its namespace unless the dialect says otherwise
(decision 13).

    encoded = write(message, transaction_id, dialect, content=content, boundary=ids.token())

What comes back is a list of chunks, so that a picture goes from its file to the socket without being copied. The same
message, dialect and boundary give the same bytes (promise P8).
"""

import binascii
import hashlib
import re
from dataclasses import dataclass, field, replace

from gateway.mm7.dialect import LENIENT, Dialect
from gateway.mm7.encode import attribute, encoder_for, escape
from gateway.mm7.errors import Unwritable
from gateway.mm7.limits import MAX_NESTING
from gateway.mm7.messages import Fault, Message, Request, Response
from gateway.mm7.model import operation_of
from gateway.mm7.names import is_ncname
from gateway.mm7.table import FROM_5_2
from gateway.mm7.versions import SOAP_11

Bytes = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A part to be written. `content_id` is without brackets."""

    media_type: str
    data: Bytes
    content_id: str = ""
    content_location: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Multipart:
    """Leaves (or multiparts) that are one content; `start` is the Content-ID of the one to begin with, usually the
    SMIL.
    """

    parts: tuple["Leaf | Multipart", ...]
    #: empty: the dialect's
    subtype: str = ""
    content_id: str = "content"
    start: str = ""
    start_type: str = "application/smil"


@dataclass(frozen=True, slots=True)
class Encoded:
    """Headers and body of an HTTP message; `length` is the sum of the chunks, in bytes."""

    headers: dict[str, str]
    chunks: list[Bytes]
    length: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", sum(map(len, self.chunks)))

    def body(self) -> bytes:
        """The chunks joined: a copy, for tests and captures."""
        return b"".join(self.chunks)


def write(
    message: Message,
    transaction_id: str | None,
    dialect: Dialect = LENIENT,
    *,
    content: Leaf | Multipart | None = None,
    boundary: str = "",
    namespace: str = "",
) -> Encoded:
    """Writes one message; `namespace` overrides the dialect's, for an answer in the request's own.

    `boundary` is letters and digits that tell this message from others; a part that happens to hold it makes it longer.
    Raises Unwritable for what the schema does not allow.
    """
    envelope = write_envelope(message, transaction_id, dialect, namespace)
    headers = {"SOAPAction": dialect.soap_action} if _is_request(message) else {}
    if content is None:
        return Encoded({"Content-Type": dialect.envelope_type, **headers}, [envelope])
    if dialect.single_part_bare:
        content = _bared(content)
    token = _absent_token(boundary, content)
    outer = f"mm7.{token}.0"
    start = "mm7-start"
    chunks: list[Bytes] = [
        f"--{outer}\r\nContent-Type: {dialect.envelope_type}\r\nContent-ID: {_id(start, dialect)}\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n".encode(),
        envelope,
        f"\r\n--{outer}\r\n".encode(),
    ]
    _write_part(content, dialect, token, 1, chunks)
    chunks.append(f"\r\n--{outer}--\r\n".encode())
    kind = '"text/xml"' if dialect.quoted_type else "text/xml"
    shown = f"<{start}>" if dialect.start_brackets else start
    return Encoded(
        {"Content-Type": f'multipart/related; boundary="{outer}"; type={kind}; start="{shown}"', **headers}, chunks
    )


def write_envelope(
    message: Message, transaction_id: str | None, dialect: Dialect = LENIENT, namespace: str = ""
) -> bytes:
    """The SOAP envelope alone, in UTF-8 with its XML declaration."""
    uri = namespace or dialect.uri
    soap = dialect.soap_prefix
    header = _header(transaction_id, uri, dialect) if transaction_id is not None else ""
    body = _fault(message, uri, dialect) if isinstance(message, Fault) else _operation(message, uri, dialect)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{soap}:Envelope xmlns:{soap}="{SOAP_11}">'
        f"{header}<{soap}:Body>{body}</{soap}:Body></{soap}:Envelope>"
    ).encode()


def _is_request(message: Message) -> bool:
    return not isinstance(message, Fault) and operation_of(message).is_request


def _header(transaction_id: str, uri: str, dialect: Dialect) -> str:
    soap, prefix = dialect.soap_prefix, dialect.transaction_prefix
    # Up to REL-5-MM7-1-1 TransactionID is a simple NMTOKEN: mustUnderstand on it is invalid there.
    understand = f' {soap}:mustUnderstand="1"' if _has_must_understand(dialect) else ""
    tag, declaration = (f"{prefix}:TransactionID", f"xmlns:{prefix}") if prefix else ("TransactionID", "xmlns")
    text, namespace = escape(transaction_id, "TransactionID"), attribute(uri, "namespace")
    return f'<{soap}:Header><{tag} {declaration}="{namespace}"{understand}>{text}</{tag}></{soap}:Header>'


def _has_must_understand(dialect: Dialect) -> bool:
    return dialect.must_understand and dialect.release in FROM_5_2


def _operation(message: Request | Response, uri: str, dialect: Dialect) -> str:
    return encoder_for(dialect, uri, operation_of(message))(message)


def _fault(fault: Fault, uri: str, dialect: Dialect) -> str:
    """SOAP 1.1 §4.4: faultcode, faultstring and detail are in no namespace; the faultcode is a QName."""
    soap = dialect.soap_prefix
    prefix, _, local = fault.fault_code.rpartition(":")
    code = f"{prefix or soap}:{local}"
    declared = ""
    if prefix and prefix != soap:
        if not is_ncname(prefix) or prefix.startswith("xml"):
            raise Unwritable(f"faultcode {fault.fault_code!r} has a prefix that can't be one")
        declared = f' xmlns:{prefix}="{SOAP_11}"'
    detail = ""
    if fault.error is not None:
        detail = f"<detail>{_operation(fault.error, uri, dialect)}</detail>"
    code, string = escape(code, "faultcode"), escape(fault.fault_string, "faultstring")
    inner = f"<faultcode{declared}>{code}</faultcode><faultstring>{string}</faultstring>{detail}"
    return f"<{soap}:Fault>{inner}</{soap}:Fault>"


def _bared(content: Leaf | Multipart) -> Leaf | Multipart:
    """A multipart of one leaf as that leaf, under the multipart's Content-ID, which is what Content points to."""
    if isinstance(content, Multipart) and len(content.parts) == 1 and isinstance(content.parts[0], Leaf):
        return replace(content.parts[0], content_id=content.content_id or content.parts[0].content_id)
    return content


def _id(content_id: str, dialect: Dialect) -> str:
    return f"<{content_id}>" if dialect.content_id_brackets else content_id


def _leaves(part: Leaf | Multipart, depth: int = 1) -> list[Leaf]:
    if isinstance(part, Leaf):
        return [part]
    if depth >= MAX_NESTING:
        raise Unwritable(f"multiparts are nested more than {MAX_NESTING} deep")
    return [leaf for inner in part.parts for leaf in _leaves(inner, depth + 1)]


_TOKEN = re.compile(r"[A-Za-z0-9]{0,48}", re.ASCII)


def _absent_token(boundary: str, content: Leaf | Multipart) -> str:
    """A token that stands in no part, so that no delimiter made of it does (RFC 2046 §5.1).

    Where it does, it goes on with a digest of the parts, which they can't have been made to hold.
    """
    if not _TOKEN.fullmatch(boundary):
        raise Unwritable(f"boundary {boundary!r} is not at most 48 letters and digits")
    token = boundary or "boundary"
    leaves = _leaves(content)
    needle = token.encode()
    if any(_contains(leaf.data, needle) for leaf in leaves):
        digest = hashlib.sha256(needle)
        for leaf in leaves:
            digest.update(leaf.data)
        token += digest.hexdigest()[:12]
    return token


def _contains(data: Bytes, needle: bytes) -> bool:
    # A view has no `in`: one that spans its whole object is searched there, any other one is copied first.
    if isinstance(data, memoryview):
        whole = data.obj
        data = whole if isinstance(whole, bytes | bytearray) and len(whole) == data.nbytes else data.tobytes()
    return needle in data


def _write_part(part: Leaf | Multipart, dialect: Dialect, token: str, depth: int, chunks: list[Bytes]) -> None:
    if isinstance(part, Leaf):
        _write_leaf(part, dialect, chunks)
        return
    boundary = f"mm7.{token}.{depth}"
    start = f'; start="<{part.start}>"; type="{part.start_type}"' if part.start else ""
    kind = f"multipart/{part.subtype}" if part.subtype else dialect.content_type
    lines = [f'Content-Type: {kind}; boundary="{boundary}"{start}']
    if part.content_id:
        lines.append(f"Content-ID: {_id(part.content_id, dialect)}")
    chunks.append(_block(lines))
    for inner in part.parts:
        chunks.append(f"--{boundary}\r\n".encode())
        _write_part(inner, dialect, token, depth + 1, chunks)
        chunks.append(b"\r\n")
    chunks.append(f"--{boundary}--".encode())


def _write_leaf(leaf: Leaf, dialect: Dialect, chunks: list[Bytes]) -> None:
    encoding = dialect.transfer_encoding
    lines = [f"Content-Type: {leaf.media_type}"]
    if leaf.content_id:
        lines.append(f"Content-ID: {_id(leaf.content_id, dialect)}")
    if leaf.content_location and dialect.content_location:
        lines.append(f"Content-Location: {leaf.content_location}")
    lines.append(f"Content-Transfer-Encoding: {encoding}")
    lines.extend([f"{name}: {value}" for name, value in leaf.headers])
    chunks.append(_block(lines))
    data = leaf.data
    if isinstance(data, memoryview) and not (data.c_contiguous and data.itemsize == 1):
        data = data.tobytes()
    chunks.append(_base64(data) if encoding == "base64" else data)


def _block(lines: list[str]) -> bytes:
    """Header lines as bytes. A line break in one of them would begin a header of its own, so it is refused."""
    block = "\r\n".join(lines)
    if not block.count("\r") == block.count("\n") == len(lines) - 1 or "\0" in block:
        raise Unwritable(f"a MIME header can't hold a line break: {lines!r}")
    try:
        return f"{block}\r\n\r\n".encode()
    except UnicodeEncodeError as error:
        raise Unwritable(f"a MIME header holds what is no character: {lines!r}") from error


def _base64(data: Bytes) -> bytes:
    """RFC 2045 §6.8: lines of 76 characters."""
    encoded = binascii.b2a_base64(data, newline=False)
    return b"\r\n".join(encoded[start : start + 76] for start in range(0, len(encoded), 76))
