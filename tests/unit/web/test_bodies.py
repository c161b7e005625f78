"""A request's body: whole, or refused for one clear reason, and what it takes of memory."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request

from gateway.mm7 import Unreadable
from gateway.web.bodies import read_body
from gateway.web.memory import Memory, Overloaded


def request(*chunks: bytes, error: Exception | None = None, **headers: str) -> web.Request:
    loop = asyncio.get_running_loop()
    stream = StreamReader(BaseProtocol(loop), 1 << 16, loop=loop)
    for chunk in chunks:
        stream.feed_data(chunk)
    if error is None:
        stream.feed_eof()
    else:
        stream.set_exception(error)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return make_mocked_request("POST", "/", headers=named, payload=stream)


async def read(asked: web.Request, limit: int = 100, most: int = 1000) -> bytes:
    memory = Memory(most)
    try:
        with memory.share() as share:
            return await read_body(asked, limit, share)
    finally:
        assert memory.held == 0


async def test_chunks_are_joined() -> None:
    assert await read(request(b"ab", b"cd")) == b"abcd"
    assert await read(request()) == b""
    assert await read(request(b"x", Content_Encoding=" Identity ")) == b"x"


@pytest.mark.requirement("U-15")
async def test_too_much_is_refused_when_it_is_announced_and_when_it_comes() -> None:
    with pytest.raises(Unreadable, match="101 bytes is announced"):
        await read(request(Content_Length="101"))
    with pytest.raises(Unreadable, match="the body is larger"):
        await read(request(b"x" * 101))
    assert await read(request(b"x" * 100, Content_Length="100")) == b"x" * 100


@pytest.mark.requirement("U-15")
async def test_too_much_of_all_together_is_refused() -> None:
    with pytest.raises(Overloaded):
        await read(request(b"x" * 51), most=50)
    assert await read(request(b"x" * 50), most=50) == b"x" * 50


async def test_compressed_is_unsupported() -> None:
    with pytest.raises(web.HTTPUnsupportedMediaType):
        await read(request(b"x", Content_Encoding="gzip"))


async def test_malformed_chunks_are_a_bad_request_and_a_gone_peer_is_gone() -> None:
    with pytest.raises(web.HTTPBadRequest):
        await read(request(error=web.RequestPayloadError("chunk")))
    with pytest.raises(ConnectionResetError):
        await read(request(error=ConnectionResetError()))


@pytest.mark.requirement("U-15")
def test_shares_are_of_one_memory_and_are_given_back() -> None:
    memory = Memory(10)
    with memory.share() as one, memory.share() as other:
        one.take(6)
        with pytest.raises(Overloaded):
            other.take(5)
        other.take(4)
        assert memory.held == 10
    assert memory.held == 0
