"""MIME headers as they should be, and as peers write them."""

import pytest

from gateway.mm7.headers import Block, cid_of, parse_block, parse_content_type, unbracket


def block_of(octets: bytes, lines: int = 64, size: int = 16384) -> Block | None:
    return parse_block(octets, 0, len(octets), lines, size)


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("value", "parameters"),
    [
        ('multipart/related; boundary="a b"; type="text/xml"', {"boundary": "a b", "type": "text/xml"}),
        ("multipart/related; Boundary=b; TYPE=text/xml", {"boundary": "b", "type": "text/xml"}),
        ('multipart/related boundary=b; start="<s>"', {"boundary": "b", "start": "<s>"}),
        ('multipart/related; boundary="b" type=text/xml', {"boundary": "b", "type": "text/xml"}),
        ("multipart/related ; boundary = b", {"boundary": "b"}),
        ('multipart/related; boundary="cut', {"boundary": "cut"}),
        (r'multipart/related; name="a\"b\\c"', {"name": r'a"b\c'}),
        ("multipart/related; boundary=b; boundary=c", {"boundary": "b"}),
        ('multipart/related; boundary=""', {"boundary": ""}),
        ("multipart/related", {}),
    ],
)
def test_parameters_are_read_however_they_are_put(value: str, parameters: dict[str, str]) -> None:
    type_ = parse_content_type(value)
    assert type_.media_type == "multipart/related"
    assert dict(type_.parameters) == parameters


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("image/jpeg; name*=utf-8''Gr%C3%BC%C3%9Fe.jpg", "Grüße.jpg"),
        ("image/jpeg; name*=iso-8859-1'de'Gr%FC%DFe.jpg", "Grüße.jpg"),
        ("image/jpeg; name*1=b.jpg; name*0=a", "ab.jpg"),
        ("image/jpeg; name*0*=utf-8''%C3%BC; name*1=-; name*2*=%C3%9F", "ü-ß"),
        ("image/jpeg; name*=plain%20text", "plain text"),
        ("image/jpeg; name*x=strange; name=a", "a"),
    ],
)
def test_extended_parameters_are_joined_and_decoded(value: str, name: str) -> None:
    assert parse_content_type(value).parameters["name"] == name


@pytest.mark.parametrize(("written", "plain"), [("<a>", "a"), (" < a > ", "a"), ("a", "a"), ("<a", "<a"), ("", "")])
def test_one_pair_of_brackets_is_taken_off_a_content_id(written: str, plain: str) -> None:
    assert unbracket(written) == plain


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("href", "content_id", "well_formed"),
    [
        ("cid:content", "content", True),
        ("CID:content", "content", False),
        ("cid: content", "content", False),
        ("cid content", "content", False),
        ("cid:<content>", "content", False),
        ("content", "content", False),
    ],
)
def test_a_href_names_a_content_id_in_many_ways(href: str, content_id: str, well_formed: bool) -> None:  # noqa: FBT001
    assert cid_of(href) == (content_id, well_formed)


def test_a_block_as_it_should_be() -> None:
    found = block_of(b"Content-Type: text/xml\r\nx-mine:  a \r\ncontent-type: second\r\n\r\nbody")
    assert found == Block({"content-type": "text/xml", "x-mine": "a"}, 61, "", blank_line=True)


def test_a_block_of_line_feeds_only() -> None:
    found = block_of(b"A: 1\nB: 2\n\nbody")
    assert found == Block({"a": "1", "b": "2"}, 11, "", blank_line=True)


def test_a_folded_header_goes_on_in_the_next_line() -> None:
    found = block_of(b"A: 1;\r\n b=2\r\n\r\nbody")
    assert found == Block({"a": "1; b=2"}, 15, "", blank_line=True)


@pytest.mark.requirement("M-21")
def test_a_line_that_is_not_indented_goes_on_where_a_quotation_mark_is_open() -> None:
    found = block_of(b'A: x; b="----\r\n=_part"\r\n\r\nbody')
    assert found is not None
    assert found.headers == {"a": 'x; b="---- =_part"'}
    assert found.malformed == '=_part"'


def test_a_second_unindented_line_goes_on_as_well_and_the_first_is_reported() -> None:
    found = block_of(b'A: x; b="1\r\n=2\r\n=3"\r\n\r\n')
    assert found is not None
    assert (found.headers["a"], found.malformed) == ('x; b="1 =2 =3"', "=2")


@pytest.mark.requirement("M-21")
def test_without_a_blank_line_the_body_begins_at_the_first_line_that_is_no_header() -> None:
    found = block_of(b"A: 1\r\n<xml/>")
    assert found == Block({"a": "1"}, 6, "", blank_line=False)


def test_a_block_that_is_all_there_is() -> None:
    assert block_of(b"A: 1") == Block({"a": "1"}, 4, "", blank_line=False)
    assert block_of(b"") == Block({}, 0, "", blank_line=False)


def test_a_line_that_is_too_odd_for_the_regular_reading_is_read_all_the_same() -> None:
    found = block_of(b"A : 1\r\nB: 2\r\n\r\n")
    assert found is not None
    assert found.headers == {"a": "1", "b": "2"}


def test_the_limits_of_a_block() -> None:
    assert block_of(b"A: 1\r\n" * 3 + b"\r\n", lines=2) is None
    assert block_of(b"A: 1\n" * 3 + b"\n", lines=2) is None
    assert block_of(b"A: " + b"1" * 100, size=50) is None
