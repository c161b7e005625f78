"""A DOCTYPE where a quick look for it would not find it."""

import pytest

from tests.attacks.messages import REPORT, envelope, opened, refusal

pytestmark = pytest.mark.requirement("M-21")

DOCTYPE = '<!DOCTYPE x [<!ENTITY e "expanded">]>'
USING = REPORT.replace("Retrieved", "&e;")


@pytest.mark.parametrize(
    "before",
    [
        "\r\n \t",
        '<?xml version="1.0"?>\n',
        "<!-- a comment -->" * 50,
        "<!-- <!DOCTYPE? not this --><?pi with > and ' ?>\n",
        "<?xml version='1.0'?><!----><!-- - -->\n\n",
        "<!--" + "x" * 100_000 + "-->",
    ],
)
def test_behind_whatever_may_stand_before_it(before: str) -> None:
    assert refusal(envelope(USING, before=before + DOCTYPE)).rule.id == "xml.doctype"


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be", "utf-8-sig"])
def test_in_another_encoding(codec: str) -> None:
    """A parser that decodes later than it looks would let it through; here nothing of it is ever expanded."""
    body = envelope(USING, before=f'<?xml version="1.0" encoding="{codec[:6]}"?>{DOCTYPE}').decode().encode(codec)
    problem = refusal(body, f"text/xml; charset={codec[:6]}")
    assert problem.rule.id in ("xml.doctype", "xml.malformed")


def test_in_utf_7_it_is_no_doctype_to_anybody() -> None:
    body = b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE x+AD4-' + envelope(USING)
    assert refusal(body, "text/xml; charset=utf-7").rule.id == "xml.malformed"


def test_in_lower_case_it_is_not_well_formed() -> None:
    assert refusal(envelope(USING, before=DOCTYPE.lower())).rule.id == "xml.malformed"


def test_behind_the_first_element_it_is_not_well_formed() -> None:
    assert refusal(envelope(DOCTYPE + USING)).rule.id == "xml.malformed"


def test_the_word_in_a_text_is_only_a_word() -> None:
    envelope_read, findings = opened(envelope(REPORT + "<StatusText><![CDATA[<!DOCTYPE x>]]></StatusText>"))
    assert getattr(envelope_read.message, "status_text", None) == "<!DOCTYPE x>"
    assert findings == ()
