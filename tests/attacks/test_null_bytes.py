"""NUL and its kin, where C code would stop reading."""

import pytest

from tests.attacks.messages import REPORT, TYPE, envelope, leaves, opened, part, refusal, with_content

pytestmark = pytest.mark.requirement("M-21")


@pytest.mark.parametrize("octet", [b"\0", b"\x01", b"\x08", b"\x0b", b"\x1f", b"\xef\xbf\xbe"])
def test_in_an_envelope_they_are_not_well_formed(octet: bytes) -> None:
    problem = refusal(envelope(REPORT).replace(b"Retrieved", b"Retr" + octet + b"ieved"))
    assert problem.rule.id == "xml.malformed"
    assert (problem.operation, problem.transaction_id) == ("DeliveryReportReq", "tx-1")


@pytest.mark.parametrize(
    "reference", ["&#0;", "&#x1;", "&#xFFFE;", "&#xD800;", "&#1114112;", "&#99999999999999999999;"]
)
def test_as_references_they_are_not_well_formed_either(reference: str) -> None:
    assert refusal(envelope(REPORT.replace("Retrieved", reference))).rule.id == "xml.malformed"


def test_behind_the_envelope_they_hide_nothing() -> None:
    envelope_read, _ = opened(envelope() + b"\0" * 100 + envelope(tid="tx-2"))
    assert envelope_read.transaction_id == "tx-1"


def test_in_content_they_are_content() -> None:
    data = bytes(range(256)) * 10
    assert leaves(opened(with_content(part("image/png", "content", data)), TYPE)[0]) == [("content", data)]


@pytest.mark.parametrize("body", [b"\0", b"\0" * 100_000, b"\0<", b"<\0", b"<\0\0\0", b"--\0", b"--outer\0\r\n"])
def test_a_body_of_them_is_refused(body: bytes) -> None:
    assert refusal(body).rule.code == 4004
    assert refusal(body, TYPE).rule.code == 4004
