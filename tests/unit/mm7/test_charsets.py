"""Charsets by the names that peers write, and none beside them."""

import pytest

from gateway.mm7.charsets import codec_named, decode_text


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("written", "codec"),
    [
        ("UTF-8", "utf_8"),
        ("utf8", "utf_8"),
        ("utf:8", "utf_8"),
        (" US-ASCII ", "ascii"),
        ("ISO-8859-1", "latin_1"),
        ("ks_c_5601-1987", "cp949"),
        ("EUC-KR", "cp949"),
        ("GB2312", "gb18030"),
        ("windows-1252", "cp1252"),
    ],
)
def test_a_charset_is_known_by_the_names_that_peers_give_it(written: str, codec: str) -> None:
    assert codec_named(written) == codec


@pytest.mark.parametrize(
    "written", ["", "punycode", "idna", "unicode_escape", "hex", "rot13", "utf-7", "undefined", "os"]
)
def test_what_is_no_charset_of_a_text_is_not_known(written: str) -> None:
    assert codec_named(written) is None


def test_a_text_in_an_unknown_charset_is_read_as_utf_8() -> None:
    assert decode_text("Grüße".encode(), "x-nobody") == "Grüße"


def test_what_cannot_be_decoded_is_replaced() -> None:
    assert decode_text(b"a\xffb", "utf-8") == "a\ufffdb"
