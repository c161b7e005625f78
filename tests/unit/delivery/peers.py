"""Peers to post to: real servers on loopback, as well behaved or as broken as a test needs."""

from __future__ import annotations

import asyncio
import hashlib
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Talk = Callable[["Connection"], Awaitable[None]]


@dataclass
class Request:
    line: str
    headers: dict[str, str]
    body: bytes
    peer: str
    certificate: str | None


@dataclass
class Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    peer: Peer

    async def request(self) -> Request | None:
        """The next request, None where the other side has closed."""
        try:
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        line, *rest = head.rstrip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (text.partition(": ") for text in rest)}
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        certificate = self.writer.get_extra_info("peercert") or {}
        subject = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
        peer = self.writer.get_extra_info("peername")[0]
        request = Request(line, headers, body, peer, subject[0] if subject else None)
        self.peer.requests.append(request)
        return request

    async def answer(self, status: str = "200 OK", body: bytes = b"ok", **headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()


@dataclass
class Peer:
    url: str = ""
    port: int = 0
    connections: int = 0
    requests: list[Request] = field(default_factory=list)


@asynccontextmanager
async def serving(talk: Talk, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Peer]:
    """A server on loopback whose every connection is spoken to by `talk`."""
    peer = Peer()
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer.connections += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(ConnectionError, asyncio.CancelledError):
            await talk(Connection(reader, writer, peer))
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    peer.port = server.sockets[0].getsockname()[1]
    peer.url = f"{'https' if tls else 'http'}://{'localhost' if tls else '127.0.0.1'}:{peer.port}/mm7"
    try:
        yield peer
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def ok(connection: Connection) -> None:
    while await connection.request():
        await connection.answer()


def basic(expected: str) -> Talk:
    async def talk(connection: Connection) -> None:
        while request := await connection.request():
            if request.headers.get("authorization") == expected:
                await connection.answer()
            else:
                await connection.answer("401 Unauthorized", b"no", WWW_Authenticate='Basic realm="mm7"')

    return talk


def digest(username: str, password: str) -> Talk:
    """Checks RFC 7616 by hand, with a nonce for each connection."""

    async def talk(connection: Connection) -> None:
        challenge = 'Digest realm="mm7", nonce="n0nce", qop="auth", algorithm=SHA-256'
        while request := await connection.request():
            if _digest_is_right(request, username, password):
                await connection.answer()
            else:
                await connection.answer("401 Unauthorized", b"no", WWW_Authenticate=challenge)

    return talk


def _digest_is_right(request: Request, username: str, password: str) -> bool:
    sent = request.headers.get("authorization", "")
    values = dict(re.findall(r'(\w+)="?([^",]+)"?', sent))
    if not sent.startswith("Digest ") or values.get("username") != username:
        return False
    method, uri, _ = request.line.split(" ")
    secret = _sha(f"{username}:mm7:{password}")
    what = _sha(f"{method}:{uri}")
    return bool(values.get("response") == _sha(f"{secret}:n0nce:{values['nc']}:{values['cnonce']}:auth:{what}"))


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def proxy(connection: Connection) -> None:
    """Tunnels CONNECT, and answers an absolute-form request itself."""
    request = await connection.request()
    if request is None:
        return
    if not request.line.startswith("CONNECT "):
        await connection.answer(body=b"from the proxy")
        return
    host, _, port = request.line.split(" ")[1].rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    await connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
    try:
        await asyncio.gather(_pump(connection.reader, writer), _pump(reader, connection.writer))
    finally:
        writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
