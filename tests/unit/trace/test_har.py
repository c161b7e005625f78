"""HAR files, as captures."""

import json

import pytest

from gateway.trace.har import HarError, captures_of


def har(*entries: object) -> bytes:
    return json.dumps({"log": {"entries": entries}}).encode()


def entry(**post: str) -> dict[str, object]:
    request = {"method": "POST", "url": "http://h.example/", "headers": [], "postData": post}
    return {"request": request, "response": {"status": 200, "headers": [], "content": {"text": "<a/>"}}}


def test_requests_come_before_their_responses_and_empty_ones_not_at_all() -> None:
    assert captures_of(har(entry(text="<b/>"))) == [
        b"POST http://h.example/ HTTP/1.1\r\n\r\n<b/>",
        b"HTTP/1.1 200 \r\n\r\n<a/>",
    ]
    assert len(captures_of(har(entry(text="")))) == 1


def test_a_header_with_an_empty_name_is_a_line_like_any_other() -> None:
    odd = entry(text="<b/>")
    odd["request"] = {"method": "POST", "url": "x", "headers": [{"name": "", "value": "v"}], "postData": {"text": "b"}}
    assert captures_of(har(odd))[0] == b"POST x HTTP/1.1\r\n: v\r\n\r\nb"


@pytest.mark.parametrize("data", [har(), har({"request": {}, "response": {}}), b"[" * 200_000])
def test_an_archive_without_a_body_or_without_an_end_is_an_error(data: bytes) -> None:
    with pytest.raises(HarError):
        captures_of(data)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b'{"log": 1}', har(1), har({"request": {}})])
def test_what_is_no_har_is_an_error(data: bytes) -> None:
    with pytest.raises(HarError):
        captures_of(data)


@pytest.mark.parametrize("text", ["€", "abc"])
def test_a_body_that_is_not_base64_is_an_error(text: str) -> None:
    with pytest.raises(HarError):
        captures_of(har(entry(text=text, encoding="base64")))
