"""Captured exchanges in files: with a start line, with headers, or a body alone."""

import pytest

from gateway.mm7.capture import read_capture


@pytest.mark.requirement("U-08")
@pytest.mark.parametrize(
    ("data", "start_line", "content_type", "body"),
    [
        (b"POST /mm7 HTTP/1.1\r\nContent-Type: text/xml\r\n\r\n<a/>", "POST /mm7 HTTP/1.1", "text/xml", b"<a/>"),
        (b"\nHTTP/1.1 200 OK\nContent-Type: text/xml\n\n<a/>", "HTTP/1.1 200 OK", "text/xml", b"<a/>"),
        (b"Content-Type: text/xml\n\n<a/>", "", "text/xml", b"<a/>"),
        (b"POST /mm7 HTTP/1.1\r\n\r\n<a/>", "POST /mm7 HTTP/1.1", None, b"<a/>"),
        (b"<a/>", "", "text/xml", b"<a/>"),
        (b"\xef\xbb\xbf <a/>", "", "text/xml", b"\xef\xbb\xbf <a/>"),
        (b"--b c\r\n\r\nx\r\n--b c--", "", 'multipart/related; boundary="b c"', b"--b c\r\n\r\nx\r\n--b c--"),
        (b"hello", "", None, b"hello"),
    ],
)
def test_a_capture_is_split(data: bytes, start_line: str, content_type: str | None, body: bytes) -> None:
    capture = read_capture(data)
    assert (capture.start_line, capture.content_type, capture.body) == (start_line, content_type, body)
    assert data[capture.body_offset :] == body
    assert capture.is_response is start_line.startswith("HTTP/")


def test_headers_beyond_the_limit_are_left_in_the_body() -> None:
    capture = read_capture(b"POST / HTTP/1.1\n" + b"A: 1\n" * 100)
    assert (capture.headers, capture.body[:4]) == ({}, b"A: 1")
