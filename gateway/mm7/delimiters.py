"""Where the parts of a multipart begin and end: its delimiter lines in a body (RFC 2046 §5.1.1; interop H6, H11, H14,
M15).

Promise: a body is gone over once for all of its levels where it is as it should be, and at most three times for each
level where it is not; how many lines are looked at closely is limited.
"""

import re
from collections.abc import Callable

from gateway.mm7 import findings as rules
from gateway.mm7.errors import Unreadable
from gateway.mm7.headers import parse_content_type
from gateway.mm7.limits import MAX_DELIMITERS, MAX_HEADER_BYTES

Body = bytes | bytearray


class Spans:
    """The parts of one multipart, and how its delimiters were: `closing` is there, malformed or missing."""

    __slots__ = ("closing", "end", "first", "line_ends", "parts")

    def __init__(self, first: int, end: int) -> None:
        self.parts: list[tuple[int, int]] = []
        self.first = first
        self.end = end
        self.closing = "missing"
        self.line_ends = ""


# What stands behind `--boundary` where it is a delimiter: nothing but padding (one of the ends of a line, or of the
# body), or two hyphens. A word processor makes one dash of the two.
_BEHIND = re.compile(
    rb"(?P<delimits>[ \t]*+(?:\r\n|(?P<lf>\n)|(?P<crcrlf>\r\r\n)))|(?P<closes>--)"
    rb"|(?P<oddly>[ \t]*+(?:\xe2\x80[\x93\x94])|[ \t]++\Z)|(?P<ends>\Z)"
)
_FIRST = re.compile(rb"(?:\A|\n)(--[ \t]*+[^\s<][^\r\n<]{0,510})(?=\r*+\n|\r*+\Z)")


class Delimiters:
    """The delimiters of one body, multiparts within multiparts."""

    __slots__ = ("_hopeful", "_known", "_looked", "body")

    def __init__(self, body: Body) -> None:
        self.body = body
        self._looked = 0
        self._known: dict[tuple[int, bytes], Spans] = {}
        self._hopeful = True

    def outer(self, boundary: str, start: int, end: int) -> Spans | None:
        """The spans of the outermost multipart between two positions; None where no line is a delimiter.

        It goes over a multipart within it by that one's own delimiters, so that a picture there is gone over once, not
        twice: the delimiters of a multipart that closes properly stand in none of its parts.
        """
        return self._split(_delimiter(boundary), start, end, self._behind_inner)

    def inner(self, boundary: str, start: int, end: int) -> Spans | None:
        """The spans of a multipart in a part."""
        delimiter = _delimiter(boundary)
        known = self._known.get((start, delimiter))
        if known is not None and known.end <= end:
            return known
        return self._split(delimiter, start, end, _at_once)

    def _split(self, delimiter: bytes, start: int, end: int, resume: Callable[[int, int, bytes], int]) -> Spans | None:
        body = self.body
        needle, width = b"\n" + delimiter, len(delimiter)
        spans: Spans | None = None
        begin = -1
        line = start if body.startswith(delimiter, start, end) else body.find(needle, start, end) + 1 or -1
        while line >= 0:
            self._looked += 1
            if self._looked > MAX_DELIMITERS:
                raise Unreadable(rules.TOO_MANY_PARTS, line, f"more than {MAX_DELIMITERS} lines begin like a delimiter")
            after = line + width
            behind = body[after : after + 2] if after + 2 <= end else b""
            if behind == b"\r\n":
                found, after = "delimits", after + 2
            elif behind == b"--":
                found, after = "closes", after + 2
            else:
                found, after = _behind(body, after, end)
            if not found:
                line = body.find(needle, line, end) + 1 or -1
                continue
            if spans is None:
                spans = Spans(line, end)
            else:
                spans.parts.append((begin, max(begin, _line_end_before(body, line, spans.line_ends))))
            if found in _LAST:
                spans.closing = _LAST[found]
                spans.end = end if found == "ends" else after
                return spans
            spans.line_ends = spans.line_ends or _ODD_LINE_ENDS.get(found, "")
            begin = after
            line = body.find(needle, resume(begin, end, delimiter), end) + 1 or -1
        if spans is not None:
            spans.parts.append((begin, end))
        return spans

    def _behind_inner(self, begin: int, end: int, delimiter: bytes) -> int:
        """Where to go on looking behind a delimiter: after the multipart that begins there, if one does and closes."""
        body, at_once = self.body, begin - 1
        stop = body.find(b"\r\n\r\n", begin, min(end, begin + MAX_HEADER_BYTES)) if self._hopeful else -1
        nested = body.find(b"multipart/", begin, stop) if stop > 0 else -1
        if nested < 0 or body.find(delimiter, begin, stop) >= 0 or body.find(b"\n\n", begin, stop) >= 0:
            return at_once
        line = body[nested : body.find(b"\r\n", nested, stop + 2)].decode("utf-8", "replace")
        inner = _delimiter(parse_content_type(line).parameters.get("boundary", "").rstrip())
        if len(inner) == 2 or inner == delimiter:
            return at_once
        spans = self._split(inner, stop + 4, end, _at_once)
        if spans is None or spans.closing != "there":
            # Tried once only: what is not closed may have been gone over to the end of the body.
            self._hopeful = False
            return at_once
        self._known[stop + 4, inner] = spans
        return spans.end


def _delimiter(boundary: str) -> bytes:
    return b"--" + boundary.encode("latin-1", "replace")


def _at_once(begin: int, end: int, delimiter: bytes) -> int:  # noqa: ARG001  # one of two ways to go on
    """The line feed that ends a delimiter line may begin the next one: an empty part."""
    return begin - 1


_ODD_LINE_ENDS = {"lf": "LF", "crcrlf": "CRCRLF"}
_LAST = {"closes": "there", "oddly": "malformed", "ends": "missing"}


def _behind(body: Body, position: int, end: int) -> tuple[str, int]:
    """What stands behind `--boundary`, as the groups of the pattern call it, and where it ends; empty: no delimiter."""
    found = _BEHIND.match(body, position, end)
    if found is None:
        return "", position
    return next(
        name for name in ("lf", "crcrlf", "delimits", "closes", "oddly", "ends") if found[name] is not None
    ), found.end()


def _line_end_before(body: Body, line: int, line_ends: str) -> int:
    """Where the line end that belongs to a delimiter begins; the rest before it is the part's (interop M15)."""
    if line_ends == "CRCRLF" and body[line - 3 : line] == b"\r\r\n":
        return line - 3
    return line - 2 if body[line - 2] == 0x0D else line - 1


def first_delimiter(body: Body, start: int, end: int) -> str:
    """The boundary of the first line that begins with `--` and holds more; empty where there is none (interop H6)."""
    found = _FIRST.search(body, max(0, start - 1), min(end, start + MAX_HEADER_BYTES))
    return bytes(found.group(1)).rstrip()[2:].decode("latin-1") if found else ""
