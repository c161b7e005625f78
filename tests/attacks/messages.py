"""Messages to be spoilt: the smallest that are right, in pieces that an attack can put together otherwise."""

from gateway.mm7 import Envelope, Finding, Unreadable, read
from gateway.mm7.versions import SOAP_11, Release
from tests.fuzz.cpu import cpu_limit

MM7 = Release.R6_4.uri
TYPE = 'multipart/related; boundary="outer"; type="text/xml"; start="<start>"'
REPORT = (
    "<MM7Version>6.8.0</MM7Version><MMSRelayServerID>relay-1</MMSRelayServerID><MessageID>mms-4711</MessageID>"
    "<Recipient><Number>15555550100</Number></Recipient><Sender><ShortCode>28444</ShortCode></Sender>"
    "<Date>2026-01-31T12:00:05Z</Date><MMStatus>Retrieved</MMStatus>"
)


def envelope(
    inner: str = REPORT, *, operation: str = "DeliveryReportReq", before: str = "", tid: str = "tx-1"
) -> bytes:
    """A report; `before` stands in front of the Envelope."""
    return (
        f'{before}<env:Envelope xmlns:env="{SOAP_11}"><env:Header><TransactionID xmlns="{MM7}">{tid}</TransactionID>'
        f'</env:Header><env:Body><{operation} xmlns="{MM7}">{inner}</{operation}></env:Body></env:Envelope>'
    ).encode()


def deliver(href: str = "cid:content") -> bytes:
    inner = (
        "<MM7Version>6.8.0</MM7Version><Sender><Number>15555550100</Number></Sender>"
        f'<TimeStamp>2026-01-31T12:00:00Z</TimeStamp><Content href="{href}"/>'
    )
    return envelope(inner, operation="DeliverReq")


def part(content_type: str, content_id: str, data: bytes, *more: str) -> bytes:
    lines = [f"Content-Type: {content_type}", f"Content-ID: <{content_id}>", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def multipart(*parts: bytes, boundary: str = "outer") -> bytes:
    delimiter = f"--{boundary}".encode()
    return b"".join(delimiter + b"\r\n" + one + b"\r\n" for one in parts) + delimiter + b"--\r\n"


def with_content(*parts: bytes, href: str = "cid:content") -> bytes:
    return multipart(part("text/xml", "start", deliver(href)), *parts)


def opened(body: bytes, content_type: str = "text/xml") -> tuple[Envelope, tuple[Finding, ...]]:
    """Reads, within a bound on CPU time."""
    with cpu_limit():
        return read(body, content_type)


def refusal(body: bytes, content_type: str = "text/xml") -> Unreadable:
    """Reads what has to be refused, within a bound on CPU time."""
    try:
        opened(body, content_type)
    except Unreadable as problem:
        return problem
    raise AssertionError("it was read")


def rules(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.rule.id for finding in findings}


def leaves(read_envelope: Envelope) -> list[tuple[str, bytes]]:
    return [(leaf.content_id, bytes(leaf.data)) for leaf in read_envelope.leaves]
