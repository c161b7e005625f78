"""Names, tokens and references: what we take for one, the XML library does too."""

from collections.abc import Callable
from random import Random

import pytest
from lxml import etree

from gateway.mm7.names import is_ncname, is_nmtoken, is_uri, without_no_characters

_ASCII = "".join(map(chr, range(0x20, 0x7F)))
_LETTERS = "éßÿĲŁžΑωЁя漢ぁヺ한"
_LOOK_ALIKES = "²½ªµⅷ٠×÷\u0300\u200d\u2028\xa0\uff21\U0001f600"
_URI_PIECES = (*'a1%#/?:[]<>"|\\ é漢@-.', "%20", "%zz", "//", " ", "cid:", "http://", "\x7f", "\x85", "1:")


def judge(type_: str) -> Callable[[str], bool]:
    """Whether a text is of a type of XML Schema, by libxml2."""
    declared = f'<xs:element name="a" type="xs:{type_}"/>'
    source = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{declared}</xs:schema>'
    schema = etree.XMLSchema(etree.fromstring(source))
    element = etree.Element("a")

    def valid(text: str) -> bool:
        element.text = text or None
        return bool(schema.validate(element))

    return valid


def texts(pieces: str | tuple[str, ...]) -> list[str]:
    """Every piece by itself, and 20,000 random ones out of up to six."""
    rng = Random(1)
    return [*pieces, *("".join(rng.choices(pieces, k=rng.randint(0, 6))) for _ in range(20_000))]


@pytest.mark.requirement("M-04", "M-21")
@pytest.mark.parametrize(("ours", "type_"), [(is_nmtoken, "NMTOKEN"), (is_ncname, "ID")])
def test_a_name_is_one_to_the_schema_as_well(ours: Callable[[str], bool], type_: str) -> None:
    theirs = judge(type_)
    for text in texts(_ASCII + _LETTERS + _LOOK_ALIKES):
        assert not ours(text) or theirs(text), repr(text)
    for text in texts(_ASCII.strip() + "éßÿŁžΑωЁя漢ぁヺ한"):
        assert ours(text) is theirs(text), repr(text)


@pytest.mark.requirement("M-21")
def test_a_reference_is_one_to_the_schema_as_well() -> None:
    theirs = judge("anyURI")
    for text in texts(_URI_PIECES):
        assert not is_uri(text) or theirs(text), repr(text)


@pytest.mark.parametrize(
    "href",
    ["", "cid:content", "cid: content", "cid:part%201@customer.example", "https://media.example:8443/a?b#c", "é"],
)
def test_what_content_points_with_is_a_reference(href: str) -> None:
    assert is_uri(href)


def test_what_xml_cant_carry_is_replaced() -> None:
    assert without_no_characters("a\x00b\ud800c\uffff\t") == "a\ufffdb\ufffdc\ufffd\t"
