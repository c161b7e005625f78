"""Header blocks and parameters made to be expensive."""

import pytest

from gateway.mm7.headers import parse_content_type
from gateway.mm7.limits import MAX_HEADER_BYTES, MAX_HEADER_LINES
from tests.attacks.messages import TYPE, envelope, leaves, opened, part, refusal, with_content
from tests.fuzz.cpu import cpu_limit

pytestmark = pytest.mark.requirement("M-21")


def headed(*headers: str) -> bytes:
    return with_content(part("text/plain", "content", b"one", *headers))


def test_too_many_lines_are_refused() -> None:
    problem = refusal(headed(*["X-A: 1"] * MAX_HEADER_LINES), TYPE)
    assert (problem.rule.id, problem.rule.code) == ("mime.headers-too-large", 2004)
    assert (problem.operation, problem.transaction_id) == ("DeliverReq", "tx-1")


@pytest.mark.parametrize("header", ["X-A: " + "a" * MAX_HEADER_BYTES, "X" * (MAX_HEADER_BYTES + 1) + ": 1"])
def test_too_many_bytes_are_refused(header: str) -> None:
    assert refusal(headed(header), TYPE).rule.id == "mime.headers-too-large"


def test_folded_lines_count_as_lines() -> None:
    assert refusal(headed("X-A: 1" + "\r\n 2" * 5_000), TYPE).rule.id == "mime.headers-too-large"


def test_headers_without_an_end_are_refused() -> None:
    body = with_content().removesuffix(b"--\r\n") + b"\r\n" + b"X-A: 1\r\n" * 100_000
    assert refusal(body, TYPE).rule.id == "mime.headers-too-large"


@pytest.mark.parametrize(
    "value",
    [
        "a/b" + "; x" * 5_000,
        "a/b; x=" + '"' * 16_000,
        'a/b; x="' + "\\" * 16_000,
        'a/b; x="' + '\\"' * 8_000,
        "a/b; " + "x*0*=''; " * 1_500,
        "a/b; " + "".join(f"x*{number}*=%41; " for number in range(1_500)),
        "a/b; x*=" + "'" * 16_000,
        "a/b; x*=utf-8''" + "%" * 16_000,
        "a/b; x*=bz2''%00; y*=zip''%00; z*=rot13''a; w*=idna''%ff",
        "=" * 16_000,
        " " * 16_000,
        "\u00e9" * 16_000,
    ],
)
def test_a_value_is_parsed_in_bounded_time(value: str) -> None:
    with cpu_limit(1.0):
        parse_content_type(value)
        parse_content_type("multipart/related; " + value)


def test_a_content_type_of_http_may_be_anything() -> None:
    assert opened(envelope(), "text/xml; charset=" + "x" * 8_000)[0].transaction_id == "tx-1"
    assert opened(with_content(), "\x00" * 100)[0].transaction_id == "tx-1"


def test_a_header_may_be_empty() -> None:
    assert leaves(opened(headed("X-A:", "X-B: "), TYPE)[0]) == [("content", b"one")]
