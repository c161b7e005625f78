"""The one reader: a body and its Content-Type into `(Envelope, findings)`, or an Unreadable, never else (P7).

    envelope, findings = read(body, content_type)

The steps, each in its own module: MIME tree (mime.py) → which part is the envelope (here) → XML (xml.py) → SOAP layers
(soap.py) → operation (decode.py) → which part is the content (here).
"""

import re
from types import MappingProxyType
from urllib.parse import unquote

from lxml import etree

from gateway.mm7 import findings as rules
from gateway.mm7.decode import decoder_for
from gateway.mm7.delimiters import Body
from gateway.mm7.dialect import LENIENT, Dialect
from gateway.mm7.envelope import Envelope
from gateway.mm7.errors import Unreadable
from gateway.mm7.findings import Finding, Findings, quote
from gateway.mm7.frozen import maker
from gateway.mm7.headers import cid_of, unbracket
from gateway.mm7.limits import MAX_BODY, MAX_NAMESPACE, MAX_TRANSACTION_ID
from gateway.mm7.messages import Fault, Message, RSErrorRsp, VASPErrorRsp
from gateway.mm7.mime import Part, parse_entity
from gateway.mm7.model import OPERATIONS, Operation
from gateway.mm7.soap import Layers, open_layers
from gateway.mm7.table import Content
from gateway.mm7.versions import NATURAL, NEWEST, SOAP_11, Release, recognise
from gateway.mm7.xml import Document, local_name, namespace_of, parse_document, recover

_XML_TYPES = ("text/xml", "application/xml", "application/soap+xml", "application/xop+xml")
_NO_HEADERS: MappingProxyType[str, str] = MappingProxyType({})
_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
_make_envelope = maker(Envelope)
_BRACKETED = re.compile(r"<[^\s<>:]+>")
_MUST_UNDERSTAND = [f"{{{SOAP_11}}}mustUnderstand"]


def read(
    body: Body, content_type: str | None, dialect: Dialect = LENIENT, *, limit: int = MAX_BODY
) -> tuple[Envelope, tuple[Finding, ...]]:
    """Reads one message from a whole HTTP body of at most `limit` bytes.

    Raises Unreadable, and nothing else, where there is no message to be had; it says why, where, and which operation
    and TransactionID could still be made out.
    """
    try:
        return _read(body, content_type, dialect, limit)
    except Unreadable as error:
        # Undecodable bytes were replaced by longer ones.
        error.offset = min(error.offset, len(body))
        if error.operation is None or error.transaction_id is None:
            operation, transaction_id = recover(body)
            error.operation = error.operation or operation
            error.transaction_id = error.transaction_id or transaction_id
        if len(error.transaction_id or "") > MAX_TRANSACTION_ID:
            error.transaction_id = None
        raise


def _read(body: Body, content_type: str | None, dialect: Dialect, limit: int) -> tuple[Envelope, tuple[Finding, ...]]:
    if len(body) > limit:
        raise Unreadable(rules.BODY_TOO_LARGE, limit, f"the body is larger than {limit} bytes")
    seen = Findings()
    entity = parse_entity(body, content_type, seen)
    root, others = _envelope_part(entity, seen)
    document = parse_document(root.data, root.offset, root.charset, seen, prefixes=dialect.undeclared_prefixes)
    layers = open_layers(document, seen)
    envelope = _decode(layers, document, others, dialect, seen)
    return envelope, seen.all()


def _envelope_part(entity: Part, seen: Findings) -> tuple[Part, tuple[Part, ...]]:
    """The part that holds the envelope, and the parts beside it (TS 23.140 §8.7.8.2; interop H7)."""
    if not entity.is_multipart:
        if entity.media_type not in _XML_TYPES:
            text = f"there is no SOAP envelope: the body is {quote(entity.media_type)}"
            raise Unreadable(rules.ENVELOPE_NOWHERE, entity.offset, text)
        return entity, ()
    parts = entity.parts
    root = _started(entity, seen)
    if root is None:
        root = next((part for part in parts if _holds_envelope(part)), None)
    if root is None:
        raise Unreadable(rules.ENVELOPE_NOWHERE, entity.offset, f"none of the {len(parts)} parts is a SOAP envelope")
    if root is not parts[0]:
        seen.add(rules.ENVELOPE_NOT_FIRST, root.offset, "the envelope is not the first part")
    if root.media_type not in _XML_TYPES:
        seen.add(rules.ENVELOPE_TYPE, root.offset, f"the envelope's Content-Type is {quote(root.media_type)}")
    return root, parts[1:] if root is parts[0] else tuple(part for part in parts if part is not root)


def _started(entity: Part, seen: Findings) -> Part | None:
    """The part that the parameter `start` names, where it is an envelope."""
    start = entity.parameters.get("start", "")
    first = entity.parts[0] if entity.parts else None
    usual = first is not None and first.media_type in _XML_TYPES and first.headers.get("content-id") == start
    if usual and _BRACKETED.fullmatch(start):
        return first
    if not start.strip():
        if entity.parts and entity.parts[0].content_id:
            seen.add(rules.START_MISSING, 0, "multipart/related names no start")
        return None
    wanted = cid_of(unbracket(start))[0]
    if start.strip() != f"<{wanted}>":
        seen.add(rules.START_FORM, 0, f"start {quote(start)} is not a Content-ID in brackets")
    for part in entity.parts:
        if part.content_id == wanted and _holds_envelope(part):
            return part
    seen.add(rules.START_UNRESOLVED, 0, f"start {quote(start)} names no part that is an envelope")
    return None


def _holds_envelope(part: Part) -> bool:
    if part.media_type in _XML_TYPES:
        return True
    head = bytes(part.data[:512]).lstrip()
    return not part.is_multipart and head.startswith(b"<") and (b"Envelope" in head or head.startswith(b"<?xml"))


def _decode(layers: Layers, document: Document, others: tuple[Part, ...], dialect: Dialect, seen: Findings) -> Envelope:
    transaction_id = _transaction_id(layers, document, seen)
    if layers.operation is None or layers.row is None:
        fault = _read_fault(layers, _flat_error(layers, document, dialect))
        return Envelope(fault, transaction_id, None, "")
    release, namespace = layers.release, layers.namespace
    if release is None:
        release, namespace = _release(layers, layers.operation, layers.row, dialect, document, seen)
    decoder = decoder_for(layers.row, release, namespace)
    try:
        message: Message = decoder.decode(layers.operation, document, seen)
    except Unreadable as error:
        error.operation, error.transaction_id, error.namespace = layers.row.name, transaction_id, namespace
        raise
    reference: Content | None = getattr(message, "content", None)
    content = _content(reference, others, layers.row, document, seen) if others or reference is not None else None
    if layers.fault is not None:
        message = _read_fault(layers, message)
    elif not transaction_id:
        rule = rules.TRANSACTION_ID_MISSING if layers.row.is_request else rules.TRANSACTION_ID_ABSENT
        seen.add(rule, document.offset, "there is no TransactionID")
    return _make_envelope(message, transaction_id, release, namespace, content)


def _transaction_id(layers: Layers, document: Document, seen: Findings) -> str | None:
    element = layers.transaction
    if element is None:
        return None
    text = (element.text or "") if not len(element) else "".join(str(piece) for piece in element.itertext())
    if len(text) > MAX_TRANSACTION_ID:
        said = f"TransactionID is longer than {MAX_TRANSACTION_ID} characters"
        operation = layers.row.name if layers.row is not None else None
        raise Unreadable(rules.TRANSACTION_ID_TOO_LONG, document.offset_of(element), said, operation)
    if text and (text[0].isspace() or text[-1].isspace()):
        seen.add(rules.TRANSACTION_ID_PADDED, document.offset_of(element), "TransactionID has blanks around it")
    keys = element.keys()
    for key in map(str, keys if keys != _MUST_UNDERSTAND else ()):
        if key.endswith("}actor"):
            seen.add(rules.ACTOR, document.offset_of(element), "TransactionID names an actor")
        elif key.endswith("}encodingStyle"):
            seen.add(rules.ENCODING_STYLE, document.offset_of(element), "TransactionID has an encodingStyle")
    return text if text.strip() else None


def _release(
    layers: Layers, element: etree._Element, row: Operation, dialect: Dialect, document: Document, seen: Findings
) -> tuple[Release, str]:
    """The schema to read an operation by, and its namespace as written (interop X3–X5)."""
    namespace = namespace_of(element)
    if namespace == _XML_NAMESPACE:  # which an answer could not declare
        namespace = ""
    header = namespace_of(layers.transaction) if layers.transaction is not None else namespace
    if max(len(namespace), len(header)) > MAX_NAMESPACE:
        text = f"a namespace is longer than {MAX_NAMESPACE} bytes"
        raise Unreadable(rules.XML_TOO_LARGE, document.offset_of(element), text, row.name)
    if namespace and header and header != namespace:
        text = f"TransactionID is in {quote(header)}, {row.name} in {quote(namespace)}"
        seen.add(rules.NAMESPACE_MIXED, document.offset_of(element), text)
    if not namespace:
        release = recognise(header).release or _release_of_version(element) or dialect.release
        text = f"{local_name(element)} is in no namespace: read as in {release.suffix}"
        seen.add(rules.NAMESPACE_MISSING, document.offset_of(element), text)
        return release, namespace
    reading = recognise(namespace)
    release = reading.release or _release_of_version(element) or dialect.release
    if reading.release is None:
        text = f"{quote(namespace)} is no MM7 namespace: read as {release.suffix}"
        seen.add(rules.NAMESPACE_UNKNOWN, document.offset_of(element), text)
    elif not reading.exact:
        text = f"namespace {quote(namespace)} is taken for {release.uri}"
        seen.add(rules.NAMESPACE_VARIANT, document.offset_of(element), text)
    if release not in row.releases:
        text = f"{row.name} is not in {release.suffix}"
        seen.add(rules.OPERATION_NOT_IN_SCHEMA, document.offset_of(element), text)
        return NEWEST, namespace
    return release, namespace


def _release_of_version(element: etree._Element) -> Release | None:
    for child in element.iter("{*}MM7Version"):
        return NATURAL.get((child.text or "").strip())
    return None


def _read_fault(layers: Layers, message: Message | None) -> Fault:
    code = string = ""
    for child in layers.fault if layers.fault is not None else ():
        name = local_name(child)
        text = " ".join("".join(str(piece) for piece in child.itertext()).split())
        if name in ("faultcode", "Code"):
            code = text
        elif name in ("faultstring", "Reason"):
            string = text
    error = message if isinstance(message, RSErrorRsp | VASPErrorRsp) else _as_error(message)
    return Fault(code, string, error)


def _as_error(message: Message | None) -> RSErrorRsp | None:
    """A response inside a Fault that is no error element: its status is what matters."""
    if message is None or isinstance(message, Fault):
        return None
    status = getattr(message, "status_code", None)
    text, details = getattr(message, "status_text", None), getattr(message, "details", None)
    return RSErrorRsp(message.mm7_version, status, text, details)


def _flat_error(layers: Layers, document: Document, dialect: Dialect) -> Message | None:
    if layers.flat is None:
        return None
    decoder = decoder_for(OPERATIONS["RSErrorRsp"], dialect.release, namespace_of(layers.flat))
    return decoder.decode_status(layers.flat, document)


def _content(
    reference: Content | None, others: tuple[Part, ...], row: Operation, document: Document, seen: Findings
) -> Part | None:
    """The content: what Content/@href names, or what stands beside the envelope (interop M1–M6, M9)."""
    if not others:
        href = quote(reference.href) if reference is not None else ""
        seen.add(rules.CONTENT_MISSING, document.offset, f"Content points to {href}; there is no part")
        return None
    if reference is None:
        if row.carries_content:
            seen.add(rules.REFERENCE_MISSING, others[0].offset, f"{row.name} has no Content, but there are parts")
        return _together(others, seen)
    wanted, well_formed = cid_of(reference.href)
    if not well_formed and reference.href:
        seen.add(rules.HREF_FORM, document.offset, f"href {quote(reference.href)} is not cid: and a Content-ID")
    ids = {wanted, unquote(wanted)} if "%" in wanted else {wanted}
    for part in others:
        if part.content_id in ids and part.content_id:
            return _chosen(part, others, seen)
    lower = wanted.lower()
    for part in others:
        if wanted and part.content_id.lower() == lower:
            seen.add(rules.HREF_UNRESOLVED, part.offset, f"href {quote(reference.href)} differs in case")
            return _chosen(part, others, seen)
        if any(leaf.content_id == wanted for leaf in part.leaves()):
            seen.add(rules.HREF_NESTED, part.offset, f"href {quote(reference.href)} names a part inside the content")
            return _together(others, seen)
    seen.add(rules.HREF_UNRESOLVED, others[0].offset, f"href {quote(reference.href)} names no part")
    return _together(others, seen)


def _chosen(part: Part, others: tuple[Part, ...], seen: Findings) -> Part:
    """The part that Content points to; a multipart is the whole content, a leaf is only the first of its parts (M9)."""
    if len(others) == 1:
        return part
    if not part.is_multipart:
        return _together(others, seen)
    seen.add(rules.LEFT_OUT, part.offset, f"parts stand beside the content: {len(others) - 1}")
    return part


def _together(parts: tuple[Part, ...], seen: Findings) -> Part:
    """Several parts beside the envelope are one content: none of them is dropped."""
    if len(parts) == 1:
        return parts[0]
    seen.add(rules.FLAT_PARTS, parts[0].offset, f"{len(parts)} parts stand beside the envelope")
    return Part("multipart/mixed", _NO_HEADERS, _NO_HEADERS, memoryview(b""), parts[0].offset, parts)
