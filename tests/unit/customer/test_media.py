"""Content from strangers' phones: what a browser is told of it."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from gateway.clock import FixedClock
from gateway.customer.media import MediaEndpoint, headers_of
from gateway.log import Log
from gateway.store.records import Part
from gateway.store.sqlite import SqliteStore
from gateway.store.store import ContentDamaged, StoreFailed
from tests.unit.making import leaf, mo


class Lines(list[str]):
    def write(self, line: str, /) -> None:
        self.append(line)


def part(media_type: str, name: str | None = None, location: str | None = None, content_id: str | None = None) -> Part:
    return Part(
        tracking_id="mo-1",
        position=3,
        media_type=media_type,
        name=name,
        content_id=content_id,
        content_location=location,
        size=1,
        sha256="",
        token="t",
    )


@pytest.mark.parametrize(
    "media_type", ["image/png", "IMAGE/JPEG", "audio/amr", "video/3gpp", "text/plain; charset=utf-8"]
)
def test_what_can_only_be_looked_at_is_shown(media_type: str) -> None:
    headers = headers_of(part(media_type))
    assert headers["Content-Disposition"].startswith("inline;")
    assert headers["Content-Type"] == media_type


@pytest.mark.parametrize(
    "media_type",
    [
        "image/svg+xml", "image/SVG+XML; charset=utf-8", "text/html", "text/xml", "application/xhtml+xml",
        "application/pdf", "application/smil", "text/x-vcard", "text/javascript", "application/octet-stream",
        "multipart/mixed", "", "image", "image/", "/png",
    ],
)  # fmt: skip
def test_what_could_do_something_is_never_shown(media_type: str) -> None:
    assert headers_of(part(media_type))["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize("media_type", ["text/html", "image/png", "nonsense", "image/png\r\nSet-Cookie: a=b"])
def test_a_browser_neither_guesses_nor_runs_nor_tells(media_type: str) -> None:
    headers = headers_of(part(media_type))
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"].startswith("private")


@pytest.mark.parametrize(
    "media_type", ["image/png\r\nSet-Cookie: a=b", "image/png\x00", "imäge/png", "image/png ; ä", "a b/c"]
)
def test_a_type_that_no_header_can_carry_is_none(media_type: str) -> None:
    assert headers_of(part(media_type))["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("names", "disposition"),
    [
        ({"name": "a.png"}, "a.png"),
        ({"location": "b.png"}, "b.png"),
        ({"content_id": "c"}, "c"),
        ({}, "part3"),
        ({"name": 'q".png\r\nX: y'}, "q%22.png%0D%0AX%3A%20y"),
        ({"name": "../../grün.png"}, "..%2F..%2Fgr%C3%BCn.png"),
        ({"name": "\udcff.png"}, "%3F.png"),
    ],
)
def test_names_are_encoded(names: dict[str, str], disposition: str) -> None:
    assert headers_of(part("image/png", **names))["Content-Disposition"] == f"inline; filename*=UTF-8''{disposition}"


async def fetched(store: SqliteStore, token: str, lines: Lines) -> web.Response:
    endpoint = MediaEndpoint(store, Log(lines, FixedClock()))
    return await endpoint.handle(make_mocked_request("GET", f"/media/{token}", match_info={"token": token}))


async def test_a_part_is_found_by_its_token_only(store: SqliteStore) -> None:
    await store.accept(mo(), [leaf("mo-1")], [])
    token = leaf("mo-1").token
    response = await fetched(store, token, Lines())
    assert (response.status, response.body) == (200, b"hello")
    for wrong in (
        token[:-1],
        token + "0",
        token.upper(),
        "mo-1.0.",
        "mo-1.0",
        "mo-1",
        "mo-1.1.secret-0",
        "x" * 300,
        "",
    ):
        assert (await fetched(store, wrong, Lines())).status == 404


@pytest.mark.parametrize(
    ("error", "status", "event"),
    [(ContentDamaged("content ab is missing"), 500, "content.damaged"), (StoreFailed("no disk"), 503, "store.failed")],
)
async def test_what_the_store_can_not_give_is_said_and_logged(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, event: str
) -> None:
    async def fail(_token: str) -> None:
        raise error

    monkeypatch.setattr(store, "part", fail)
    lines = Lines()
    assert (await fetched(store, "mo-1.0.secret", lines)).status == status
    (line,) = lines
    assert f'"event":"{event}"' in line
    assert "secret" not in line
