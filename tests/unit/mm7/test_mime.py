"""The tree of parts: what is as it should be, what is odd, and what a limit refuses."""

import pytest

from gateway.mm7 import Unreadable
from gateway.mm7 import findings as rules
from gateway.mm7.findings import Findings
from gateway.mm7.limits import MAX_DELIMITERS, MAX_HEADER_BYTES, MAX_HEADER_LINES, MAX_NESTING, MAX_PARTS
from gateway.mm7.mime import Part, parse_entity
from tests.unit.mm7.samples import JPEG, multipart, part

MIXED = "multipart/mixed; boundary=b"


def tree(body: bytes, content_type: str | None = MIXED) -> tuple[Part, list[str]]:
    seen = Findings()
    return parse_entity(body, content_type, seen), [finding.key for finding in seen.all()]


def refusal(body: bytes, content_type: str | None = MIXED) -> rules.Rule:
    with pytest.raises(Unreadable) as caught:
        tree(body, content_type)
    return caught.value.rule


def data(entity: Part) -> list[bytes]:
    return [bytes(leaf.data) for leaf in entity.leaves()]


@pytest.mark.requirement("M-21")
def test_parts_are_views_into_the_body_with_their_place() -> None:
    body = multipart(part(JPEG, "Content-Type: image/jpeg"), part(b"text", "Content-Type: text/plain"))
    entity, keys = tree(body)
    assert data(entity) == [JPEG, b"text"]
    assert keys == []
    first = entity.parts[0]
    assert first.data.obj is body
    assert body[first.offset :].startswith(JPEG)


def test_a_multipart_in_a_multipart_is_gone_into() -> None:
    inner = multipart(part(JPEG, "Content-Type: image/jpeg"), boundary="c")
    entity, keys = tree(
        multipart(part(inner, "Content-Type: multipart/related; boundary=c"), part(b"t", "Content-Type: text/plain"))
    )
    assert data(entity) == [JPEG, b"t"]
    assert entity.parts[0].is_multipart
    assert keys == []


@pytest.mark.requirement("M-21")
def test_an_inner_multipart_that_is_not_closed_ends_at_the_outer_delimiter() -> None:
    inner = b"--c\r\n\r\nfirst"
    entity, keys = tree(
        multipart(
            part(inner, "Content-Type: multipart/related; boundary=c"),
            part(b"--c\r\n\r\nsecond", "Content-Type: multipart/related; boundary=c"),
        )
    )
    assert data(entity) == [b"first", b"second"]
    assert keys == ["mime.close-missing", "mime.part-type-missing"]


def test_an_inner_multipart_with_the_boundary_of_the_outer_one_ends_at_its_first_delimiter() -> None:
    inner = multipart(part(b"x", "Content-Type: text/plain"))
    entity, keys = tree(multipart(part(inner, "Content-Type: multipart/related; boundary=b")))
    assert (data(entity), keys) == ([b"", b"x"], ["mime.epilogue", "mime.multipart-unopened"])


def test_an_inner_boundary_that_begins_like_the_outer_one_is_another() -> None:
    inner = multipart(part(JPEG, "Content-Type: image/jpeg"), boundary="b.1")
    entity, keys = tree(multipart(part(inner, "Content-Type: multipart/related; boundary=b.1")))
    assert data(entity) == [JPEG]
    assert keys == []


def test_a_multipart_whose_headers_run_into_the_next_part_is_not_jumped_over() -> None:
    inner = b"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--"
    entity, _ = tree(b"--b\r\nContent-Type: text/plain\r\n--b\r\n" + inner + b"\r\n--b--")
    assert data(entity) == [b"", b"x"]


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("body", "content", "keys"),
    [
        (b"--b\r\n\r\nx\r\n--b--", [b"x"], []),
        (b"--b\n\nx\n--b--\n", [b"x"], ["mime.line-ends"]),
        (b"--b\r\r\n\r\nx\r\r\n--b--", [b"x"], ["mime.line-ends"]),
        (b"--b \t\r\n\r\nx\r\n--b--", [b"x"], []),
        (b"hello\r\n--b\r\n\r\nx\r\n--b--", [b"x"], ["mime.preamble"]),
        (b"\r\n--b\r\n\r\nx\r\n--b--", [b"x"], []),
        (b"--b\r\n\r\nx\r\n--b--\r\nbye", [b"x"], ["mime.epilogue"]),
        (b"--b\r\n\r\nx\r\n--b", [b"x"], ["mime.close-missing"]),
        (b"--b\r\n\r\nx\r\n", [b"x\r\n"], ["mime.close-missing"]),
        (b"--b\r\n\r\nx\r\n--b\xe2\x80\x94\r\n", [b"x"], ["mime.close-malformed"]),
        (b"--b\r\n\r\nx\r\n--b  ", [b"x"], ["mime.close-malformed"]),
        (b"--b\r\n\r\nx\r\n--bb\r\ny\r\n--b--", [b"x\r\n--bb\r\ny"], []),
        (b"--b\r\n--b\r\n\r\nx\r\n--b--", [b"", b"x"], []),
    ],
)
def test_delimiter_lines_of_every_kind(body: bytes, content: list[bytes], keys: list[str]) -> None:
    entity, found = tree(body)
    assert data(entity) == content
    assert [key for key in found if key not in ("mime.part-type-missing", "mime.blank-line-missing")] == keys


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("content_type", "key"),
    [
        ("multipart/mixed", "mime.boundary-missing"),
        ("multipart/mixed; boundary=other", "mime.boundary-wrong"),
        ("text/plain", "http.content-type-wrong"),
        (None, "http.content-type-missing"),
    ],
)
def test_the_first_delimiter_line_helps_where_the_boundary_is_not_known(content_type: str | None, key: str) -> None:
    entity, keys = tree(multipart(part(b"x", "Content-Type: text/plain"), boundary="real one"), content_type)
    assert data(entity) == [b"x"]
    assert keys[0] == key


@pytest.mark.parametrize("content_type", ["text/xml", "application/soap+xml", "application/xml; charset=utf-8"])
def test_bare_xml_is_a_part_of_its_own(content_type: str) -> None:
    entity, keys = tree(b" \r\n<a/>", content_type)
    assert (entity.media_type, keys) == ("text/xml", [])


@pytest.mark.parametrize(
    ("content_type", "key"),
    [(MIXED, "mime.bare-xml"), ("text/plain", "http.content-type-wrong"), (None, "http.content-type-missing")],
)
def test_bare_xml_is_told_from_its_first_byte(content_type: str | None, key: str) -> None:
    entity, keys = tree(b"\xef\xbb\xbf<a/>", content_type)
    assert (entity.media_type, keys) == ("text/xml", [key])


def test_a_body_of_another_type_is_one_part() -> None:
    entity, keys = tree(b"hello", "text/plain; charset=utf-8")
    assert (entity.media_type, entity.charset, data(entity), keys) == ("text/plain", "utf-8", [b"hello"], [])
    assert tree(b"hello", ";")[0].media_type == "application/octet-stream"


@pytest.mark.parametrize("body", [b"", b" \r\n\t\n" * 2000])
def test_an_empty_body_is_refused(body: bytes) -> None:
    assert refusal(body) is rules.BODY_EMPTY


def test_a_body_without_a_delimiter_line_is_refused() -> None:
    assert refusal(b"hello\r\n--\r\n-- \r\n--<a>\r\n") is rules.BOUNDARY_NOWHERE
    assert refusal(b"hello", "multipart/mixed") is rules.BOUNDARY_NOWHERE
    assert refusal(b"hello", None) is rules.BOUNDARY_NOWHERE


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("encoding", "written", "decoded"),
    [
        ("base64", b"/9j/AAE=", JPEG),
        ("BASE64", b"/9j/\r\nAAE=\r\n", JPEG),
        ("base64", b"!/9j/ AAE", JPEG),
        ("base64", b"/9j/A", b"\xff\xd8\xff"),
        ("quoted-printable", b"a=3Db=\r\nc", b"a=bc"),
        ("7bit", b"text", b"text"),
        ("8Bit", b"text", b"text"),
        ("binary", JPEG, JPEG),
        ("", b"text", b"text"),
        ("x-own", b"text", b"text"),
    ],
)
def test_transfer_encodings_are_undone(encoding: str, written: bytes, decoded: bytes) -> None:
    entity, keys = tree(multipart(part(written, "Content-Type: image/jpeg", f"Content-Transfer-Encoding: {encoding}")))
    assert data(entity) == [decoded]
    damaged = {b"/9j/A": ["mime.base64-damaged"], b"!/9j/ AAE": ["mime.base64-damaged"]}
    assert keys == damaged.get(written, ["mime.encoding-unknown"] if encoding == "x-own" else [])


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("headers", "name"),
    [
        (["Content-Location: a.jpg", 'Content-Type: image/jpeg; name="b.jpg"'], "a.jpg"),
        (['Content-Type: image/jpeg; name="b.jpg"', "Content-Disposition: attachment; filename=c.jpg"], "b.jpg"),
        (["Content-Disposition: attachment; filename=c.jpg", "Content-ID: <d>"], "c.jpg"),
        (["Content-ID: <d>"], "d"),
        (['Content-Type: image/jpeg; name="=?utf-8?B?R3LDvMOfZQ==?="'], "Grüße"),
        (['Content-Type: image/jpeg; name="=?utf-8?q?Gr=C3=BC=C3=9Fe_1?="'], "Grüße 1"),
        (['Content-Type: image/jpeg; name="=?nonsense?="'], "=?nonsense?="),
        (['Content-Type: image/jpeg; name="=?utf-8?b?a?="'], "=?utf-8?b?a?="),
        ([], ""),
    ],
)
def test_a_parts_name_is_the_first_that_there_is(headers: list[str], name: str) -> None:
    entity, _ = tree(multipart(part(JPEG, *headers)))
    assert entity.parts[0].name == name


@pytest.mark.parametrize(
    ("octets", "media_type", "keys"),
    [(b" <a/>", "text/xml", []), (JPEG, "application/octet-stream", ["mime.part-type-missing"])],
)
def test_a_part_without_a_type_is_told_from_its_bytes(octets: bytes, media_type: str, keys: list[str]) -> None:
    entity, found = tree(multipart(part(octets)))
    assert (entity.parts[0].media_type, found) == (media_type, keys)


def test_what_is_odd_about_a_parts_headers_is_noted() -> None:
    _, keys = tree(multipart(b'Content-Type: a/b; c="\r\nd"\r\nContent-ID: bare\r\n<a/>'))
    assert keys == ["mime.header-malformed", "mime.blank-line-missing", "mime.content-id-bare"]


def test_a_part_that_ends_with_its_headers_misses_no_blank_line() -> None:
    assert tree(multipart(b"Content-Type: a/b"))[1] == []


@pytest.mark.requirement("M-21")
def test_parts_are_limited() -> None:
    assert len(tree(multipart(*[part(b"x", "Content-Type: a/b")] * MAX_PARTS))[0].parts) == MAX_PARTS
    assert refusal(multipart(*[part(b"x", "Content-Type: a/b")] * (MAX_PARTS + 1))) is rules.TOO_MANY_PARTS


def test_lines_that_begin_like_a_delimiter_are_limited() -> None:
    lookalikes = b"--bx\r\n" * (MAX_DELIMITERS + 1)
    assert refusal(multipart(part(lookalikes, "Content-Type: a/b"))) is rules.TOO_MANY_PARTS


@pytest.mark.requirement("M-21")
def test_header_lines_and_bytes_are_limited() -> None:
    lines = [f"X-{number}: 1" for number in range(MAX_HEADER_LINES)]
    assert tree(multipart(part(b"x", *lines)))[0].parts[0].headers["x-1"] == "1"
    assert refusal(multipart(part(b"x", *lines, "X: 1"))) is rules.HEADERS_TOO_LARGE
    assert refusal(multipart(part(b"x", "X: " + "1" * MAX_HEADER_BYTES))) is rules.HEADERS_TOO_LARGE


@pytest.mark.requirement("M-21")
def test_nesting_is_limited() -> None:
    def nested(depth: int) -> bytes:
        body = multipart(part(b"x", "Content-Type: a/b"), boundary=f"b{depth - 1}")
        for level in range(depth - 1, 0, -1):
            body = multipart(part(body, f"Content-Type: multipart/mixed; boundary=b{level}"), boundary=f"b{level - 1}")
        return body

    assert data(tree(nested(MAX_NESTING), "multipart/mixed; boundary=b0")[0]) == [b"x"]
    assert refusal(nested(MAX_NESTING + 1), "multipart/mixed; boundary=b0") is rules.NESTED_TOO_DEEP
