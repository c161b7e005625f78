"""Content from strangers' phones: what a browser is told of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, make_mocked_request

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
    response = await endpoint.handle(make_mocked_request("GET", f"/media/{token}", match_info={"token": token}))
    assert isinstance(response, web.Response)
    return response


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


FILM = bytes(range(256)) * 32 * 1024  # 8 MB: far more than the system's buffers take


@asynccontextmanager
async def serving_film(store: SqliteStore, *, most_held: int, piece_seconds: float) -> AsyncIterator[tuple[int, str]]:
    """A port, and the path of a large content."""
    await store.accept(mo(), [leaf("mo-1", data=FILM)], [])
    app = web.Application()
    app.add_routes(
        MediaEndpoint(store, Log(Lines(), FixedClock()), most_held=most_held, piece_seconds=piece_seconds).routes()
    )
    async with TestServer(app) as server:
        assert server.port is not None
        yield server.port, f"/media/{leaf('mo-1').token}"


async def head_of(
    port: int, path: str, method: str = "GET"
) -> tuple[bytes, asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return await reader.readuntil(b"\r\n\r\n"), reader, writer


@pytest.mark.requirement("U-15")
async def test_large_content_comes_whole_with_its_length(store: SqliteStore) -> None:
    async with serving_film(store, most_held=len(FILM), piece_seconds=5) as (port, path):
        for _ in range(2):  # what was held is given back
            head, reader, writer = await head_of(port, path)
            assert f"Content-Length: {len(FILM)}\r\n".encode() in head
            assert await reader.readexactly(len(FILM)) == FILM
            writer.close()
        head, _, writer = await head_of(port, path, "HEAD")
        assert f"Content-Length: {len(FILM)}\r\n".encode() in head
        writer.close()


@pytest.mark.requirement("U-15")
async def test_slow_readers_hold_no_more_than_there_is_room_for(store: SqliteStore) -> None:
    """Given room for one content and one who doesn't read it, when another asks, then it is told to come back."""
    async with serving_film(store, most_held=len(FILM), piece_seconds=5) as (port, path):
        head, _, slow = await head_of(port, path)
        assert head.startswith(b"HTTP/1.1 200")
        head, _, other = await head_of(port, path)
        assert head.startswith(b"HTTP/1.1 503")
        assert b"Retry-After: 5" in head
        slow.transport.abort()
        other.close()


@pytest.mark.requirement("U-15")
async def test_who_stops_reading_is_cut_off_and_its_room_is_given_back(store: SqliteStore) -> None:
    async with serving_film(store, most_held=len(FILM), piece_seconds=0.1) as (port, path):
        _, reader, slow = await head_of(port, path)
        async with asyncio.timeout(5):
            while not (again := await head_of(port, path))[0].startswith(b"HTTP/1.1 200"):
                again[2].close()
                await asyncio.sleep(0.02)
            again[2].close()
            with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                await reader.readexactly(len(FILM))
        slow.close()
