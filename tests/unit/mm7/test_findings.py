"""Findings: the first of a kind is kept, what is quoted is harmless, and every rule says what it has to."""

import pytest

from gateway.mm7 import findings as rules
from gateway.mm7.findings import RULES, Finding, Findings, Level, quote
from gateway.mm7.limits import MAX_FINDINGS, MAX_QUOTE
from gateway.mm7.status import GPP, SINCH


@pytest.mark.requirement("U-08")
def test_the_first_finding_of_a_kind_about_a_thing_is_kept() -> None:
    seen = Findings()
    for offset, about in ((1, "Subject"), (2, "Subject"), (3, "Priority")):
        seen.add(rules.ELEMENT_AGAIN, offset, "again", about)
    assert [(finding.offset, finding.key) for finding in seen.all()] == [
        (1, "element.again:Subject"),
        (3, "element.again:Priority"),
    ]
    assert seen.dropped == 1


def test_findings_are_limited_and_what_is_dropped_is_counted() -> None:
    seen = Findings()
    for number in range(MAX_FINDINGS + 7):
        seen.add(rules.ELEMENT_UNKNOWN, number, "strange", f"n{number}")
    assert len(seen.all()) == MAX_FINDINGS
    assert seen.dropped == 7


def test_a_quoted_text_is_short_on_one_line_and_printable() -> None:
    assert quote("a\r\n b\x00\ud800") == '"a b\ufffd\ufffd"'
    assert len(quote("x" * 1_000_000)) == MAX_QUOTE + 2


@pytest.mark.requirement("U-08")
@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_names_its_clause_what_is_done_and_codes_that_exist(rule: rules.Rule) -> None:
    assert rule.clause
    assert rule.does
    assert rule.code in GPP
    assert rule.sinch in SINCH


def test_a_finding_about_nothing_in_particular_has_its_rules_id_as_key() -> None:
    assert Finding(rules.ACTOR, 0, "").key == "soap.actor"


def test_levels_are_words_for_people() -> None:
    assert [level.word for level in Level] == ["info", "warning", "error"]
