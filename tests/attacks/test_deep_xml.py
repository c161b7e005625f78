"""Elements within elements, so that whoever walks the tree runs out of stack."""

import pytest

from gateway.mm7.limits import MAX_XML_DEPTH
from tests.attacks.messages import REPORT, envelope, opened, refusal

pytestmark = pytest.mark.requirement("M-21")


def nested(depth: int) -> bytes:
    return envelope(REPORT + "<a>" * depth + "</a>" * depth)


@pytest.mark.parametrize("depth", [MAX_XML_DEPTH, 300, 20_000, 300_000])
def test_what_is_too_deep_is_refused(depth: int) -> None:
    problem = refusal(nested(depth)[: 1024 * 1024])
    assert problem.rule.id in ("xml.too-deep", "xml.too-many-elements", "xml.malformed")
    assert (problem.rule.code, problem.operation, problem.transaction_id) == (4004, "DeliveryReportReq", "tx-1")


def test_the_limit_itself_is_read() -> None:
    # Envelope, Body and the operation stand around what is nested.
    envelope_read, _ = opened(nested(MAX_XML_DEPTH - 3))
    assert envelope_read.transaction_id == "tx-1"
    assert refusal(nested(MAX_XML_DEPTH - 2)).rule.id == "xml.too-deep"


def test_unclosed_elements_are_malformed() -> None:
    assert refusal(envelope("<a>" * 200_000)[: 1024 * 1024]).rule.code == 4004
