"""A handful of entity declarations that would expand to gigabytes."""

from itertools import pairwise

import pytest

from tests.attacks.messages import REPORT, envelope, opened, refusal

pytestmark = pytest.mark.requirement("M-21")


def test_entities_that_multiply_are_never_declared() -> None:
    """Given ten entities, each ten times the one before; when it is read; then it is refused unexpanded."""
    names = "abcdefghij"
    declared = '<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise(names)
    )
    body = envelope(REPORT.replace("Retrieved", "&j;"), before=f"<!DOCTYPE Envelope [{declared}]>")
    problem = refusal(body)
    assert (problem.rule.id, problem.rule.code, problem.offset) == ("xml.doctype", 4004, 0)
    assert (problem.operation, problem.transaction_id) == ("DeliveryReportReq", "tx-1")


def test_one_long_entity_used_often_is_never_declared() -> None:
    body = envelope(REPORT + "&a;" * 2000, before=f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]>')
    assert refusal(body).rule.id == "xml.doctype"


def test_an_entity_that_nobody_declared_is_not_well_formed() -> None:
    assert refusal(envelope(REPORT.replace("Retrieved", "&retrieved;"))).rule.id == "xml.malformed"


def test_the_five_entities_of_xml_are_read() -> None:
    envelope_read, _ = opened(envelope(REPORT + "<StatusText>&lt;&amp;&gt;&quot;&apos;&#8364;&#x41;</StatusText>"))
    assert getattr(envelope_read.message, "status_text", None) == "<&>\"'€A"
