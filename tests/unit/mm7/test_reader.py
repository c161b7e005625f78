"""One body into one message: which part is the envelope, which the content, and never another error than ours."""

import re
from contextlib import suppress
from random import Random

import pytest

from gateway.mm7 import LENIENT, Unreadable, read
from gateway.mm7 import findings as rules
from gateway.mm7.answers import refusal_for
from gateway.mm7.answers import refused as refused_with
from tests.unit.mm7.samples import JPEG, RELATED, SUBMIT, message, multipart, part, refused, related, seen

CONTENT = message("SubmitReq", SUBMIT + '<Content href="cid:content"/>')
PICTURE = part(JPEG, "Content-Type: image/jpeg", "Content-ID: <content>")
TEXT = part(b"hello", "Content-Type: text/plain", "Content-ID: <text>")


def leaves(body: bytes, content_type: str = RELATED) -> tuple[list[bytes], list[str]]:
    envelope, keys = seen(body, content_type)
    return [bytes(leaf.data) for leaf in envelope.leaves], keys


@pytest.mark.requirement("M-21")
def test_the_content_is_the_part_that_the_message_points_to() -> None:
    assert leaves(related(CONTENT, PICTURE)) == ([JPEG], [])


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("start", "keys"),
    [
        ('start="<s>"', []),
        ("start=s", ["mime.start-form"]),
        ('start="cid:s"', ["mime.start-form"]),
        ('start="<cid:s>"', ["mime.start-form"]),
        ("", ["mime.start-missing"]),
        ('start="<other>"', ["mime.start-unresolved"]),
        ('start="<content>"', ["mime.start-unresolved"]),
    ],
)
def test_the_envelope_is_found_by_start_or_by_what_it_holds(start: str, keys: list[str]) -> None:
    assert leaves(related(CONTENT, PICTURE), f"multipart/related; boundary=b; {start}") == ([JPEG], keys)


@pytest.mark.requirement("M-21")
def test_an_envelope_that_is_not_first_is_read() -> None:
    body = multipart(PICTURE, part(CONTENT, "Content-Type: text/xml", "Content-ID: <s>"))
    assert leaves(body) == ([JPEG], ["mime.envelope-not-first"])


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize("media_type", ["text/plain", "application/octet-stream"])
def test_an_envelope_of_another_type_is_read(media_type: str) -> None:
    body = multipart(part(CONTENT, f"Content-Type: {media_type}", "Content-ID: <s>"), PICTURE)
    assert leaves(body) == ([JPEG], ["mime.envelope-type"])


def test_parts_without_any_id_are_told_apart() -> None:
    body = multipart(part(CONTENT, "Content-Type: text/xml"), part(JPEG, "Content-Type: image/jpeg"))
    assert leaves(body, "multipart/related; boundary=b") == ([JPEG], ["content.href-unresolved"])


@pytest.mark.parametrize("body", [multipart(PICTURE), multipart(part(b"<smil/>", "Content-Type: application/smil"))])
def test_parts_of_which_none_is_an_envelope_are_refused(body: bytes) -> None:
    assert refused(body, "multipart/related; boundary=b").rule is rules.ENVELOPE_NOWHERE


def test_a_body_of_another_type_is_refused() -> None:
    assert refused(b"hello", "text/plain").rule is rules.ENVELOPE_NOWHERE


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("href", "keys"),
    [
        ("cid:content", []),
        ("cid:%63ontent", []),
        ("content", ["content.href-form"]),
        ("cid: content", ["content.href-form"]),
        ("cid:Content", ["content.href-unresolved"]),
        ("cid:other", ["content.href-unresolved"]),
        ("", ["content.href-unresolved"]),
    ],
)
def test_the_content_is_found_however_it_is_named(href: str, keys: list[str]) -> None:
    assert leaves(related(CONTENT.replace(b"cid:content", href.encode()), PICTURE)) == ([JPEG], keys)


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("href", "keys"),
    [
        ("cid:content", ["mime.flat-parts"]),
        ("cid:CONTENT", ["content.href-unresolved", "mime.flat-parts"]),
        ("cid:other", ["content.href-unresolved", "mime.flat-parts"]),
    ],
)
def test_of_parts_that_stand_flat_beside_the_envelope_none_is_dropped(href: str, keys: list[str]) -> None:
    body = related(CONTENT.replace(b"cid:content", href.encode()), PICTURE, TEXT)
    assert leaves(body) == ([JPEG, b"hello"], keys)


@pytest.mark.requirement("M-21")
def test_a_href_into_the_content_means_the_whole_content() -> None:
    inner = multipart(PICTURE, TEXT, boundary="c")
    body = related(CONTENT, part(inner, "Content-Type: multipart/mixed; boundary=c"))
    assert leaves(body) == ([JPEG, b"hello"], ["content.href-nested"])


@pytest.mark.requirement("M-21")
def test_parts_beside_a_content_that_is_a_multipart_are_left_out_and_told_of() -> None:
    inner = multipart(part(JPEG, "Content-Type: image/jpeg"), boundary="c")
    content = part(inner, "Content-Type: multipart/mixed; boundary=c", "Content-ID: <content>")
    found, keys = leaves(related(CONTENT, content, TEXT))
    assert (found, len(keys)) == ([JPEG], 1)


@pytest.mark.requirement("M-21")
def test_parts_that_the_message_does_not_point_to_are_its_content() -> None:
    assert leaves(related(message("SubmitReq", SUBMIT), PICTURE)) == ([JPEG], ["content.reference-missing"])


def test_parts_beside_an_answer_are_no_missing_reference() -> None:
    answer = message("DeliverRsp", "<MM7Version>6.8.0</MM7Version>")
    assert "content.reference-missing" not in leaves(related(answer, PICTURE))[1]


@pytest.mark.requirement("M-21")
def test_a_content_that_is_not_there_is_noted() -> None:
    assert leaves(related(CONTENT)) == ([], ["content.missing"])


def with_transaction_id(text: str, operation: str = "SubmitReq") -> bytes:
    written = re.sub(rb"(TransactionID[^>]*>)[^<]*<", rb"\g<1>" + text.encode() + b"<", CONTENT, count=1)
    return written.replace(b"SubmitReq", operation.encode())


@pytest.mark.requirement("M-16")
def test_a_transaction_id_of_any_sane_length_is_read_and_a_longer_one_neither_read_nor_repeated() -> None:
    assert read(with_transaction_id("x" * 1024), "text/xml")[0].transaction_id == "x" * 1024
    for text in ("x" * 1025, " " * 1025, "x" * 900_000):
        with pytest.raises(Unreadable) as caught:
            read(with_transaction_id(text), "text/xml")
        assert caught.value.rule is rules.TRANSACTION_ID_TOO_LONG
        assert (caught.value.operation, caught.value.transaction_id) == ("SubmitReq", None)
        refusal = refusal_for(caught.value, LENIENT)
        answer = refused_with(refusal, LENIENT, from_relay=True, problem=caught.value)
        assert len(answer.body) < 2000


@pytest.mark.requirement("M-16")
def test_a_long_transaction_id_is_not_repeated_for_other_mistakes_either() -> None:
    for body in (with_transaction_id("x" * 900_000, "Nonsense"), with_transaction_id("x" * 900_000)[:-30]):
        with pytest.raises(Unreadable) as caught:
            read(body, "text/xml")
        assert caught.value.transaction_id is None


@pytest.mark.requirement("M-16")
def test_a_body_larger_than_the_limit_is_not_read() -> None:
    with pytest.raises(Unreadable) as caught:
        read(CONTENT, "text/xml", limit=len(CONTENT) - 1)
    assert caught.value.rule is rules.BODY_TOO_LARGE
    assert read(CONTENT, "text/xml", limit=len(CONTENT))[0].operation == "SubmitReq"


@pytest.mark.requirement("M-16")
def test_what_could_be_made_out_of_a_broken_body_goes_with_the_error() -> None:
    error = refused(b"--b\r\nX: " + b"1" * 20_000 + CONTENT, RELATED)
    assert (error.operation, error.transaction_id) == ("SubmitReq", "t-1")
    assert str(error.offset) in str(error)


@pytest.mark.requirement("M-21")
def test_bytes_and_bytearrays_are_read_alike() -> None:
    body = related(CONTENT, PICTURE)
    assert read(bytearray(body), RELATED)[0].message == read(body, RELATED)[0].message


@pytest.mark.requirement("M-21")
def test_any_bytes_end_in_a_message_or_in_our_error() -> None:
    random = Random(7)
    body = bytearray(related(CONTENT, PICTURE))
    kinds: list[str | None] = [RELATED, "text/xml", None, "multipart/mixed", "x; boundary*=\udcff''%00", "\x00"]
    for _ in range(2_000):
        broken = bytearray(body)
        for _ in range(random.randrange(1, 6)):
            at = random.randrange(len(broken))
            broken[at : at + random.randrange(3)] = random.choice(
                (b"", b"<", b">", b"\r\n", b"--b", b"&", b"\xff", b'"')
            )
        with suppress(Unreadable):
            read(broken, random.choice(kinds))
