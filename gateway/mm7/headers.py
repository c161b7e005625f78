"""MIME headers: blocks into names and values, values into their parameters (leniencies: interop H9, M14, M17)."""

import re
from binascii import unhexlify
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from gateway.mm7.charsets import decode_text

# RFC 2045 §5.1 wants `;` between parameters and a token or quoted string as value; peers leave out the semicolon, cut
# the closing quote, and put `/`, `=` or `@` into unquoted values, so a value goes up to a blank or a semicolon.
# The name is matched at its beginning only, and as a whole, or a long one would be tried from each of its characters.
_PARAMETER = re.compile(
    r"""(?<![A-Za-z0-9!#$%&'*+^_`|~.-])([A-Za-z0-9!#$%&'*+^_`|~.-]++)[ \t]*+=[ \t]*+"""
    r"""(?:"((?:[^"\\]|\\.)*+)"?|([^\s;"]*+))"""
)
_ESCAPED = re.compile(r"\\(.)")
_CONTINUED = re.compile(r"^([^*]+)\*(\d{1,2})?(\*?)$")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")


_CID = re.compile(r"cid:[^\s<>]+")


class ContentType(NamedTuple):
    """A media type and its parameters' names in lower case; RFC 2231 forms are decoded into their plain name."""

    media_type: str
    parameters: MappingProxyType[str, str]


@lru_cache(maxsize=512)
def parse_content_type(value: str) -> ContentType:
    """Also reads Content-Disposition, which has the same form."""
    media_type, _, rest = value.strip().partition(";")
    media_type, _, missed = media_type.strip().partition(" ")
    parameters: dict[str, str] = {}
    for name, quoted, plain in _PARAMETER.findall(missed + ";" + rest):
        # A quoted value may be empty, an unquoted one as well: the group that did not take part is empty either way.
        parameters.setdefault(name.lower(), _ESCAPED.sub(r"\1", quoted) if quoted else plain)
    if any("*" in name for name in parameters):
        parameters = _decode_extended(parameters)
    return ContentType(media_type.lower(), MappingProxyType(parameters))


def _decode_extended(parameters: dict[str, str]) -> dict[str, str]:
    """RFC 2231: `name*=utf-8''%e2…`, and `name*0=…; name*1*=…` joined in order."""
    plain = {name: value for name, value in parameters.items() if "*" not in name}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, value in parameters.items():
        found = _CONTINUED.match(name)
        if found:
            base, number, encoded = found.groups()
            pieces.setdefault(base, []).append((int(number or 0), bool(encoded) or number is None, value))
    for base, parts in pieces.items():
        parts.sort()
        _, encoded, first = parts[0]
        charset = ""
        if encoded and first.count("'") >= 2:
            charset, _, first = first.split("'", 2)
        octets = [_octets(first, percent=encoded), *(_octets(text, percent=encoded) for _, encoded, text in parts[1:])]
        plain[base] = decode_text(b"".join(octets), charset)
    return plain


def _octets(text: str, *, percent: bool) -> bytes:
    raw = text.encode("utf-8", "replace")
    return _PERCENT.sub(lambda found: unhexlify(found.group(1)), raw) if percent else raw


@lru_cache(maxsize=512)
def unbracket(content_id: str) -> str:
    """A Content-ID without blanks and without one pair of brackets around it (interop M1)."""
    content_id = content_id.strip()
    if content_id.startswith("<") and content_id.endswith(">"):
        return content_id[1:-1].strip()
    return content_id


def cid_of(href: str) -> tuple[str, bool]:
    """The Content-ID that a href names, and whether the href is `cid:` and the id (RFC 2392; interop M2, M3)."""
    if _CID.fullmatch(href):
        return href[4:], True
    bare = href.strip()
    if bare[:3].lower() == "cid":
        bare = bare[3:].lstrip(" :\t")
    return unbracket(bare), False


class Block(NamedTuple):
    """A header block read: names in lower case; where the body begins; and what was odd about it."""

    headers: Mapping[str, str]
    body: int
    malformed: str
    blank_line: bool


_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+^_`|~.-]+")
_TOKEN = re.compile(rb"[A-Za-z0-9!#$%&'*+^_`|~.-]++[ \t]*+:")
# How the headers of nearly every part are spelt: a look-up instead of a check and a conversion.
_USUAL_NAMES = {
    name: name.lower()
    for usual in ("Content-Type", "Content-ID", "Content-Location", "Content-Transfer-Encoding", "Content-Disposition")
    for name in (usual, usual.lower(), usual.title())
}


def parse_block(body: bytes | bytearray, start: int, end: int, max_lines: int, max_bytes: int) -> Block | None:
    """Reads header lines up to a blank line, or up to the first line that can be no header (interop H12, M14).

    Returns None where the block passes a limit.
    """
    limit = start + max_bytes
    stop = body.find(b"\r\n\r\n", start, min(limit, end))
    if stop > 0:
        headers = _regular(bytes(body[start:stop]), max_lines)
        if headers is not None:
            return Block(headers, stop + 4, "", True)
    return _irregular(body, start, end, max_lines, max_bytes)


@lru_cache(maxsize=512)
def _regular(block: bytes, max_lines: int) -> MappingProxyType[str, str] | None:
    """A block as it should be: every line a token, a colon and a value, none of them folded. None where it is not.

    Kept, because what one program writes around its envelopes and slides is the same in each of its messages.
    """
    headers: dict[str, str] = {}
    lines = block.decode("utf-8", "replace").split("\r\n")
    if len(lines) > max_lines or block.count(b"\n") >= len(lines):
        return None
    for line in lines:
        name, colon, value = line.partition(":")
        usual = _USUAL_NAMES.get(name)
        if usual is None:
            if not colon or not _NAME.fullmatch(name):
                return None
            usual = name.lower()
        if usual not in headers:
            headers[usual] = value.strip()
    return MappingProxyType(headers)


def _irregular(body: bytes | bytearray, start: int, end: int, max_lines: int, max_bytes: int) -> Block | None:
    headers: dict[str, str] = {}
    last = malformed = ""
    position = start
    for _ in range(max_lines + 1):
        newline = body.find(b"\n", position, min(end, start + max_bytes))
        if newline < 0 and end - start > max_bytes:
            return None
        stop = end if newline < 0 else newline
        line = bytes(body[position:stop]).rstrip(b"\r")
        following = min(end, stop + 1)
        if not line.strip():
            return Block(MappingProxyType(headers), following, malformed, blank_line=newline >= 0)
        if line[:1] in b" \t" and last:
            headers[last] += " " + line.strip().decode("utf-8", "replace")
        elif _TOKEN.match(line):
            name, _, value = line.partition(b":")
            last = name.decode("ascii").strip().lower()
            headers.setdefault(last, value.decode("utf-8", "replace").strip())
        elif last and b"<" not in line and (headers[last].count('"') % 2 or headers[last].endswith(";")):
            # A folded value whose second line was not indented: a quotation mark is open, or a parameter is to come.
            headers[last] += " " + line.strip().decode("utf-8", "replace")
            malformed = malformed or line.decode("utf-8", "replace")
        else:
            return Block(MappingProxyType(headers), position, malformed, blank_line=False)
        if newline < 0:
            return Block(MappingProxyType(headers), end, malformed, blank_line=False)
        position = following
    return None
