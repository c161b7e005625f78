"""Envelopes in charsets that hide what they say, or that a codec turns into something else."""

import pytest

from tests.attacks.messages import REPORT, envelope, opened, refusal, rules

pytestmark = pytest.mark.requirement("M-21")


def in_charset(name: str, text: str = "gelesen – gut") -> bytes:
    return envelope(f"{REPORT}<StatusText>{text}</StatusText>", before=f'<?xml version="1.0" encoding="{name}"?>')


def text_of(body: bytes, content_type: str = "text/xml") -> object:
    return getattr(opened(body, content_type)[0].message, "status_text", None)


@pytest.mark.parametrize(
    "name", ["utf-7", "utf-8", "no-such-charset", "rot13", "zip", "bz2", "hex", "base64", "idna", "punycode"]
)
def test_a_name_is_never_a_way_to_a_codec_that_is_no_charset(name: str) -> None:
    """UTF-7 would turn `+ADw-` into markup; the others are no charsets at all."""
    assert text_of(in_charset(name, "+ADw-b+AD4- safe"), f"text/xml; charset={name}") == "+ADw-b+AD4- safe"


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_wide_and_marked_encodings_are_read(codec: str) -> None:
    body = in_charset(codec[:6]).decode().encode(codec)
    assert text_of(body, f"text/xml; charset={codec[:6]}") == "gelesen – gut"


@pytest.mark.parametrize(
    "mark", [b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\xef\xbb\xbf" * 2, b"+/v8-"]
)
def test_a_mark_that_lies_is_an_error_or_seen_through(mark: bytes) -> None:
    body = mark + envelope()
    try:
        envelope_read, _ = opened(body)
    except Exception:  # noqa: BLE001  # refused: what kind of refusal is what is asked next
        assert refusal(body).rule.id in ("xml.malformed", "mime.envelope-nowhere", "mime.boundary-nowhere")
    else:
        assert envelope_read.transaction_id == "tx-1"


@pytest.mark.parametrize("octets", [b"\xc0\xbcb\xc0\xbe", b"\xe0\x80\xbc", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"])
def test_overlong_and_surrogate_forms_are_never_markup(octets: bytes) -> None:
    """An overlong `<` that a lenient decoder makes a real one would be an element that nobody checked."""
    body = in_charset("utf-8", "TEXT").replace(b"TEXT", octets)
    envelope_read, findings = opened(body)
    assert "<" not in str(getattr(envelope_read.message, "status_text", ""))
    assert "xml.charset-guessed" in rules(findings)


def test_shift_sequences_do_not_hide_markup() -> None:
    body = in_charset("iso-2022-kr", "TEXT").replace(b"TEXT", b"\x1b$)C\x0e<b>\x0f")
    try:
        assert opened(body)[0].operation == "DeliveryReportReq"
    except Exception:  # noqa: BLE001  # refused: what kind of refusal is what is asked next
        assert refusal(body).rule.id == "xml.malformed"
