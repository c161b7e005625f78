"""A MIME body as a tree of parts, no part copied (RFC 2045, 2046, 2387; leniencies: interop H4–H16, M9–M16).

Promise: any bytes give a tree or an Unreadable; time is proportional to size; parts are views into the body, but for
base64 and quoted-printable, which have to be decoded. Not here: which part is the envelope, and what it says.
"""

import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from gateway.mm7 import findings as rules
from gateway.mm7.charsets import decode_text
from gateway.mm7.delimiters import Body, Delimiters, Spans, first_delimiter
from gateway.mm7.errors import Unreadable
from gateway.mm7.findings import Findings, quote
from gateway.mm7.frozen import maker
from gateway.mm7.headers import Block, ContentType, parse_block, parse_content_type, unbracket
from gateway.mm7.limits import MAX_HEADER_BYTES, MAX_HEADER_LINES, MAX_NESTING, MAX_PARTS

_IDENTITY = frozenset({"", "7bit", "8bit", "binary"})
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_BLANKS = re.compile(rb"[ \t\r\n]*+")
_NO_TYPE = ContentType("", MappingProxyType({}))


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One node of the tree. `data` is what it holds, decoded; `offset` is where that starts in the body."""

    media_type: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
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


_make_part = maker(Part)


def parse_entity(body: Body, content_type: str | None, seen: Findings) -> Part:
    """The tree of a body under the Content-Type of its HTTP message, which may be missing or wrong (interop H4, H5).

    Raises Unreadable where there is nothing to read, or a limit is passed.
    """
    first = cast("re.Match[bytes]", _BLANKS.match(body)).end()
    if first == len(body):
        raise Unreadable(rules.BODY_EMPTY, 0, "the body is empty")
    type_ = parse_content_type(content_type or "")
    headers = MappingProxyType({"content-type": content_type} if content_type else {})
    is_multipart = type_.media_type.startswith("multipart/")
    if body.startswith((b"<", b"\xef\xbb\xbf"), first):
        if is_multipart:
            seen.add(rules.BARE_XML, first, f"Content-Type is {type_.media_type}, the body is bare XML")
        elif not _is_xml(type_.media_type):
            _note_type(type_, content_type, "XML", seen)
        return _make_part("text/xml", type_.parameters, headers, memoryview(body), 0)
    if not is_multipart:
        if content_type and not first_delimiter(body, 0, len(body)):
            plain_type = type_.media_type or "application/octet-stream"
            return _make_part(plain_type, type_.parameters, headers, memoryview(body), 0)
        _note_type(type_, content_type, "multipart", seen)
        type_ = ContentType("multipart/related", type_.parameters)
    return _Tree(body, seen).multipart(type_, headers, 0, len(body), 0)


def _note_type(type_: ContentType, content_type: str | None, found: str, seen: Findings) -> None:
    if content_type:
        seen.add(rules.CONTENT_TYPE_WRONG, 0, f"Content-Type is {quote(type_.media_type)}, the body is {found}")
    else:
        seen.add(rules.CONTENT_TYPE_MISSING, 0, "there is no Content-Type")


def _is_xml(media_type: str) -> bool:
    return media_type in ("text/xml", "application/xml") or media_type.endswith("+xml")


class _Tree:
    """The state of one walk: how many parts there are so far, and where findings go."""

    __slots__ = ("body", "count", "delimiters", "seen", "view")

    def __init__(self, body: Body, seen: Findings) -> None:
        self.body = body
        self.view = memoryview(body)
        self.delimiters = Delimiters(body)
        self.seen = seen
        self.count = 0

    def multipart(self, type_: ContentType, headers: Mapping[str, str], start: int, end: int, depth: int) -> Part:
        if depth >= MAX_NESTING:
            raise Unreadable(rules.NESTED_TOO_DEEP, start, f"multiparts are nested more than {MAX_NESTING} deep")
        split = self.delimiters.inner if depth else self.delimiters.outer
        spans = self._spans(type_.parameters.get("boundary", "").rstrip(), start, end, split)
        parts = tuple([self._part(first, last, depth + 1) for first, last in spans.parts])
        return _make_part(type_.media_type, type_.parameters, headers, self.view[start:end], start, parts)

    def _part(self, start: int, end: int, depth: int) -> Part:
        self.count += 1
        if self.count > MAX_PARTS:
            raise Unreadable(rules.TOO_MANY_PARTS, start, f"there are more than {MAX_PARTS} parts")
        block = parse_block(self.body, start, end, MAX_HEADER_LINES, MAX_HEADER_BYTES)
        if block is None:
            text = f"a part has more than {MAX_HEADER_LINES} header lines or {MAX_HEADER_BYTES} bytes of headers"
            raise Unreadable(rules.HEADERS_TOO_LARGE, start, text)
        headers, begin, malformed, blank_line = block
        if malformed or not blank_line:
            self._note_block(block, start, end)
        if not headers.get("content-id", "<").startswith("<"):
            text = f"Content-ID {quote(headers['content-id'])} has no angle brackets"
            self.seen.add(rules.CONTENT_ID_BARE, start, text)
        value = headers.get("content-type")
        media_type, parameters = parse_content_type(value) if value else _NO_TYPE
        if media_type.startswith("multipart/"):
            return self._inner(ContentType(media_type, parameters), MappingProxyType(headers), begin, end, depth)
        if not media_type:
            media_type = self._told_from_bytes(begin, end)
        encoding = headers.get("content-transfer-encoding")
        data = self.view[begin:end]
        if encoding is not None and encoding not in _IDENTITY:
            data = self._decoded(encoding.lower(), data, begin)
        return _make_part(media_type, parameters, headers, data, begin)

    def _inner(self, type_: ContentType, headers: Mapping[str, str], start: int, end: int, depth: int) -> Part:
        """A multipart within another; one that nothing divides is kept as it is, for the rest can be read (H13)."""
        try:
            return self.multipart(type_, headers, start, end, depth)
        except Unreadable as problem:
            if problem.rule is not rules.BOUNDARY_NOWHERE:
                raise
            self.seen.add(rules.UNOPENED, start, f"{type_.media_type} cannot be opened: {problem.text}")
            return _make_part("application/octet-stream", type_.parameters, headers, self.view[start:end], start)

    def _note_block(self, block: Block, start: int, end: int) -> None:
        if block.malformed:
            self.seen.add(rules.HEADER_MALFORMED, start, f"header line {quote(block.malformed)} is not indented")
        if not block.blank_line and block.body < end:
            self.seen.add(rules.BLANK_LINE_MISSING, block.body, "no blank line between a part's headers and its body")

    def _told_from_bytes(self, start: int, end: int) -> str:
        if bytes(self.view[start : min(end, start + 256)]).lstrip()[:1] == b"<":
            return "text/xml"
        self.seen.add(rules.PART_TYPE_MISSING, start, "a part has no Content-Type")
        return "application/octet-stream"

    def _decoded(self, encoding: str, raw: memoryview, start: int) -> memoryview:
        if encoding == "base64":
            return memoryview(self._base64(raw, start))
        if encoding == "quoted-printable":
            return memoryview(binascii.a2b_qp(raw))
        if encoding not in _IDENTITY:
            self.seen.add(rules.ENCODING_UNKNOWN, start, f"Content-Transfer-Encoding {quote(encoding)} is unknown")
        return raw

    def _base64(self, raw: memoryview, start: int) -> bytes:
        try:
            return binascii.a2b_base64(raw)
        except binascii.Error:
            self.seen.add(rules.BASE64_DAMAGED, start, "base64 ends within a group of four characters")
        digits = bytes(raw).translate(None, _NOT_BASE64)
        return binascii.a2b_base64(digits[: len(digits) - (len(digits) % 4 == 1)] + b"==")

    def _spans(self, boundary: str, start: int, end: int, split: Callable[[str, int, int], Spans | None]) -> Spans:
        """Where each part of a multipart begins and ends, headers included; and what was odd about it."""
        spans = split(boundary, start, end) if boundary else None
        if spans is None:
            spans = self._spans_by_first_line(boundary, start, end, split)
        if spans.closing != "there" or spans.line_ends or spans.first != start or end - spans.end > len(b"\r\n"):
            self._note_spans(spans, start, end)
        return spans

    def _note_spans(self, spans: Spans, start: int, end: int) -> None:
        if spans.closing == "missing":
            self.seen.add(rules.CLOSE_MISSING, end, "the closing delimiter is missing")
        elif spans.closing == "malformed":
            self.seen.add(rules.CLOSE_MALFORMED, spans.end, "the closing delimiter does not end with two hyphens")
        if bytes(self.view[start : spans.first]).strip():
            self.seen.add(rules.PREAMBLE, start, "there is text before the first part")
        if spans.line_ends:
            self.seen.add(rules.LINE_ENDS, spans.first, f"delimiter lines end with {spans.line_ends}, not CRLF")
        behind = self.view[spans.end : min(end, spans.end + 64)]
        if spans.closing == "there" and len(behind) > 2 and bytes(behind).strip(b"- \t\r\n"):
            self.seen.add(rules.EPILOGUE, spans.end, "there is text after the closing delimiter")

    def _spans_by_first_line(
        self, boundary: str, start: int, end: int, split: Callable[[str, int, int], Spans | None]
    ) -> Spans:
        """Without a boundary that names a line, the first line that begins with `--` is taken (interop H6, H13)."""
        first = first_delimiter(self.body, start, end)
        found = split(first, start, end) if first else None
        if found is None:
            text = f"no line of the body is the delimiter {quote('--' + boundary)}" if boundary else "no delimiter line"
            raise Unreadable(rules.BOUNDARY_NOWHERE, start, text)
        if boundary:
            text = f"boundary is {quote(boundary)}, the body is delimited by {quote('--' + first)}"
            self.seen.add(rules.BOUNDARY_WRONG, found.first, text)
        else:
            self.seen.add(rules.BOUNDARY_MISSING, found.first, "Content-Type names no boundary")
        return found


def _decode_words(text: str) -> str:
    """RFC 2047 words in a file's name, where it consists of them."""
    if not text.startswith("=?") or not text.endswith("?="):
        return text
    try:
        _, charset, encoding, payload, _ = text.split("?")
        octets = payload.encode("ascii")
        decoded = binascii.a2b_base64(octets) if encoding in "bB" else binascii.a2b_qp(octets, header=True)
    except (ValueError, binascii.Error):
        return text
    return decode_text(decoded, charset)
