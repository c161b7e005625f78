"""Envelopes and bodies that the tests of the protocol's room are made of, and short ways to read them."""

from gateway.mm7 import LENIENT, Dialect, Envelope, Release, Unreadable, read
from gateway.mm7.versions import SOAP_11

NEWEST = Release.R6_4
VERSION = "<MM7Version>6.8.0</MM7Version>"
STATUS = "<Status><StatusCode>1000</StatusCode><StatusText>Success</StatusText></Status>"
SENDER = "<SenderIdentification><VASPID>harbour</VASPID><VASID>28444mms</VASID></SenderIdentification>"
RECIPIENTS = "<Recipients><To><Number>15555550100</Number></To></Recipients>"
SUBMIT = VERSION + SENDER + RECIPIENTS
JPEG = b"\xff\xd8\xff\x00\x01"


def enveloped(body: str, header: str, soap: str = SOAP_11) -> bytes:
    return (f'<e:Envelope xmlns:e="{soap}"><e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>').encode()


def transaction(release: Release = NEWEST, text: str = "t-1") -> str:
    return f'<TransactionID xmlns="{release.uri}">{text}</TransactionID>'


def message(name: str, inner: str, release: Release = NEWEST) -> bytes:
    """An envelope as it should be, with one operation that holds `inner`."""
    return enveloped(f'<{name} xmlns="{release.uri}">{inner}</{name}>', transaction(release))


def multipart(*parts: bytes, boundary: str = "b", end: bytes = b"\r\n--b--\r\n") -> bytes:
    """Parts, each with its headers and blank line, as the body of a multipart."""
    delimiter = f"--{boundary}\r\n".encode()
    return delimiter + (b"\r\n" + delimiter).join(parts) + end.replace(b"--b--", f"--{boundary}--".encode())


def part(data: bytes, *headers: str) -> bytes:
    return "".join(f"{header}\r\n" for header in headers).encode() + b"\r\n" + data


RELATED = 'multipart/related; boundary=b; type="text/xml"; start="<s>"'


def related(envelope: bytes, *parts: bytes) -> bytes:
    return multipart(part(envelope, "Content-Type: text/xml; charset=utf-8", "Content-ID: <s>"), *parts)


def seen(body: bytes, content_type: str | None = "text/xml", dialect: Dialect = LENIENT) -> tuple[Envelope, list[str]]:
    """What is read, and the keys of the findings in their order."""
    envelope, findings = read(body, content_type, dialect)
    return envelope, [finding.key for finding in findings]


def refused(body: bytes, content_type: str | None = "text/xml", dialect: Dialect = LENIENT) -> Unreadable:
    """The error that reading ends in."""
    try:
        read(body, content_type, dialect)
    except Unreadable as error:
        return error
    raise AssertionError("it was read")
