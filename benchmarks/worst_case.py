"""What a hostile body may cost: processor time of `read` to that of a plain parse, in proportion to the body's size."""

import statistics
from collections.abc import Callable
from contextlib import suppress

from lxml import etree

from benchmarks.table import Table
from benchmarks.timing import microseconds
from gateway.mm7 import Unreadable, read
from gateway.mm7.versions import NEWEST, SOAP_11

_MIB = 1024 * 1024
_MULTIPART = 'multipart/related; boundary="b"; type="text/xml"; start="<s>"'
_PART = b"--b\r\nContent-Type: text/xml\r\nContent-ID: <s>\r\n\r\n"


def _envelope(inner: bytes, attributes: bytes = b"") -> bytes:
    soap, uri = SOAP_11.encode(), NEWEST.uri.encode()
    return (
        b'<e:Envelope xmlns:e="'
        + soap
        + b'"><e:Header><TransactionID xmlns="'
        + uri
        + b'">t-1</TransactionID></e:Header>'
        b'<e:Body><SubmitReq xmlns="' + uri + b'"' + attributes + b">" + inner + b"</SubmitReq></e:Body></e:Envelope>"
    )


def _filled(piece: bytes, size: int, most: int = 10**9) -> bytes:
    return piece * min(most, size // len(piece))


def _xml(make: Callable[[int], bytes]) -> Callable[[int], tuple[bytes, str]]:
    return lambda size: (make(size), "text/xml")


def _mime(make: Callable[[int], bytes]) -> Callable[[int], tuple[bytes, str]]:
    return lambda size: (make(size), _MULTIPART)


def _long_text(element: str, text: str) -> Callable[[int], tuple[bytes, str]]:
    name = element.encode()
    return _xml(lambda size: _envelope(b"<%s>%s</%s>" % (name, _filled(text.encode(), size - 700) + b" !", name)))


#: By name: a body of about so many bytes, and its Content-Type.
ATTACKS: dict[str, Callable[[int], tuple[bytes, str]]] = {
    "10,000 strange elements on one line": _xml(
        lambda size: _envelope(_filled(b"<strange>x</strange>", size - 700, 9_900))
    ),
    "10,000 elements of different names": _xml(
        lambda size: _envelope(b"".join(b"<n%d/>" % number for number in range(min(9_900, size // 12))))
    ),
    "10,000 elements in a long namespace": _xml(
        lambda size: _envelope(
            _filled(b"<x:y/>", size - 1500, 9_900), b' xmlns:x="' + _filled(b"u", min(500, size)) + b'"'
        )
    ),
    "attributes": _xml(
        lambda size: _envelope(b"<Content " + b" ".join(b'a%d=""' % n for n in range(size // 14)) + b"/>")
    ),
    "declarations of namespaces": _xml(
        lambda size: _envelope(b"<Content " + b" ".join(b'xmlns:a%d="u"' % n for n in range(size // 20)) + b"/>")
    ),
    "undeclared prefixes": _xml(lambda size: _envelope(_filled(b"<u:v/>", size - 700, 9_900))),
    "recipients": _xml(
        lambda size: _envelope(
            b"<Recipients><To>" + _filled(b"<Number>1</Number>", size - 700, 9_900) + b"</To></Recipients>"
        )
    ),
    "bare addresses": _xml(
        lambda size: _envelope(b"<Recipients>" + _filled(b"<To>1</To>", size - 700, 9_900) + b"</Recipients>")
    ),
    "references to entities": _long_text("Subject", "&lt;"),
    "comments": _xml(lambda size: _envelope(_filled(b"<!---->", size - 700, 9_900))),
    "blanks before a DOCTYPE": _xml(lambda size: _filled(b"\n", size) + b"<!DOCTYPE a><a/>"),
    "an address of many types": _long_text("Sender", "/TYPE=@"),
    "a status of one long word": _long_text("MMStatus", "a"),
    "a text that is no NMTOKEN": _long_text("LinkedID", "a"),
    "a time of many digits": _long_text("TimeStamp", "2026-"),
    "a href of percent signs": _xml(lambda size: _envelope(b'<Content href="' + _filled(b"%41", size - 700) + b'"/>')),
    "what is nearly a TransactionID": _xml(lambda size: _filled(b"<TransactionID", size)),
    "not well-formed, at its end": _xml(lambda size: _envelope(_filled(b"x", size - 700))[:-1]),
    "delimiters": _mime(lambda size: _PART + _filled(b"\n--b", size)),
    "what is nearly a delimiter": _mime(lambda size: _PART + _filled(b"\n--bx", size)),
    "padding behind a delimiter": _mime(lambda size: b"--b" + _filled(b" ", size)),
    "empty lines where a delimiter should be": _mime(lambda size: _filled(b"\n", size) + b"--c"),
    "headers": _mime(lambda size: _filled(b"--b\r\n" + b"Content-Type: " + b"a" * 16_000 + b"\r\n\r\n\r\n", size, 190)),
    "one header of one long parameter": _mime(
        lambda size: _filled(b"--b\r\n" + b"Content-Type: x/y; " + b"a" * 16_000 + b"\r\n\r\n\r\n", size, 190)
    ),
    "multiparts in a multipart": _mime(
        lambda size: _filled(
            b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\n" + b"x" * 5_000 + b"\r\n", size, 90
        )
    ),
    "multiparts within multiparts": _mime(
        lambda size: (
            b"".join(
                b"--b%s\r\nContent-Type: multipart/mixed; boundary=b%s\r\n\r\n"
                % (b"" if n == 0 else b"%d" % n, b"%d" % (n + 1))
                for n in range(7)
            )
            + _filled(b"x", size)
        )
    ),
    "multiparts without a boundary": _mime(
        lambda size: _filled(b"--b\r\nContent-Type: multipart/mixed\r\n\r\n" + b"\n" * 16_000 + b"\r\n", size, 190)
    ),
}


def cost(body: bytes, content_type: str) -> float:
    """Processor time of one reading, in microseconds."""

    def attempt() -> None:
        with suppress(Unreadable):
            read(body, content_type)

    return microseconds(attempt, seconds=0.05, rounds=3)


def reference(size: int) -> float:
    """Processor time of a plain parse of an ordinary envelope that is as large, in microseconds."""
    number = b"<Number>15555550100</Number>"
    body = _envelope(b"<Recipients><To>" + number * (size // len(number)) + b"</To></Recipients>")
    return microseconds(lambda: etree.fromstring(body, etree.XMLParser(huge_tree=True)), seconds=0.05, rounds=3)


def run() -> Table:
    rows = []
    for name, make in ATTACKS.items():
        ratios = []
        for size in (_MIB // 8, _MIB - 1024):
            body, content_type = make(size)
            ratios.append(cost(body, content_type) / reference(len(body)))
        rows.append((name, ratios[0], ratios[1]))
    rows.sort(key=lambda row: -row[2])
    shown = tuple((name, f"{small:.2f}", f"{large:.2f}") for name, small, large in rows)
    median = statistics.median(row[2] for row in rows)
    notes = (
        f"worst {rows[0][2]:.1f}, median {median:.2f} at 1 MiB; a ratio that grows from column to column is a cost",
        "that grows faster than the body. Reference: a plain lxml parse of an ordinary envelope of that size.",
    )
    return Table(
        "Hostile bodies, time to that of a plain parse of as many bytes", ("body", "128 KiB", "1 MiB"), shown, notes
    )
