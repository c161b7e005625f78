"""A namespace of kilobytes, which every element's tag and every answer would repeat."""

import pytest

from gateway.mm7 import LENIENT
from gateway.mm7.answers import refusal_for, refused
from gateway.mm7.limits import MAX_NAMESPACE
from tests.attacks.messages import MM7, REPORT, envelope, opened, refusal

pytestmark = pytest.mark.requirement("M-21")

LONG = MM7 + "/" * 1_000


def test_a_request_in_it_is_refused() -> None:
    problem = refusal(envelope().replace(MM7.encode(), LONG.encode()))
    assert (problem.rule.id, problem.operation, problem.transaction_id) == (
        "xml.too-large",
        "DeliveryReportReq",
        "tx-1",
    )


def test_a_refusal_does_not_echo_it() -> None:
    problem = refusal(envelope(operation="MoveReq").replace(MM7.encode(), LONG.encode()))
    answer = refused(refusal_for(problem, LENIENT), LENIENT, from_relay=True, problem=problem)
    assert LONG.encode() not in answer.body
    assert opened(answer.body)[0].transaction_id == "tx-1"


def test_in_a_large_envelope_it_is_refused() -> None:
    large = envelope(REPORT + "<a/>" * 5_000).replace(MM7.encode(), (MM7 + "/" * MAX_NAMESPACE).encode())
    problem = refusal(large)
    assert (problem.rule.code, problem.transaction_id) == (4004, "tx-1")
