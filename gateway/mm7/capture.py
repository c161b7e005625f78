"""A captured exchange in a file: HTTP with its start line, or headers and body, or a body alone."""

import re
from dataclasses import dataclass

from gateway.mm7.delimiters import first_delimiter
from gateway.mm7.headers import parse_block
from gateway.mm7.limits import MAX_HEADER_BYTES, MAX_HEADER_LINES

_START_LINE = re.compile(rb"(?:[A-Z]{3,10} [^\r\n]{1,2000} HTTP/\d\.\d|HTTP/\d\.\d \d{3}[^\r\n]{0,200})\r?\n")
_HEADER_LINE = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,60}:[^\r\n]*\r?\n")


@dataclass(frozen=True, slots=True)
class Capture:
    """`body_offset` is where the body begins in the file, so that offsets of findings can be given in the file."""

    start_line: str
    headers: dict[str, str]
    body: bytes
    body_offset: int

    @property
    def content_type(self) -> str | None:
        """The Content-Type of a capture with headers; of a body alone, what its first bytes tell."""
        if self.headers or self.start_line:
            return self.headers.get("content-type")
        head = self.body.lstrip(b"\xef\xbb\xbf\r\n \t")
        if head.startswith(b"<"):
            return "text/xml"
        boundary = first_delimiter(self.body, 0, len(self.body))
        return f'multipart/related; boundary="{boundary}"' if boundary else None

    @property
    def is_response(self) -> bool:
        return self.start_line.startswith("HTTP/")


def read_capture(data: bytes) -> Capture:
    """Splits a file. One that begins neither with a start line nor with headers is a body."""
    begin = len(data) - len(data.lstrip(b"\r\n \t"))
    found = _START_LINE.match(data, begin)
    start = found.end() if found else begin
    start_line = found.group().decode("latin-1").strip() if found else ""
    if not found and not _HEADER_LINE.match(data, begin):
        return Capture("", {}, data, 0)
    block = parse_block(data, start, len(data), MAX_HEADER_LINES, MAX_HEADER_BYTES)
    if block is None:
        return Capture(start_line, {}, data[start:], start)
    return Capture(start_line, dict(block.headers), data[block.body :], block.body)
