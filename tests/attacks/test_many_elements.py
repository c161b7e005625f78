"""A flood of elements, attributes, comments or declarations in an envelope that is not large."""

import pytest

from gateway.mm7.limits import MAX_FINDINGS, MAX_STRANGE, MAX_XML_ELEMENTS
from tests.attacks.messages import REPORT, envelope, opened, refusal, rules

pytestmark = pytest.mark.requirement("M-21")


@pytest.mark.parametrize("piece", ["<a/>", "<a></a>", "<!---->", "<?a?>", "<![CDATA[]]>"])
def test_more_markup_than_anybody_needs_is_refused(piece: str) -> None:
    problem = refusal(envelope(REPORT + piece * (MAX_XML_ELEMENTS + 1)))
    assert (problem.rule.id, problem.rule.code, problem.transaction_id) == ("xml.too-many-elements", 4004, "tx-1")


def test_ten_thousand_recipients_are_refused_and_a_thousand_are_not() -> None:
    def many(count: int) -> bytes:
        numbers = "<Number>15555550100</Number>" * count
        return envelope(f"<Recipients><To>{numbers}</To></Recipients>", operation="SubmitReq")

    assert refusal(many(MAX_XML_ELEMENTS)).rule.id == "xml.too-many-elements"
    recipients = getattr(opened(many(1000))[0].message, "recipients", None)
    assert recipients is not None
    assert len(recipients.to) == 1000


def test_twenty_thousand_attributes_are_refused() -> None:
    attributes = " ".join(f'a{number}="x"' for number in range(20_000))
    body = envelope(REPORT + f"<UACapabilities {attributes}/>")
    problem = refusal(body)
    assert (problem.rule.code, problem.transaction_id) == (4004, "tx-1")


def test_ten_thousand_namespaces_are_bounded() -> None:
    declared = " ".join(f'xmlns:n{number}="urn:{number}"' for number in range(10_000))
    envelope_read, _ = opened(envelope(REPORT + f"<x {declared}/>"))
    assert envelope_read.operation == "DeliveryReportReq"


def test_many_strangers_are_extras_and_a_hundred_findings_and_more_are_refused() -> None:
    def strangers(count: int) -> bytes:
        return envelope(REPORT + "".join(f"<x{number}/>" for number in range(count)))

    envelope_read, findings = opened(strangers(MAX_STRANGE))
    assert len(getattr(envelope_read.message, "extras", ())) == MAX_STRANGE
    assert (len(findings), rules(findings)) == (MAX_FINDINGS, {"element.unknown"})
    assert refusal(strangers(MAX_STRANGE + 1)).rule.code == 4004


def test_the_same_element_nine_thousand_times_is_the_first() -> None:
    envelope_read, findings = opened(envelope(REPORT + "<MessageID>other</MessageID>" * 9_000))
    assert getattr(envelope_read.message, "message_id", None) == "mms-4711"
    assert "element.again" in rules(findings)
