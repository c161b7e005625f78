"""Several parts of one Content-ID, of none, and of the envelope's: none may hide another."""

import pytest

from tests.attacks.messages import TYPE, deliver, leaves, multipart, opened, part, with_content

pytestmark = pytest.mark.requirement("M-21")


def test_parts_of_the_same_id_are_all_kept_in_order() -> None:
    parts = [part("text/plain", "same", f"{number}".encode()) for number in range(5)]
    envelope, _ = opened(with_content(*parts, href="cid:same"), TYPE)
    assert leaves(envelope) == [("same", f"{number}".encode()) for number in range(5)]


def test_parts_without_an_id_are_all_kept_in_order() -> None:
    parts = [f"Content-Type: text/plain\r\n\r\n{number}".encode() for number in range(5)]
    envelope, _ = opened(with_content(*parts), TYPE)
    assert leaves(envelope) == [("", f"{number}".encode()) for number in range(5)]


def test_a_second_envelope_is_not_the_envelope() -> None:
    """The one that start names first in the body counts; what follows under its name is content."""
    other = deliver().replace(b"tx-1", b"tx-2")
    envelope, _ = opened(multipart(part("text/xml", "start", deliver()), part("text/xml", "start", other)), TYPE)
    assert envelope.transaction_id == "tx-1"
    assert leaves(envelope) == [("start", other)]


def test_two_content_ids_on_one_part_are_the_first() -> None:
    one = b"Content-Type: text/plain\r\nContent-ID: <content>\r\nContent-ID: <other>\r\n\r\none"
    envelope, _ = opened(with_content(one), TYPE)
    assert leaves(envelope) == [("content", b"one")]
