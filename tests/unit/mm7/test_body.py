import pytest

from gateway.mm7.body import BodyCollector
from gateway.mm7.errors import Unreadable


def test_chunks_in_order_are_the_body() -> None:
    body = BodyCollector(10)
    for chunk in (b"ab", b"", b"cd", b"e"):
        body.feed(chunk)
    assert (body.size, body.close(), body.close()) == (5, b"abcde", b"abcde")


def test_one_chunk_is_not_copied() -> None:
    chunk = b"x" * 1000
    body = BodyCollector()
    body.feed(chunk)
    assert body.close() is chunk


def test_nothing_fed_is_an_empty_body() -> None:
    assert BodyCollector().close() == b""


@pytest.mark.requirement("U-15")
def test_the_first_byte_beyond_the_limit_is_refused_and_nothing_is_kept() -> None:
    body = BodyCollector(4)
    body.feed(b"abcd")
    with pytest.raises(Unreadable) as refused:
        body.feed(b"e")
    assert (refused.value.rule.id, refused.value.offset) == ("http.body-too-large", 4)
    assert body.close() == b""


@pytest.mark.requirement("U-15")
def test_a_length_beyond_the_limit_is_refused_before_a_byte_is_read() -> None:
    with pytest.raises(Unreadable, match="1073741824 bytes is announced: at most 4 bytes are read"):
        BodyCollector(4, announced=1 << 30)
    assert BodyCollector(4, announced=4).close() == b""
