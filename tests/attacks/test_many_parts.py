"""A flood of parts, of delimiters, or of lines that resemble them."""

import pytest

from gateway.mm7.limits import MAX_PARTS
from tests.attacks.messages import TYPE, opened, part, refusal, with_content

pytestmark = pytest.mark.requirement("M-21")


def test_more_parts_than_anybody_needs_are_refused() -> None:
    parts = [part("text/plain", f"p{number}", b"x") for number in range(MAX_PARTS)]
    problem = refusal(with_content(*parts), TYPE)
    assert (problem.rule.id, problem.rule.code) == ("mime.too-many-parts", 2004)
    assert (problem.operation, problem.transaction_id) == ("DeliverReq", "tx-1")
    assert len(opened(with_content(*parts[:-1]), TYPE)[0].leaves) == MAX_PARTS - 1


def test_a_million_empty_parts_are_refused() -> None:
    body = with_content().removesuffix(b"--\r\n") + b"\r\n" + b"--outer\r\n" * 1_000_000
    assert refusal(body, TYPE).rule.id == "mime.too-many-parts"
    assert refusal(body, TYPE.replace("outer", "other")).rule.id == "mime.too-many-parts"


@pytest.mark.parametrize(
    "line", [b"--outer\n", b"--outer \r\n", b"--outerx\r\n", b"--out\r\n", b"--\r\n", b"\n--", b"-"]
)
def test_a_megabyte_of_delimiter_lines_is_bounded(line: bytes) -> None:
    body = with_content(part("text/plain", "content", line * (1024 * 1024 // len(line))))
    try:
        envelope, _ = opened(body, TYPE)
    except AssertionError:
        raise
    except Exception:  # noqa: BLE001  # refused: what kind of refusal is what is asked next
        assert refusal(body, TYPE).rule.id == "mime.too-many-parts"
    else:
        assert sum(len(leaf.data) for leaf in envelope.leaves) <= len(body)


def test_a_body_that_never_ends_its_first_line_is_bounded() -> None:
    assert refusal(b"--" + b"a" * 5_000_000, TYPE).rule.id in ("mime.boundary-nowhere", "mime.envelope-nowhere")
