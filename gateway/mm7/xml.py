"""Bytes of an envelope into a tree, hardened: no DOCTYPE, no external anything, bounded depth and count (promise P7).

lxml is the only XML parser. The encoding is decided here and not by the document, since declarations lie (interop
M17–M20): a byte order mark first, then bytes that are valid UTF-8, then the declaration, then the part's charset.
"""

import codecs
import re
import sys
from collections.abc import Iterable
from typing import Any, cast

from lxml import etree

from gateway.mm7 import findings as rules
from gateway.mm7.charsets import codec_named
from gateway.mm7.errors import Unreadable
from gateway.mm7.findings import Findings, quote
from gateway.mm7.limits import MAX_ENVELOPE, MAX_NAMESPACE, MAX_TRANSACTION_ID, MAX_XML_DEPTH, MAX_XML_ELEMENTS
from gateway.mm7.names import without_no_characters

Body = bytes | bytearray


# The parser is told that it gets UTF-8, which it then believes more than the declaration. A document with a DOCTYPE
# never reaches it, so the only entities that there are to resolve are the five of XML itself.
def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities="internal",  # type: ignore[arg-type]  # the stubs know lxml 4
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        recover=recover,
    )


_PARSER = _parser(recover=False)
_DECLARED = re.compile(rb"""<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_MARKUP = re.compile(rb"<(?:!--.*?-->|!\[CDATA\[.*?\]\]>|\?.*?\?>|([^!?/]))", re.DOTALL)
_PROLOG = re.compile(rb"(?:\s++|<!--.*?-->|<\?.*?\?>)*+", re.DOTALL)
# An envelope up to this size is looked at without further counting: what it could cost is little.
_SMALL = 16 * 1024
_LONG_NAMESPACE = re.compile(rb"xmlns[^=<>]{0,64}=\s{0,64}[\"'][^\"'<]{%d}" % MAX_NAMESPACE)
_DECLARES_UTF8 = (b'<?xml version="1.0" encoding="UTF-8"?>', b'<?xml version="1.0" encoding="utf-8"?>')
_ENVELOPE_END = re.compile(rb"</(?:[A-Za-z_][\w.-]*:)?Envelope\s*>")
_TRANSACTION = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?TransactionID[^<>]*>([^<>]{1,%d})<" % MAX_TRANSACTION_ID)
_REFERENCE = re.compile(r"&(?:#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6})|(amp|lt|gt|quot|apos));")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_OPERATION = re.compile(
    rb"<(?:[A-Za-z_][\w.-]*:)?((?:Submit|Deliver|Cancel|Replace|extendedCancel|extendedReplace|DeliveryReport|ReadReply)"
    rb"(?:Req|Rsp)|(?:RS|VASP)ErrorRsp)"
)

# Charsets whose every byte is below 0x80, so that being valid UTF-8 says nothing.
_SEVEN_BIT = ("iso-2022-", "iso2022", "hz")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# UTF-8 in which each byte that belongs to no character was replaced by a character of three.
_REPLACED = "utf-8, replaced"
_ESCAPED = re.compile("[\udc80-\udcff]")
_PLAIN = frozenset({"", "UTF-8", "utf-8"})
_FOREIGN_CHARSETS = ("cp949", "gb18030")


def local_name(element: etree._Element) -> str:
    """The name without namespace, and without a prefix that was nowhere declared."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def namespace_of(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[0][1:]


class Document:
    """A parsed envelope, and what is needed to say where in the body something stands."""

    __slots__ = ("_places", "charset", "offset", "root", "text")

    def __init__(self, root: etree._Element, text: bytes, offset: int, charset: str) -> None:
        self.root = root
        self.text = text
        self.offset = offset
        self.charset = charset
        self._places: dict[etree._Element, int] | None = None

    def offset_of(self, element: etree._Element) -> int:
        """Where the element's start tag is, in bytes from the start of the body.

        The tree is in the order of the start tags, so both are numbered once, when the first finding asks.
        """
        if self._places is None:
            starts = (found.start() for found in _MARKUP.finditer(self.text) if found.lastindex)
            self._places = dict(zip(self.root.iter(), starts, strict=False))
        return self.locate(self._places.get(element, 0))

    def locate(self, position: int) -> int:
        """A position in the UTF-8 text as one in the body."""
        if self.charset == "utf-8":
            return self.offset + position
        return self.offset + _width(self.text[:position].decode("utf-8", "replace"), self.charset)


def _width(text: str, charset: str) -> int:
    """How many bytes a text had in the body."""
    if charset == _REPLACED:
        return len(text.encode("utf-8", "replace")) - 2 * text.count("\ufffd")
    return len(text.encode(charset, "replace"))


def parse_document(data: memoryview, offset: int, charset: str, seen: Findings, *, prefixes: bool = False) -> Document:
    """Parses an envelope that stands at `offset` of the body and whose part says it is in `charset`.

    With `prefixes`, prefixes that are nowhere declared are accepted. Raises Unreadable, with the offset and the reason.
    """
    if len(data) > MAX_ENVELOPE:
        raise Unreadable(rules.XML_TOO_LARGE, offset, f"the envelope is larger than {MAX_ENVELOPE} bytes")
    text, encoding = bytes(data), "utf-8"
    if not (text.startswith(_DECLARES_UTF8) and text.isascii()):
        if text[:1] != b"<":
            text, offset = _trimmed(text, offset, seen)
        mark, encoding = next((marked for marked in _BOMS if text.startswith(marked[0])), (b"", ""))
        text, offset = text[len(mark) :], offset + len(mark)
        if encoding in ("", "utf-8"):
            text, encoding = _as_utf8(text, offset, charset, seen)
        else:
            text = _transcoded(text, encoding, offset, seen)
    _refuse_doctype(text, offset)
    crowded = _refuse_too_many(text, offset)
    try:
        root = etree.fromstring(text, _PARSER)
    except etree.XMLSyntaxError as error:
        root = _second_try(text, offset, encoding, seen, error, prefixes=prefixes)
    if crowded:
        _refuse_too_deep(root, text, offset)
    return Document(root, text, offset, encoding)


def _trimmed(text: bytes, offset: int, seen: Findings) -> tuple[bytes, int]:
    trimmed = text.lstrip(b" \t\r\n")
    if len(trimmed) < len(text) and trimmed.startswith(b"<?xml"):
        seen.add(rules.XML_LEADING, offset, "there are blanks before the XML declaration")
    return trimmed, offset + len(text) - len(trimmed)


def _as_utf8(text: bytes, offset: int, charset: str, seen: Findings) -> tuple[bytes, str]:
    """The envelope in UTF-8, and the charset that it was in."""
    if b"\0" in text[:2]:
        encoding = "utf-16-le" if text[1:2] == b"\0" else "utf-16-be"
        return _transcoded(text, encoding, offset, seen), encoding
    found = _DECLARED.match(text)
    declared = found.group(1).decode("ascii") if found else ""
    if declared in _PLAIN and text[:1] == b"<" and (text.isascii() or _is_utf8(text)):
        return text, "utf-8"
    named = codec_named(declared or charset)
    if text.isascii() and not declared.lower().startswith(_SEVEN_BIT):
        if declared.lower().startswith(("utf-16", "ucs-2", "utf-32")):
            seen.add(rules.CHARSET_LIE, offset, f"declared as {quote(declared)}, the bytes are ASCII")
        return text, "utf-8"
    if not declared.lower().startswith(_SEVEN_BIT) and _is_utf8(text):
        if named not in (None, "utf_8", "ascii"):
            seen.add(rules.CHARSET_LIE, offset, f"declared as {quote(declared or charset)}, the bytes are UTF-8")
        return text, "utf-8"
    candidates = [codec for codec in (named, codec_named(charset), *_FOREIGN_CHARSETS) if codec]
    for codec in candidates:
        if codec != "utf_8" and _decodes(text, codec):
            if codec != named:
                seen.add(
                    rules.CHARSET_GUESSED, offset, f"not in {quote(declared or charset or 'utf-8')}: read as {codec}"
                )
            return _transcoded(text, codec, offset, seen), codec
    seen.add(rules.CHARSET_GUESSED, offset, f"not in {quote(declared or charset or 'utf-8')}: bytes were replaced")
    return _ESCAPED.sub("\ufffd", text.decode("utf-8", "surrogateescape")).encode(), _REPLACED


def _is_utf8(text: bytes) -> bool:
    return _decodes(text, "utf-8")


def _decodes(text: bytes, codec: str) -> bool:
    try:
        text.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return False
    return True


def _transcoded(text: bytes, codec: str, offset: int, seen: Findings) -> bytes:
    try:
        return text.decode(codec).encode()
    except UnicodeError:
        seen.add(rules.CHARSET_GUESSED, offset, f"not all bytes are in {codec}: some were replaced")
        return text.decode(codec, "replace").encode("utf-8", "replace")


def _refuse_doctype(text: bytes, offset: int) -> None:
    if b"<!DOCTYPE" not in text:
        return
    prolog = cast("re.Match[bytes]", _PROLOG.match(text)).end()
    if text.startswith(b"<!DOCTYPE", prolog):
        message = "a document type declaration is not allowed in SOAP"
        raise _unreadable(rules.XML_DOCTYPE, offset + prolog, message, text)


def _refuse_too_many(text: bytes, offset: int) -> bool:
    """Counts before parsing, so that what is refused costs one scan. Returns whether it could be too deep."""
    markup = text.count(b"<")
    if markup <= MAX_XML_DEPTH and len(text) <= _SMALL:
        return False
    if markup - text.count(b"</") > MAX_XML_ELEMENTS:
        message = f"there are more than {MAX_XML_ELEMENTS} elements and comments"
        raise _unreadable(rules.XML_TOO_MANY, offset, message, text)
    long = _LONG_NAMESPACE.search(text)
    if long is not None:
        message = f"a namespace is longer than {MAX_NAMESPACE} bytes"
        raise _unreadable(rules.XML_TOO_LARGE, offset + long.start(), message, text)
    return True


def _refuse_too_deep(root: etree._Element, text: bytes, offset: int) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_XML_DEPTH:
            raise _unreadable(rules.XML_TOO_DEEP, offset, f"elements are nested more than {MAX_XML_DEPTH} deep", text)


def _second_try(
    text: bytes, offset: int, charset: str, seen: Findings, error: etree.XMLSyntaxError, *, prefixes: bool
) -> etree._Element:
    """What is behind the envelope's end tag is cut off; undeclared prefixes are accepted where they may be; no more."""
    end = _ENVELOPE_END.search(text)
    if end is not None and text[end.end() :].strip():
        try:
            root = etree.fromstring(text[: end.end()], _PARSER)
        except etree.XMLSyntaxError:
            pass
        else:
            position = Document(root, text, offset, charset).locate(end.end())
            seen.add(rules.XML_TRAILING, position, "there is more behind the envelope's end tag")
            return root
    # Not error.error_log: the kept parser's log has the errors of earlier messages too.
    tolerant = _parser(recover=True)
    recovered = _recovered(text, tolerant)
    entries = _entries(tolerant.error_log)
    if recovered is not None and any(entry.domain_name == "NAMESPACE" for entry in entries):
        grave = next((entry for entry in entries if entry.domain_name != "NAMESPACE"), None)
        only_uris = all(entry.type_name == "WAR_NS_URI" for entry in entries)
        if grave is None and (prefixes or only_uris):
            # Namespaces apart it is well-formed, so recovery had nothing to make up.
            rule = rules.XML_NAMESPACE_URI if only_uris else rules.XML_PREFIX
            seen.add(rule, offset, f"line {entries[0].line}: {quote(entries[0].message)}")
            return recovered
        if prefixes and grave is not None:
            message = f"{grave.message}, line {grave.line}, column {grave.column}"
            raise _malformed(text, offset, charset, message, grave.line, grave.column)
    raise _malformed(text, offset, charset, str(error.msg or "not well-formed").split("\n")[0], *error.position)


def _recovered(text: bytes, tolerant: etree.XMLParser) -> etree._Element | None:
    """What can be made of a document that is not well-formed; None where there is no element at all."""
    try:
        return etree.fromstring(text, tolerant)
    except etree.XMLSyntaxError:
        return None


def _entries(log: object) -> list[Any]:
    """What the parser had to say, which the stubs don't let be iterated."""
    return list(cast("Iterable[Any]", log))


def _malformed(text: bytes, offset: int, charset: str, message: str, line: int, column: int) -> Unreadable:
    start = 0
    for _ in range(max(0, line - 1)):
        start = text.find(b"\n", start) + 1
    # libxml2 counts columns in characters.
    before = text[:start].decode("utf-8", "replace") + text[start:].decode("utf-8", "replace")[: max(0, column - 1)]
    place = offset + _width(before, charset)
    return _unreadable(rules.XML_MALFORMED, place, f"the envelope is not well-formed XML: {message}", text)


def _unreadable(rule: rules.Rule, offset: int, message: str, text: bytes) -> Unreadable:
    operation, transaction_id = recover(text)
    return Unreadable(rule, offset, message, operation, transaction_id)


def recover(text: Body) -> tuple[str | None, str | None]:
    """Operation and TransactionID of an envelope that could not be parsed, so that the answer can still be matched."""
    operation = _OPERATION.search(text, 0, MAX_ENVELOPE)
    transaction = _TRANSACTION.search(text, 0, MAX_ENVELOPE)
    inner = ""
    if transaction is not None:
        written = bytes(transaction.group(1)).decode("utf-8", "replace")
        inner = without_no_characters(_REFERENCE.sub(_referred, written)).strip()
    return (bytes(operation.group(1)).decode("ascii") if operation else None), inner or None


def _referred(reference: re.Match[str]) -> str:
    """The character that a reference stands for: XML has references to its numbers, and five names."""
    decimal, hexadecimal, name = reference.groups()
    if name:
        return _ENTITIES[name]
    number = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(number) if number <= sys.maxunicode else "\ufffd"
