"""Two of what there may be one of, so that who checks and who acts look at different ones."""

import pytest

from tests.attacks.messages import MM7, REPORT, deliver, envelope, opened, rules

pytestmark = pytest.mark.requirement("M-21")

SECOND = f'<DeliverReq xmlns="{MM7}"><MM7Version>6.8.0</MM7Version></DeliverReq>'.encode()


def test_of_two_operations_the_first_counts_and_the_second_is_told_of() -> None:
    body = envelope().replace(b"</env:Body>", SECOND + b"</env:Body>")
    envelope_read, findings = opened(body)
    assert envelope_read.operation == "DeliveryReportReq"
    assert "soap.body-extra" in rules(findings)


def test_of_two_bodies_the_first_counts() -> None:
    body = envelope().replace(b"</env:Body>", b"</env:Body><env:Body>" + SECOND + b"</env:Body>")
    envelope_read, findings = opened(body)
    assert envelope_read.operation == "DeliveryReportReq"
    assert "soap.body-extra" in rules(findings)


def test_of_two_transaction_ids_the_first_counts() -> None:
    other = f'<TransactionID xmlns="{MM7}">tx-2</TransactionID></env:Header>'.encode()
    envelope_read, findings = opened(envelope().replace(b"</env:Header>", other))
    assert envelope_read.transaction_id == "tx-1"
    assert "header.transaction-id-again" in rules(findings)


def test_a_transaction_id_in_the_body_is_not_the_headers() -> None:
    envelope_read, _ = opened(envelope(REPORT + "<TransactionID>tx-2</TransactionID>"))
    assert envelope_read.transaction_id == "tx-1"


@pytest.mark.parametrize("prefix", ["", "x"])
def test_of_two_senders_the_first_counts(prefix: str) -> None:
    declared = f'xmlns:{prefix}="{MM7}"' if prefix else ""
    tag = f"{prefix}:Sender" if prefix else "Sender"
    number = f"{prefix}:Number" if prefix else "Number"
    second = f"<{tag} {declared}><{number}>15555550199</{number}></{tag}>"
    envelope_read, findings = opened(envelope(REPORT + second))
    sender = getattr(envelope_read.message, "sender", None)
    assert sender is not None
    assert sender.text == "28444"
    assert "element.again" in rules(findings)


def test_comments_do_not_cut_a_value() -> None:
    """`15555550<!---->100` is 15555550100 to a parser; whoever reads up to the comment sees another number."""
    body = envelope(
        REPORT.replace("15555550100", "15555550<!-- -->100").replace("mms-4711", "mms<?x?>-4711"), tid="tx<!-- -->-1"
    )
    envelope_read, _ = opened(body)
    recipient = getattr(envelope_read.message, "recipient", None)
    assert recipient is not None
    assert recipient.text == "15555550100"
    assert getattr(envelope_read.message, "message_id", None) == "mms-4711"
    assert envelope_read.transaction_id == "tx-1"


def test_an_element_in_a_value_does_not_cut_it_either() -> None:
    envelope_read, _ = opened(envelope(REPORT.replace("mms-4711", "mms<b>-47</b>11")))
    assert getattr(envelope_read.message, "message_id", None) == "mms-4711"


def test_an_envelope_in_a_value_is_not_the_envelope() -> None:
    inner = deliver().decode()
    envelope_read, _ = opened(envelope(f"{REPORT}<StatusText>{inner}</StatusText>"))
    assert envelope_read.operation == "DeliveryReportReq"
