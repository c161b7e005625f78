"""HAR files (HTTP Archive 1.2, as browsers and proxies write them) as captures: each request and each response."""

import base64
import binascii
import json
from typing import Any


class HarError(ValueError):
    """Not a HAR file; the text says where it stops being one."""


def captures_of(data: bytes) -> list[bytes]:
    """Every body of the archive with its start line and headers, requests before their responses. Raises HarError."""
    try:
        entries = json.loads(data)["log"]["entries"]
        captures = [
            capture
            for entry in entries
            for capture in (_request(entry["request"]), _response(entry["response"]))
            if capture
        ]
    except RecursionError as error:
        raise HarError("not a HAR file: it is nested too deep") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HarError(f"not a HAR file: {type(error).__name__} {error}") from error
    if not captures:
        raise HarError("none of its requests and responses has a body")
    return captures


def _request(request: dict[str, Any]) -> bytes:
    posted = request.get("postData") or {}
    body = _body(posted.get("text") or "", posted.get("encoding"))
    return _capture(f"{request['method']} {request['url']} HTTP/1.1", request["headers"], body) if body else b""


def _response(response: dict[str, Any]) -> bytes:
    content = response.get("content") or {}
    body = _body(content.get("text") or "", content.get("encoding"))
    return (
        _capture(f"HTTP/1.1 {response['status']} {response.get('statusText', '')}", response["headers"], body)
        if body
        else b""
    )


def _body(text: str, encoding: str | None) -> bytes:
    if encoding != "base64":
        return text.encode("utf-8", "surrogateescape")
    try:
        return base64.b64decode(text)
    except binascii.Error as error:
        raise HarError(f"a body is not base64: {error}") from error


def _capture(start_line: str, headers: list[dict[str, str]], body: bytes) -> bytes:
    # Names with a colon before them are HTTP/2's way to write the start line.
    lines = [start_line, *(f"{header['name']}: {header['value']}" for header in headers if header["name"][:1] != ":")]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
