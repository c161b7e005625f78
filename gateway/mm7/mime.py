"""A MIME body as a tree of parts, no part copied (RFC 2045, 2046, 2387; leniencies: interop H4–H16, M9–M16).

Promise: any bytes give a tree or an Unreadable; time is proportional to size; parts are views into the body, but for
base64 and quoted-printable, which have to be decoded. Not here: which part is the envelope, and what it says.
"""

import binascii
import quopri
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from gateway.mm7 import findings as rules
from gateway.mm7.errors import Unreadable
from gateway.mm7.findings import Findings, quote
from gateway.mm7.charsets import decode_text
from gateway.mm7.headers import Block, ContentType, parse_block, parse_content_type, unbracket
from gateway.mm7.limits import MAX_HEADER_BYTES, MAX_HEADER_LINES, MAX_NESTING, MAX_PARTS

Body = bytes | bytearray
_IDENTITY = frozenset({"", "7bit", "8bit", "binary"})
_BLANKS = b" \t"


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One node of the tree. `data` is what it holds, decoded; `offset` is where that starts in the body."""

    media_type: str
    parameters: MappingProxyType[str, str]
    headers: MappingProxyType[str, str]
    data: memoryview
    offset: int
    parts: tuple["Part", ...] = ()

    @property
    def content_id(self) -> str:
        return unbracket(self.headers.get("content-id", ""))

    @property
    def content_location(self) -> str:
        return self.headers.get("content-location", "").strip()

    @property
    def charset(self) -> str:
        return self.parameters.get("charset", "")

    @property
    def name(self) -> str:
        """The file's name: the first of Content-Location, name, filename and Content-ID (interop M16)."""
        disposition = parse_content_type(self.headers.get("content-disposition", "")).parameters
        named = self.parameters.get("name") or disposition.get("filename") or ""
        return self.content_location or _decode_words(named) or self.content_id

    def leaves(self) -> Iterator["Part"]:
        """The parts that hold content, in order: the part itself where it is no multipart."""
        if not self.is_multipart:
            yield self
        for part in self.parts:
            yield from part.leaves()

    @property
    def is_multipart(self) -> bool:
        return self.media_type.startswith("multipart/")


def parse_entity(body: Body, content_type: str | None, seen: Findings) -> Part:
    """The tree of a body under the Content-Type of its HTTP message, which may be missing or wrong (interop H4, H5).

    Raises Unreadable where there is nothing to read, or a limit is passed.
    """
    first = _first_byte(body)
    if first < 0:
        raise Unreadable(rules.BODY_EMPTY, 0, "the body is empty")
    type_ = parse_content_type(content_type or "")
    looks_like_xml = body[first : first + 1] == b"<" or body[first : first + 3] == b"\xef\xbb\xbf"
    headers = {"content-type": content_type} if content_type else {}
    if not content_type:
        seen.add(rules.CONTENT_TYPE_MISSING, 0, "there is no Content-Type")
    if looks_like_xml:
        if type_.media_type.startswith("multipart/"):
            seen.add(rules.BARE_XML, first, f"Content-Type is {type_.media_type}, the body is bare XML")
        elif content_type and not _is_xml(type_.media_type):
            seen.add(rules.CONTENT_TYPE_WRONG, 0, f"Content-Type is {quote(type_.media_type)}, the body is XML")
        plain = ContentType("text/xml", type_.parameters)
        return Part(plain.media_type, plain.parameters, MappingProxyType(headers), memoryview(body), 0)
    if not type_.media_type.startswith("multipart/"):
        if content_type and not first_delimiter(body, 0, len(body)):
            plain_type = type_.media_type or "application/octet-stream"
            return Part(plain_type, type_.parameters, MappingProxyType(headers), memoryview(body), 0)
        if content_type:
            seen.add(rules.CONTENT_TYPE_WRONG, 0, f"Content-Type is {quote(type_.media_type)}, the body is multipart")
        type_ = ContentType("multipart/related", type_.parameters)
    return _Tree(body, seen).multipart(type_, MappingProxyType(headers), 0, len(body), 0)


def _is_xml(media_type: str) -> bool:
    return media_type in ("text/xml", "application/xml") or media_type.endswith("+xml")


def _first_byte(body: Body) -> int:
    """Where the first byte that is no blank stands, or -1."""
    for position in range(min(len(body), 4096)):
        if body[position] not in b" \t\r\n":
            return position
    stripped = bytes(body).lstrip(b" \t\r\n")
    return len(body) - len(stripped) if stripped else -1


class _Tree:
    """The state of one walk: how many parts there are so far, and where findings go."""

    __slots__ = ("body", "count", "seen", "view")

    def __init__(self, body: Body, seen: Findings) -> None:
        self.body = body
        self.view = memoryview(body)
        self.seen = seen
        self.count = 0

    def multipart(
        self, type_: ContentType, headers: MappingProxyType[str, str], start: int, end: int, depth: int
    ) -> Part:
        if depth >= MAX_NESTING:
            raise Unreadable(rules.NESTED_TOO_DEEP, start, f"multiparts are nested more than {MAX_NESTING} deep")
        spans = self._spans(type_.parameters.get("boundary", "").rstrip(), start, end)
        parts = tuple(self._part(first, last, depth + 1) for first, last in spans)
        return Part(type_.media_type, type_.parameters, headers, self.view[start:end], start, parts)

    def _part(self, start: int, end: int, depth: int) -> Part:
        self.count += 1
        if self.count > MAX_PARTS:
            raise Unreadable(rules.TOO_MANY_PARTS, start, f"there are more than {MAX_PARTS} parts")
        block = parse_block(self.body, start, end, MAX_HEADER_LINES, MAX_HEADER_BYTES)
        if block is None:
            text = f"a part has more than {MAX_HEADER_LINES} header lines or {MAX_HEADER_BYTES} bytes of headers"
            raise Unreadable(rules.HEADERS_TOO_LARGE, start, text)
        self._note_block(block, start, end)
        headers = MappingProxyType(block.headers)
        value = block.headers.get("content-type")
        type_ = parse_content_type(value) if value else ContentType("", MappingProxyType({}))
        if type_.media_type.startswith("multipart/"):
            return self.multipart(type_, headers, block.body, end, depth)
        if not type_.media_type:
            type_ = self._told_from_bytes(block.body, end, type_)
        data = self._decoded(block.headers.get("content-transfer-encoding", ""), block.body, end)
        return Part(type_.media_type, type_.parameters, headers, data, block.body)

    def _note_block(self, block: Block, start: int, end: int) -> None:
        if block.malformed:
            self.seen.add(rules.HEADER_MALFORMED, start, f"header line {quote(block.malformed)} is not indented")
        if not block.blank_line and block.body < end:
            self.seen.add(rules.BLANK_LINE_MISSING, block.body, "no blank line between a part's headers and its body")
        content_id = block.headers.get("content-id", "<>")
        if not content_id.startswith("<"):
            self.seen.add(rules.CONTENT_ID_BARE, start, f"Content-ID {quote(content_id)} has no angle brackets")

    def _told_from_bytes(self, start: int, end: int, type_: ContentType) -> ContentType:
        if bytes(self.view[start : min(end, start + 256)]).lstrip()[:1] == b"<":
            return ContentType("text/xml", type_.parameters)
        self.seen.add(rules.PART_TYPE_MISSING, start, "a part has no Content-Type")
        return ContentType("application/octet-stream", type_.parameters)

    def _decoded(self, encoding: str, start: int, end: int) -> memoryview:
        raw = self.view[start:end]
        encoding = encoding.strip().lower()
        if encoding in _IDENTITY:
            return raw
        if encoding == "base64":
            return memoryview(self._base64(raw, start))
        if encoding == "quoted-printable":
            return memoryview(quopri.decodestring(bytes(raw)))
        self.seen.add(rules.ENCODING_UNKNOWN, start, f"Content-Transfer-Encoding {quote(encoding)} is unknown")
        return raw

    def _base64(self, raw: memoryview, start: int) -> bytes:
        try:
            return binascii.a2b_base64(raw)
        except binascii.Error:
            self.seen.add(rules.BASE64_DAMAGED, start, "base64 ends within a group of four characters")
        digits = bytes(raw).translate(None, _NOT_BASE64)
        return binascii.a2b_base64(digits[: len(digits) - (len(digits) % 4 == 1)] + b"==")

    def _spans(self, boundary: str, start: int, end: int) -> list[tuple[int, int]]:
        """Where each part of a multipart begins and ends, headers included."""
        spans = _split(self.body, b"--" + boundary.encode("latin-1", "replace"), start, end) if boundary else None
        if spans is None:
            spans = self._spans_by_first_line(boundary, start, end)
        if spans.closing == "missing":
            self.seen.add(rules.CLOSE_MISSING, end, "the closing delimiter is missing")
        elif spans.closing == "malformed":
            self.seen.add(rules.CLOSE_MALFORMED, spans.end, "the closing delimiter does not end with two hyphens")
        if spans.first > start and bytes(self.view[start : spans.first]).strip():
            self.seen.add(rules.PREAMBLE, start, "there is text before the first part")
        if spans.line_ends:
            self.seen.add(rules.LINE_ENDS, spans.first, f"delimiter lines end with {spans.line_ends}, not CRLF")
        behind = self.view[spans.end : min(end, spans.end + 64)]
        if spans.closing == "there" and len(behind) > 2 and bytes(behind).strip(b"- \t\r\n"):
            self.seen.add(rules.EPILOGUE, spans.end, "there is text after the closing delimiter")
        return spans.parts

    def _spans_by_first_line(self, boundary: str, start: int, end: int) -> "_Spans":
        """Without a boundary that names a line, the first line that begins with `--` is taken (interop H6, H13)."""
        delimiter = first_delimiter(self.body, start, end)
        found = _split(self.body, delimiter, start, end) if delimiter else None
        if found is None:
            text = f"no line of the body is the delimiter {quote('--' + boundary)}" if boundary else "no delimiter line"
            raise Unreadable(rules.BOUNDARY_NOWHERE, start, text)
        if boundary:
            text = f"boundary is {quote(boundary)}, the body is delimited by {quote(delimiter.decode('latin-1'))}"
            self.seen.add(rules.BOUNDARY_WRONG, found.first, text)
        else:
            self.seen.add(rules.BOUNDARY_MISSING, found.first, "Content-Type names no boundary")
        return found


_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


@dataclass(slots=True)
class _Spans:
    """The parts of one multipart, and how its delimiters were: `closing` is there, malformed or missing."""

    parts: list[tuple[int, int]]
    first: int
    end: int
    closing: str = "missing"
    line_ends: str = ""


def _split(body: Body, delimiter: bytes, start: int, end: int) -> _Spans | None:
    """Finds delimiter lines (RFC 2046 §5.1.1: CRLF `--boundary` padding CRLF; a bare LF is taken as well)."""
    needle = b"\n" + delimiter
    width = len(delimiter)
    line = start if body.startswith(delimiter, start, end) else _line(body, needle, start, end)
    spans: _Spans | None = None
    begin = -1
    while line >= 0:
        kind, after = _behind(body, line + width, end)
        if kind != _NO_DELIMITER:
            if spans is None:
                spans = _Spans([], line, end)
            else:
                spans.parts.append((begin, max(begin, _line_end_before(body, line, spans.line_ends))))
            if kind in (_CLOSES, _CLOSES_ODDLY):
                spans.closing, spans.end = ("there" if kind == _CLOSES else "malformed"), after
                return spans
            if kind == _ENDS_THERE:
                return spans
            spans.line_ends = spans.line_ends or _ODD_LINE_ENDS.get(kind, "")
            begin = after
        # The line feed that ends this delimiter line may begin the next one: an empty part.
        line = _line(body, needle, max(line, after - 1), end)
    if spans is not None:
        spans.parts.append((begin, end))
    return spans


def _line(body: Body, needle: bytes, position: int, end: int) -> int:
    """Where the next line that begins like a delimiter stands, or -1."""
    found = body.find(needle, position, end)
    return found + 1 if found >= 0 else -1


def _line_end_before(body: Body, line: int, line_ends: str) -> int:
    """Where the line end that belongs to a delimiter begins; the rest before it is the part's (interop M15)."""
    if line_ends == "CRCRLF" and body[line - 3 : line] == b"\r\r\n":
        return line - 3
    return line - 2 if body[line - 2] == 0x0D else line - 1


_NO_DELIMITER, _DELIMITS, _DELIMITS_BY_LF, _DELIMITS_BY_CRCRLF, _CLOSES, _CLOSES_ODDLY, _ENDS_THERE = range(7)
_ODD_LINE_ENDS = {_DELIMITS_BY_LF: "LF", _DELIMITS_BY_CRCRLF: "CRCRLF"}


def _behind(body: Body, position: int, end: int) -> tuple[int, int]:
    """What stands behind `--boundary`, and where it ends."""
    two = bytes(body[position : min(position + 2, end)])
    if two == b"\r\n":
        return _DELIMITS, position + 2
    if two == b"--":
        return _CLOSES, position + 2
    padding = position
    while position < end and body[position] in _BLANKS:
        position += 1
    if position >= end:
        return (_CLOSES_ODDLY if position > padding else _ENDS_THERE), position
    if body[position] == 0x0A:
        return _DELIMITS_BY_LF, position + 1
    if body.startswith(b"\r\n", position):
        return _DELIMITS, position + 2
    if body.startswith(b"\r\r\n", position):
        return _DELIMITS_BY_CRCRLF, position + 3
    if body.startswith((b"\xe2\x80\x94", b"\xe2\x80\x93"), position):
        # A word processor made one dash of the two.
        return _CLOSES_ODDLY, position + 3
    return _NO_DELIMITER, position


def first_delimiter(body: Body, start: int, end: int) -> bytes:
    """The first line that begins with `--` and holds more, without what pads it; empty where there is none."""
    position = start
    while 0 <= position < min(end, start + MAX_HEADER_BYTES):
        if body.startswith(b"--", position):
            stop = body.find(b"\n", position, min(end, position + 1024))
            line = bytes(body[position : end if stop < 0 else stop]).rstrip()
            if len(line) > 2 and b"<" not in line:
                return line
        newline = body.find(b"\n", position, end)
        position = newline + 1 if newline >= 0 else -1
    return b""


def _decode_words(text: str) -> str:
    """RFC 2047 words in a file's name, where it consists of them."""
    if not text.startswith("=?") or not text.endswith("?="):
        return text
    try:
        _, charset, encoding, payload, _ = text.split("?")
        octets = payload.encode("ascii")
        decoded = binascii.a2b_base64(octets) if encoding in "bB" else quopri.decodestring(octets, header=True)
    except (ValueError, binascii.Error):
        return text
    return decode_text(decoded, charset)
