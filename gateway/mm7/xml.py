"""Bytes of an envelope into a tree, hardened: no DOCTYPE, no external anything, bounded depth and count (promise P7).

lxml is the only XML parser. The encoding is decided here and not by the document, since declarations lie (interop
M17–M20): a byte order mark first, then bytes that are valid UTF-8, then the declaration, then the part's charset.
"""

import codecs
import re
from dataclasses import dataclass
from typing import cast

from lxml import etree

from gateway.mm7 import findings as rules
from gateway.mm7.errors import Unreadable
from gateway.mm7.findings import Findings, quote
from gateway.mm7.limits import MAX_ENVELOPE, MAX_XML_DEPTH, MAX_XML_ELEMENTS

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
_ENVELOPE_END = re.compile(rb"</(?:[A-Za-z_][\w.-]*:)?Envelope\s*>")
_TRANSACTION = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?TransactionID[^<>]*>([^<>]{1,400})<")
_OPERATION = re.compile(
    rb"<(?:[A-Za-z_][\w.-]*:)?((?:Submit|Deliver|Cancel|Replace|extendedCancel|extendedReplace|DeliveryReport|ReadReply)"
    rb"(?:Req|Rsp)|(?:RS|VASP)ErrorRsp)"
)

# Names that peers give to charsets, where Python's codec has another or is too narrow (interop M17).
_ALIASES = {
    "utf:8": "utf-8",
    "utf8": "utf-8",
    "ks_c_5601-1987": "cp949",
    "ksc5601": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}
# Charsets whose every byte is below 0x80, so that being valid UTF-8 says nothing.
_SEVEN_BIT = ("iso-2022-", "iso2022", "hz")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PLAIN = frozenset({"", "UTF-8", "utf-8"})
_FOREIGN_CHARSETS = ("cp949", "gb18030")


def local_name(element: etree._Element) -> str:
    """The name without namespace, and without a prefix that was nowhere declared."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def namespace_of(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[0][1:]


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed envelope, and what is needed to say where in the body something stands."""

    root: etree._Element
    text: bytes
    offset: int
    charset: str

    def offset_of(self, element: etree._Element) -> int:
        """Where the element's start tag is, in bytes from the start of the body: its line, then the first tag of its
        name.
        """
        line_start = 0
        line = cast("int | None", element.sourceline) or 1
        for _ in range(line - 1):
            line_start = self.text.find(b"\n", line_start) + 1
        local = re.escape(local_name(element).encode())
        found = re.compile(rb"<(?:[^\s<>/:]+:)?" + local + rb"[\s/>]").search(self.text, line_start)
        return self.locate(found.start() if found else line_start)

    def locate(self, position: int) -> int:
        """A position in the UTF-8 text as one in the body."""
        if self.charset == "utf-8":
            return self.offset + position
        before = self.text[:position].decode("utf-8", "replace")
        return self.offset + len(before.encode(self.charset, "replace"))


def parse_document(data: memoryview, offset: int, charset: str, seen: Findings, *, prefixes: bool = False) -> Document:
    """Parses an envelope that stands at `offset` of the body and whose part says it is in `charset`.

    With `prefixes`, prefixes that are nowhere declared are accepted. Raises Unreadable, with the offset and the reason.
    """
    if len(data) > MAX_ENVELOPE:
        raise Unreadable(rules.XML_TOO_LARGE, offset, f"the envelope is larger than {MAX_ENVELOPE} bytes")
    text = bytes(data)
    if text[:1] != b"<":
        text, offset = _trimmed(text, offset, seen)
    text, encoding = _as_utf8(text, offset, charset, seen)
    document_offset = offset
    _refuse_doctype(text, document_offset)
    crowded = _refuse_too_many(text, document_offset)
    root = _parse(text, document_offset, encoding, seen, prefixes=prefixes)
    if crowded:
        _refuse_too_deep(root, text, document_offset)
    return Document(root, text, document_offset, encoding)


def _trimmed(text: bytes, offset: int, seen: Findings) -> tuple[bytes, int]:
    trimmed = text.lstrip(b" \t\r\n")
    if len(trimmed) < len(text) and trimmed.startswith(b"<?xml"):
        seen.add(rules.XML_LEADING, offset, "there are blanks before the XML declaration")
    return trimmed, offset + len(text) - len(trimmed)


def _python_codec(name: str) -> str | None:
    name = name.strip().lower()
    name = _ALIASES.get(name, name)
    try:
        return codecs.lookup(name).name if name else None
    except (LookupError, ValueError):
        return None


def _as_utf8(text: bytes, offset: int, charset: str, seen: Findings) -> tuple[bytes, str]:
    """The envelope in UTF-8, and the charset that it was in."""
    found = _DECLARED.match(text)
    declared = found.group(1).decode("ascii") if found else ""
    if declared in _PLAIN and text[:1] == b"<" and (text.isascii() or _is_utf8(text)):
        return text, "utf-8"
    for mark, encoding in _BOMS:
        if text.startswith(mark):
            return _transcoded(text[len(mark) :], encoding, offset, seen), encoding
    named = _python_codec(declared or charset)
    if text.isascii() and not declared.lower().startswith(_SEVEN_BIT):
        if declared.lower().startswith(("utf-16", "ucs-2", "utf-32")):
            seen.add(rules.CHARSET_LIE, offset, f"declared as {quote(declared)}, the bytes are ASCII")
        return text, "utf-8"
    if not declared.lower().startswith(_SEVEN_BIT) and _is_utf8(text):
        if named not in (None, "utf-8", "ascii"):
            seen.add(rules.CHARSET_LIE, offset, f"declared as {quote(declared or charset)}, the bytes are UTF-8")
        return text, "utf-8"
    if text[1:2] == b"\0" or text[:1] == b"\0":
        encoding = "utf-16-le" if text[1:2] == b"\0" else "utf-16-be"
        return _transcoded(text, encoding, offset, seen), encoding
    candidates = [codec for codec in (named, _python_codec(charset), *_FOREIGN_CHARSETS) if codec]
    for codec in candidates:
        if codec != "utf-8" and _decodes(text, codec):
            if codec != named:
                seen.add(
                    rules.CHARSET_GUESSED, offset, f"not in {quote(declared or charset or 'utf-8')}: read as {codec}"
                )
            return _transcoded(text, codec, offset, seen), codec
    seen.add(rules.CHARSET_GUESSED, offset, f"not in {quote(declared or charset or 'utf-8')}: bytes were replaced")
    return text.decode("utf-8", "replace").encode(), "utf-8"


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
    position = 0
    while True:
        while text[position : position + 1].isspace():
            position += 1
        closing = {b"<!--": b"-->", b"<?": b"?>"}.get(text[position : position + 4]) or (
            b"?>" if text.startswith(b"<?", position) else None
        )
        if closing is None:
            break
        end = text.find(closing, position)
        position = len(text) if end < 0 else end + len(closing)
    if text.startswith(b"<!DOCTYPE", position):
        raise _unreadable(
            rules.XML_DOCTYPE, offset + position, "a document type declaration is not allowed in SOAP", text
        )


def _refuse_too_many(text: bytes, offset: int) -> bool:
    """Counts before parsing, so that what is refused for its size costs one scan. Returns whether it could be too deep."""
    markup = text.count(b"<")
    if markup <= MAX_XML_DEPTH:
        return False
    if markup - text.count(b"</") > MAX_XML_ELEMENTS:
        message = f"there are more than {MAX_XML_ELEMENTS} elements and comments"
        raise _unreadable(rules.XML_TOO_MANY, offset, message, text)
    return True


def _refuse_too_deep(root: etree._Element, text: bytes, offset: int) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_XML_DEPTH:
            raise _unreadable(rules.XML_TOO_DEEP, offset, f"elements are nested more than {MAX_XML_DEPTH} deep", text)


def _parse(text: bytes, offset: int, charset: str, seen: Findings, *, prefixes: bool) -> etree._Element:
    try:
        return etree.fromstring(text, _PARSER)
    except etree.XMLSyntaxError as error:
        return _second_try(text, offset, charset, seen, error, prefixes=prefixes)


def _second_try(
    text: bytes, offset: int, charset: str, seen: Findings, error: etree.XMLSyntaxError, *, prefixes: bool
) -> etree._Element:
    """What is behind the envelope's end tag is cut off; undeclared prefixes are accepted where they may be; nothing
    else is.
    """
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
    tolerant = _parser(recover=True)
    root = etree.fromstring(text, tolerant)
    entries = list(tolerant.error_log)
    only_uris = bool(entries) and all(entry.type_name == "WAR_NS_URI" for entry in entries)
    if only_uris or (prefixes and all(entry.domain_name == "NAMESPACE" for entry in entries)):
        rule = rules.XML_NAMESPACE_URI if only_uris else rules.XML_PREFIX
        seen.add(rule, offset, f"line {entries[0].line}: {quote(entries[0].message)}")
        return root
    if prefixes:
        # Not for its prefixes, which are accepted: the reason is the first error of another kind.
        first = next(entry for entry in entries if entry.domain_name != "NAMESPACE")
        text_of_it = f"{first.message}, line {first.line}, column {first.column}"
        raise _malformed(text, offset, charset, text_of_it, first.line, first.column)
    raise _malformed(text, offset, charset, str(error.msg or "not well-formed").split("\n")[0], *error.position)


def _malformed(text: bytes, offset: int, charset: str, message: str, line: int, column: int) -> Unreadable:
    start = 0
    for _ in range(max(0, line - 1)):
        start = text.find(b"\n", start) + 1
    # libxml2 counts columns in characters.
    before = text[:start].decode("utf-8", "replace") + text[start:].decode("utf-8", "replace")[: max(0, column - 1)]
    place = offset + len(before.encode(charset, "replace"))
    return _unreadable(rules.XML_MALFORMED, place, f"the envelope is not well-formed XML: {message}", text)


def _unreadable(rule: rules.Rule, offset: int, message: str, text: bytes) -> Unreadable:
    operation, transaction_id = recover(text)
    return Unreadable(rule, offset, message, operation, transaction_id)


def recover(text: Body) -> tuple[str | None, str | None]:
    """Operation and TransactionID of an envelope that could not be parsed, so that the answer can still be matched."""
    operation = _OPERATION.search(text, 0, MAX_ENVELOPE)
    transaction = _TRANSACTION.search(text, 0, MAX_ENVELOPE)
    inner = bytes(transaction.group(1)).decode("utf-8", "replace").strip() if transaction else ""
    return (bytes(operation.group(1)).decode("ascii") if operation else None), inner or None
