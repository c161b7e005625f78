"""Entities and other means that would make us read a file of ours, or ask the network."""

from pathlib import Path

import pytest

from gateway.mm7.capture import read_capture
from tests.attacks.messages import REPORT, envelope, opened, refusal
from tests.shared import ROOT

pytestmark = pytest.mark.requirement("M-21")

SECRET = "the keeper's secret"


@pytest.fixture
def secret(tmp_path: Path) -> str:
    path = tmp_path / "secret.txt"
    path.write_text(SECRET)
    return path.as_uri()


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "{}">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "{}">%p;]>',
        '<!DOCTYPE x SYSTEM "{}">',
        '<!DOCTYPE x PUBLIC "-//x" "{}">',
    ],
)
def test_no_file_is_read_into_the_transaction_id(declared: str, secret: str) -> None:
    problem = refusal(envelope(before=declared.format(secret), tid="&e;"))
    assert problem.rule.id == "xml.doctype"
    assert SECRET not in str(problem)
    assert SECRET not in (problem.transaction_id or "")


def test_an_inclusion_is_an_element_like_any_other(secret: str) -> None:
    included = (
        f'<StatusText><i:include xmlns:i="http://www.w3.org/2001/XInclude" parse="text" href="{secret}"/></StatusText>'
    )
    envelope_read, _ = opened(envelope(REPORT + included))
    assert SECRET not in repr(envelope_read)


def test_a_stylesheet_and_a_schema_location_are_not_fetched(secret: str) -> None:
    asked = f'<?xml-stylesheet href="{secret}"?><?xml-model href="{secret}"?>'
    envelope_read, findings = opened(envelope(before=asked))
    assert (envelope_read.operation, findings) == ("DeliveryReportReq", ())


def test_the_fixture_is_refused() -> None:
    capture = read_capture((ROOT / "fixtures/attacks/external-entity.http").read_bytes())
    assert refusal(capture.body, capture.content_type or "").rule.id == "xml.doctype"
