"""Delimiters where they do not belong, so that two readers would see different parts."""

import pytest

from gateway.mm7 import Leaf, Multipart, read, write
from gateway.mm7.messages import DeliverReq
from gateway.mm7.table import Address, AddressKind, Content
from tests.attacks.messages import TYPE, leaves, multipart, opened, part, refusal, rules, with_content

pytestmark = pytest.mark.requirement("M-21")

INNER = b"Content-Type: multipart/mixed; boundary=inner\r\nContent-ID: <content>\r\n\r\n"


STOLEN = part("text/plain", "a", b"first\r\n--outer\r\nContent-Type: text/plain\r\nContent-ID: <b>\r\n\r\nsecond")


def test_the_outer_delimiter_inside_a_closed_multipart_is_content() -> None:
    """What closes properly is gone over whole: no line in a picture cuts it. What we send on has our own boundary."""
    # given
    envelope, _ = opened(with_content(INNER + multipart(STOLEN, boundary="inner")), TYPE)
    ((_, data),) = leaves(envelope)
    assert data.startswith(b"first\r\n--outer\r\n")
    # when
    content = Multipart((Leaf("text/plain", data, "a"),))
    encoded = write(envelope.message, "tx-1", content=content, boundary="token")
    # then
    again, findings = read(encoded.body(), encoded.headers["Content-Type"])
    assert (leaves(again), findings) == ([("a", data)], ())


def test_the_outer_delimiter_ends_a_multipart_that_is_not_closed() -> None:
    """RFC 2046 §5.1.2: it ends whatever is open inside."""
    unclosed = INNER + multipart(STOLEN, boundary="inner").removesuffix(b"\r\n--inner--\r\n")
    envelope, findings = opened(with_content(unclosed), TYPE)
    assert leaves(envelope) == [("a", b"first")]
    assert {"mime.close-missing", "content.left-out"} <= rules(findings)


def test_a_boundary_that_begins_like_another_is_another() -> None:
    inner = b"Content-Type: multipart/mixed; boundary=outer2\r\nContent-ID: <content>\r\n\r\n"
    body = with_content(
        inner + multipart(part("text/plain", "a", b"one"), part("text/plain", "b", b"two"), boundary="outer2")
    )
    envelope, findings = opened(body, TYPE)
    assert (leaves(envelope), findings) == ([("a", b"one"), ("b", b"two")], ())


@pytest.mark.parametrize(
    "line", [b"--outerx", b"--oute", b" --outer", b"x--outer", b"--OUTER", b"--outer-", b"-- outer"]
)
def test_a_line_that_only_resembles_a_delimiter_is_content(line: bytes) -> None:
    data = b"one\r\n" + line + b"\r\ntwo"
    envelope, findings = opened(with_content(part("text/plain", "content", data)), TYPE)
    assert (leaves(envelope), findings) == ([("content", data)], ())


def test_an_inner_multipart_of_the_outer_name_is_kept_unopened() -> None:
    """Every delimiter line is the outer one's: nothing is left to divide the inner. The envelope is still read."""
    inner = b"Content-Type: multipart/mixed; boundary=outer\r\nContent-ID: <content>\r\n\r\n"
    envelope, findings = opened(with_content(inner + multipart(part("text/plain", "a", b"one"))), TYPE)
    assert envelope.transaction_id == "tx-1"
    assert leaves(envelope) == [("content", b""), ("a", b"one")]
    assert "mime.multipart-unopened" in rules(findings)


@pytest.mark.parametrize("boundary", ['""', '" "', '"--"', "", '"\\""'])
def test_a_boundary_of_nothing_divides_nothing(boundary: str) -> None:
    envelope, findings = opened(
        with_content(part("text/plain", "content", b"one")), f"multipart/related; boundary={boundary}"
    )
    assert leaves(envelope) == [("content", b"one")]
    assert rules(findings) & {"mime.boundary-missing", "mime.boundary-wrong"}


def test_a_body_without_any_delimiter_is_refused() -> None:
    assert refusal(b"no delimiter\r\n" * 1000, TYPE).rule.id == "mime.boundary-nowhere"


def test_what_we_write_has_a_boundary_that_stands_in_no_part() -> None:
    message = DeliverReq("6.8.0", sender=Address(AddressKind.NUMBER, "15555550100"), content=Content("cid:content"))
    data = b"\r\n--mm7.token.0\r\n--mm7.token.1--\r\n--mm7.tokenx.1\r\n"
    content = Multipart((Leaf("application/octet-stream", data, "a"),))
    encoded = write(message, "tx-1", content=content, boundary="token")
    envelope, findings = read(encoded.body(), encoded.headers["Content-Type"])
    assert (leaves(envelope), findings) == ([("a", data)], ())
