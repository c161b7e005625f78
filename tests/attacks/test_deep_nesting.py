"""Multiparts within multiparts within multiparts."""

import pytest

from gateway.mm7.limits import MAX_NESTING
from tests.attacks.messages import TYPE, leaves, multipart, opened, part, refusal, with_content

pytestmark = pytest.mark.requirement("M-21")


def nested(depth: int, closed: int = 10_000) -> bytes:
    """A text inside `depth` multiparts, of which the outer `closed` are closed."""
    body = part("text/plain", "leaf", b"deep")
    for level in reversed(range(depth)):
        inner = multipart(body, boundary=f"b{level}")
        if level >= closed:
            inner = inner.removesuffix(f"\r\n--b{level}--\r\n".encode())
        body = f"Content-Type: multipart/mixed; boundary=b{level}\r\nContent-ID: <content>\r\n\r\n".encode() + inner
    return body


def test_what_is_nested_too_deep_is_refused() -> None:
    problem = refusal(with_content(nested(MAX_NESTING)), TYPE)
    assert (problem.rule.id, problem.rule.code, problem.transaction_id) == ("mime.nested-too-deep", 2004, "tx-1")
    assert leaves(opened(with_content(nested(MAX_NESTING - 1)), TYPE)[0]) == [("leaf", b"deep")]


@pytest.mark.parametrize("depth", [500, 5_000])
def test_thousands_of_levels_cost_no_more(depth: int) -> None:
    assert refusal(with_content(nested(depth)), TYPE).rule.id in ("mime.nested-too-deep", "mime.too-many-parts")
    assert refusal(with_content(nested(depth, closed=0)), TYPE).rule.code == 2004


def test_levels_that_are_not_closed_are_gone_over_a_bounded_number_of_times() -> None:
    payload = b"\r\n".join([b"-" * 70] * 50_000)
    body = with_content(nested(MAX_NESTING - 1, closed=0).replace(b"deep", payload))
    assert leaves(opened(body, TYPE)[0]) == [("leaf", payload)]
