"""An envelope of a megabyte on one line, of blanks, or of one text."""

import pytest

from gateway.mm7.limits import MAX_ENVELOPE
from tests.attacks.messages import REPORT, TYPE, envelope, opened, refusal, with_content

pytestmark = pytest.mark.requirement("M-21")

ROOM = MAX_ENVELOPE - len(envelope(REPORT + "<Subject></Subject>"))


@pytest.mark.parametrize("filler", [" ", "x", "é", "\n", "&amp;", "]", "-", "/TYPE=", "a@"])
def test_up_to_the_limit_it_is_read(filler: str) -> None:
    text = filler * (ROOM // len(filler.encode()))
    envelope_read, _ = opened(envelope(f"{REPORT}<StatusText>{text}</StatusText>".replace("StatusText", "Subject")))
    assert envelope_read.transaction_id == "tx-1"


@pytest.mark.parametrize("element", ["Number", "MMStatus", "Date", "MessageID", "MM7Version", "StatusText"])
@pytest.mark.parametrize("filler", ["1", " 1", "a ", "/TYPE=PLMN", "2026-", "+"])
def test_no_value_is_expensive(element: str, filler: str) -> None:
    body = REPORT + "<StatusText>x</StatusText>"
    start = body.index(f"<{element}>") + len(element) + 2
    end = body.index(f"</{element}>")
    text = filler * (500_000 // len(filler))
    envelope_read, findings = opened(envelope(body[:start] + text + body[end:]))
    assert envelope_read.transaction_id == "tx-1"
    assert all(len(finding.text) < 1000 for finding in findings)


def test_a_transaction_id_of_half_a_megabyte_is_refused_and_not_repeated() -> None:
    problem = refusal(envelope(tid="t" * 500_000))
    assert (problem.rule.id, problem.rule.code) == ("header.transaction-id-too-long", 4004)
    assert problem.transaction_id is None


def test_beyond_the_limit_it_is_refused_before_it_is_parsed() -> None:
    problem = refusal(envelope(REPORT + " " * MAX_ENVELOPE))
    assert (problem.rule.id, problem.rule.code) == ("xml.too-large", 4004)
    assert (problem.operation, problem.transaction_id) == ("DeliveryReportReq", "tx-1")


def test_a_large_picture_does_not_make_the_envelope_large() -> None:
    body = with_content(b"Content-Type: image/png\r\nContent-ID: <content>\r\n\r\n" + b"\x89" * (2 * MAX_ENVELOPE))
    assert len(opened(body, TYPE)[0].leaves[0].data) == 2 * MAX_ENVELOPE
