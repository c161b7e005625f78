"""What a peer writes and an operator reads: log lines, findings and refusals must not carry commands or other lines."""

import pytest

from gateway.mm7 import LENIENT, Unreadable
from gateway.mm7.answers import refusal_for, refused
from gateway.trace.explain import as_text, explain
from tests.attacks.messages import REPORT, TYPE, envelope, opened, refusal, with_content

pytestmark = pytest.mark.requirement("U-08")

ESCAPES = "\x1b]0;owned\x07\x1b[2J\r\nERROR: a line of its own\u202e\u2028"


def printable(text: str) -> bool:
    return all(character.isprintable() for character in text)


@pytest.mark.parametrize("place", ["text/plain; x=", "multipart/related; boundary=", "multipart/mixed; start="])
def test_a_content_type_is_shown_without_its_control_characters(place: str) -> None:
    try:
        _, findings = opened(envelope(), place + ESCAPES)
        shown = [finding.text for finding in findings]
    except Unreadable as problem:
        shown = [problem.text]
    assert all(printable(text) for text in shown)


def test_headers_of_parts_are_shown_without_theirs() -> None:
    odd = ESCAPES.replace("\r\n", " ").encode()
    body = with_content(
        b"Content-Type: text/plain\r\nContent-ID: " + odd + b"\r\nContent-Transfer-Encoding: " + odd + b"\r\n\r\none"
    )
    _, findings = opened(body, TYPE)
    assert findings
    assert all(printable(finding.text) for finding in findings)


@pytest.mark.parametrize("value", ["\u202eevil", "\u2028line", "\u0085", "\ufeff", "a\nb"])
def test_values_are_shown_on_one_line(value: str) -> None:
    body = envelope(REPORT.replace("Retrieved", value).replace("2026-01-31T12:00:05Z", value).replace("6.8.0", value))
    _, findings = opened(body)
    assert findings
    assert all(printable(finding.text) for finding in findings)


@pytest.mark.parametrize("name", ["\u4e00" * 5000, "x" * 100_000])
def test_names_are_shown_shortened(name: str) -> None:
    problem = refusal(envelope(operation=name))
    assert problem.rule.id in ("operation.unknown", "xml.malformed")
    assert len(problem.text) < 300
    _, findings = opened(envelope(f"{REPORT}<{name[:40_000]}/>"))
    assert all(len(finding.text) < 1000 for finding in findings)


def test_a_refusal_quotes_and_is_still_well_formed() -> None:
    problem = refusal(envelope(REPORT, before="&<>\"']]>"))
    answer = refused(refusal_for(problem, LENIENT), LENIENT, from_relay=True, problem=problem)
    assert opened(answer.body)[0].operation == "RSErrorRsp"


def test_an_explanation_has_no_control_characters() -> None:
    shown = as_text(explain("x", b"Content-Type: text/xml; \x1b[2J\r\n\r\n" + envelope(tid="tx\u202e\u2028-1")))
    assert all(printable(line) for line in shown.split("\n"))
