"""A running gateway for tests: real sockets, a real store in a temporary directory, and on both sides of it a peer that
does what a test scripts. The peers write MM7 by hand and read it with requests-toolbelt and the standard library, so
nothing here would agree with a fault of our codec.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import sqlite3
import ssl
import xml.etree.ElementTree as ET
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from aiohttp import web
from requests_toolbelt import MultipartDecoder

from gateway.app import Gateway, Surroundings
from gateway.clock import Clock, CountingIds, FixedClock, Ids
from gateway.config import load
from gateway.router.incoming import Address, NewMT
from gateway.store.records import Media

T = TypeVar("T")

PATIENCE = 15.0
HANDSET, OTHER_HANDSET, SHORT_CODE = "15555550100", "15555550101", "28444"
SUBJECT = "Greetings-from-the-sea"
BASE = "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/"
NEWEST = BASE + "REL-6-MM7-1-4"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100  # larger than what lies in a row of the store


async def eventually(look: Callable[[], T | None], what: str = "") -> T:
    """What `look` finds, once it finds something."""

    async def looked() -> T | None:
        return look()

    return await eventually_so(looked, what)


async def eventually_so(look: Callable[[], Awaitable[T | None]], what: str = "") -> T:
    """What `look` finds, once it finds something that counts as true."""
    try:
        async with asyncio.timeout(PATIENCE):
            # What is waited for sets no event: it happens behind sockets.
            while not (found := await look()):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            return found
    except TimeoutError:
        raise AssertionError(f"it did not happen: {what or look}") from None


# --- MM7 by hand


def envelope(operation: str, body: str, transaction_id: str = "txn-1", namespace: str = NEWEST) -> bytes:
    header = f'<mm7:TransactionID xmlns:mm7="{namespace}" env:mustUnderstand="1">{transaction_id}</mm7:TransactionID>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="{SOAP}"><env:Header>{header}</env:Header>'
        f'<env:Body><{operation} xmlns="{namespace}">{body}</{operation}></env:Body></env:Envelope>'
    ).encode()


def status(operation: str, code: int, transaction_id: str, extra: str = "", text: str = "Said so") -> bytes:
    body = f"<MM7Version>6.8.0</MM7Version><Status><StatusCode>{code}</StatusCode><StatusText>{text}</StatusText>"
    return envelope(operation, f"{body}</Status>{extra}", transaction_id)


def fault(code: int, transaction_id: str) -> bytes:
    detail = status("RSErrorRsp", code, transaction_id).decode()
    inner = detail[detail.index("<RSErrorRsp") : detail.index("</env:Body>")]
    whole = (
        f"<env:Fault><faultcode>env:Client</faultcode><faultstring>no</faultstring><detail>{inner}</detail></env:Fault>"
    )
    return detail.replace(inner, whole).encode()


def deliver(
    transaction_id: str = "txn-mo", *, to: str = SHORT_CODE, namespace: str = NEWEST, version: str = "6.8.0"
) -> bytes:
    body = (
        f"<MM7Version>{version}</MM7Version><MMSRelayServerID>relay</MMSRelayServerID><LinkedID>link-1</LinkedID>"
        f"<Sender><Number>{HANDSET}</Number></Sender>"
        f"<Recipients><To><ShortCode>{to}</ShortCode></To></Recipients>"
        f"<TimeStamp>2026-01-01T00:00:00Z</TimeStamp><Priority>Normal</Priority><Subject>{SUBJECT}</Subject>"
        '<Content href="cid:content"/>'
    )
    return envelope("DeliverReq", body, transaction_id, namespace)


def report(
    message_id: str,
    mm_status: str = "Retrieved",
    transaction_id: str = "txn-report",
    *,
    namespace: str = NEWEST,
    version: str = "6.8.0",
) -> bytes:
    body = (
        f"<MM7Version>{version}</MM7Version><MMSRelayServerID>relay</MMSRelayServerID><MessageID>{message_id}</MessageID>"
        f"<Recipient><Number>{HANDSET}</Number></Recipient><Sender><ShortCode>{SHORT_CODE}</ShortCode></Sender>"
        f"<Date>2026-01-01T00:00:00Z</Date><MMStatus>{mm_status}</MMStatus>"
    )
    return envelope("DeliveryReportReq", body, transaction_id, namespace)


def read_reply(
    message_id: str, transaction_id: str = "txn-read", *, namespace: str = NEWEST, version: str = "6.8.0"
) -> bytes:
    body = (
        f"<MM7Version>{version}</MM7Version><MMSRelayServerID>relay</MMSRelayServerID><MessageID>{message_id}</MessageID>"
        f"<Recipient><Number>{HANDSET}</Number></Recipient><Sender><ShortCode>{SHORT_CODE}</ShortCode></Sender>"
        "<TimeStamp>2026-01-01T00:00:00Z</TimeStamp><MMStatus>Read</MMStatus>"
    )
    return envelope("ReadReplyReq", body, transaction_id, namespace)


def related(xml: bytes, picture: bytes = PICTURE) -> tuple[bytes, str]:
    """An envelope with a picture beside it in a multipart of its own: body, and its Content-Type."""
    inner = b"--in\r\nContent-Type: image/png; name=sea.png\r\nContent-ID: <sea>\r\n\r\n" + picture + b"\r\n--in--\r\n"
    body = (
        b"--out\r\nContent-Type: text/xml; charset=utf-8\r\nContent-ID: <env>\r\n\r\n" + xml + b"\r\n--out\r\n"
        b"Content-Type: multipart/mixed; boundary=in\r\nContent-ID: <content>\r\n\r\n" + inner + b"\r\n--out--\r\n"
    )
    return body, 'multipart/related; type="text/xml"; start="<env>"; boundary=out'


def said(body: bytes) -> dict[str, str]:
    """Every text of an answer by its element's local name, and `namespace`, `operation`."""
    root = ET.fromstring(body)
    found = {element.tag.rpartition("}")[2]: (element.text or "").strip() for element in root.iter()}
    operation = root.find(f"{{{SOAP}}}Body/*")
    assert operation is not None
    if operation.tag.endswith("Fault"):
        operation = next(iter(root.iter("detail")))[0]
    return found | {
        "namespace": operation.tag[1:].partition("}")[0],
        "operation": operation.tag.rpartition("}")[2],
        "header": next(
            (element.tag[1:].partition("}")[0] for element in root.iter() if element.tag.endswith("}TransactionID")), ""
        ),
    }


@dataclass(frozen=True)
class Submit:
    """A request as the carrier got it."""

    headers: Mapping[str, str]
    body: bytes
    peer: tuple[str, int] = ("", 0)
    certificate: str = ""

    @property
    def texts(self) -> dict[str, str]:
        return said(self.parts[0][1])

    @property
    def parts(self) -> list[tuple[str, bytes]]:
        """Media type and content of every leaf, the envelope first: by requests-toolbelt outside, by email inside."""
        outer = MultipartDecoder(self.body, self.headers["Content-Type"]).parts
        found: list[tuple[str, bytes]] = []
        for part in outer:
            head = b"".join(name + b": " + value + b"\r\n" for name, value in part.headers.items())
            message = email.message_from_bytes(head + b"\r\n" + part.content, policy=email.policy.HTTP)
            if message.is_multipart():
                inner = MultipartDecoder(part.content, part.headers[b"Content-Type"].decode()).parts
                found += [(leaf.headers[b"Content-Type"].decode(), leaf.content) for leaf in inner]
            else:
                found.append((message.get_content_type(), part.content))
        return found


# --- the peers

Answer = Callable[[Submit], Awaitable[web.StreamResponse]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def xml(body: Callable[[str], bytes], http_status: int = 200, **headers: str) -> Answer:
    """An answer made of the request's TransactionID."""

    async def answer(submit: Submit) -> web.Response:
        return web.Response(
            status=http_status,
            body=body(submit.texts["TransactionID"]),
            headers={"Content-Type": "text/xml; charset=utf-8", **headers},
        )

    return answer


def took(message_id: str = "acme-1", code: int = 1000) -> Answer:
    return xml(lambda tid: status("SubmitRsp", code, tid, f"<MessageID>{message_id}</MessageID>"))


def plain(http_status: int, body: bytes = b"", content_type: str = "text/html", **headers: str) -> Answer:
    async def answer(_submit: Submit) -> web.Response:
        return web.Response(status=http_status, body=body, headers={"Content-Type": content_type, **headers})

    return answer


async def reset(_submit: Submit) -> web.StreamResponse:
    """Read it and hang up."""
    raise _HangUp


async def nothing(_submit: Submit) -> web.StreamResponse:
    await asyncio.sleep(3600)
    raise AssertionError


class _HangUp(Exception):
    pass


@dataclass
class FakeCarrier:
    """Answers submits by its script, and 1000 with MessageID `acme-N` when that is used up."""

    url: str = ""
    script: deque[Answer] = field(default_factory=deque)
    submits: list[Submit] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        certificate = (request.get_extra_info("peercert") or {}).get("subject", ())
        names = [value for part in certificate for key, value in part if key == "organizationalUnitName"]
        peer = request.get_extra_info("peername")
        submit = Submit(request.headers.copy(), await request.read(), peer[:2], names[0] if names else "")
        self.submits.append(submit)
        answer = self.script.popleft() if self.script else took(f"acme-{len(self.submits)}")
        try:
            return await answer(submit)
        except _HangUp:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()


@dataclass
class FakeApplication:
    """Takes postbacks; answers with the statuses of its script, then with 200. `asleep` delays every answer."""

    url: str = ""
    script: deque[int] = field(default_factory=deque)
    postbacks: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    asleep: float = 0.0

    async def handle(self, request: web.Request) -> web.Response:
        self.headers.append(dict(request.headers))
        self.connections.add(request.get_extra_info("peername")[:2])
        self.postbacks.append(json.loads(await request.read()))
        code = self.script.popleft() if self.script else 200
        await asyncio.sleep(self.asleep)
        return web.Response(status=code)

    async def told(self, code: str) -> dict[str, Any]:
        return await eventually(
            lambda: next((postback for postback in self.postbacks if postback["code"] == code), None),
            f"{code} among {[postback['code'] for postback in self.postbacks]}",
        )

    async def told_times(self, count: int) -> None:
        await eventually(lambda: len(self.postbacks) >= count, f"{count} postbacks, not {len(self.postbacks)}")


@asynccontextmanager
async def served(path: str, handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    app = web.Application(client_max_size=32 * 1024 * 1024)
    app.router.add_post(path, handler)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    scheme, host = ("https", "localhost") if tls else ("http", "127.0.0.1")
    try:
        yield f"{scheme}://{host}:{runner.addresses[0][1]}{path}"
    finally:
        await runner.cleanup()


# --- the gateway between them


@dataclass
class Lines:
    """The log, as a sink."""

    text: str = ""

    def write(self, line: str, /) -> object:
        self.text += line
        return None

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in map(json.loads, self.text.splitlines()) if line["event"] == name]


@dataclass
class House:
    """A running gateway, its two peers, and what a test asks of them."""

    folder: Path
    carrier: FakeCarrier
    application: FakeApplication
    clock: FixedClock
    log: Lines
    client: aiohttp.ClientSession
    gateway: Gateway = field(init=False)
    around: Surroundings = field(init=False)

    @property
    def url(self) -> str:
        return f"http://{self.gateway.public}"

    @property
    def port(self) -> int:
        assert self.gateway.public is not None
        return self.gateway.public.port

    async def open(self) -> None:
        self.gateway = await Gateway.open(load(self.folder / "gateway.toml", {}), self.around)
        await self.gateway.start()

    async def restart(self) -> None:
        await self.gateway.stop()
        await self.open()

    async def submit(self, *to: str, text: str = "Hello", picture: bytes | None = PICTURE) -> str:
        """Accept an MT of the account; returns its tracking id."""
        media = [Media(media_type="text/plain; charset=utf-8", data=text.encode(), content_id="text.txt")]
        if picture is not None:
            media.append(Media(media_type="image/png", data=picture, content_id="sea.png"))
        recipients = tuple(Address(number) for number in to or (HANDSET,))
        message = NewMT(account="shop", sender=SHORT_CODE, recipients=recipients, media=tuple(media), subject=SUBJECT)
        return (await self.gateway.router.accept_mt(message)).tracking_id

    async def post(
        self,
        body: bytes,
        content_type: str | None = "text/xml; charset=utf-8",
        path: str = "/carrier/acme",
        **more: str,
    ) -> tuple[int, bytes, Mapping[str, str]]:
        headers = more | ({"Content-Type": content_type} if content_type else {})
        skip = () if content_type else ("Content-Type",)
        async with self.client.post(self.url + path, data=body, headers=headers, skip_auto_headers=skip) as response:
            return response.status, await response.read(), response.headers

    async def metrics(self) -> str:
        async with self.client.get(f"http://{self.gateway.operator}/metrics") as response:
            return await response.text()

    async def counted(self, sample: str) -> float:
        """The value of a metric's sample, 0 where it is absent."""
        lines = (line.rpartition(" ") for line in (await self.metrics()).splitlines())
        return next((float(value) for name, _, value in lines if name == sample), 0.0)

    async def state(self, tracking_id: str) -> str:
        """The state of a message's first recipient."""
        message = await self.gateway._store.message(tracking_id)
        assert message is not None
        return str(message.recipients[0].state)

    async def reaches(self, tracking_id: str, state: str) -> None:
        async def there() -> bool:
            return await self.state(tracking_id) == state

        await eventually_so(there, state)

    def stored(self) -> dict[str, int]:
        """How many rows each table has, and `content` where any lies in files: nothing where nothing is stored."""
        with closing(sqlite3.connect(self.folder / "gateway.db")) as db:
            tables = ("message", "recipient", "part", "report", "work")
            rows = {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
        files = any(path.is_file() and path.stat().st_size for path in self.folder.glob("gateway.db.media/*.pack"))
        return {name: count for name, count in (rows | {"content": int(files)}).items() if count}


SETTINGS = """
[server]
listen = "127.0.0.1:0"
operator_listen = "127.0.0.1:0"
{server}
[store]
url = "sqlite:///gateway.db"

[[carrier]]
name = "acme"
url = "{carrier}"
profile = "3gpp-6.8.0"
vaspid = "vasp"
vasid = "28444mms"
connect_timeout = 5
response_timeout = {response_timeout}
{link}

[[route]]
carrier = "acme"

[[account]]
name = "shop"
senders = ["28444"]
postback_url = "{application}"
{more}
"""


@asynccontextmanager
async def running(
    folder: Path,
    *,
    link: str = "",
    server: str = "",
    more: str = "",
    carrier_url: str | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
    body_seconds: float = 60.0,
    response_timeout: int = 5,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[House]:
    """A gateway between a fake carrier and a fake application. `link` are settings of its carrier."""
    carrier, application, fixed, log = FakeCarrier(), FakeApplication(), FixedClock(), Lines()
    async with (
        served("/mm7", carrier.handle, tls) as carrier.url,
        served("/postbacks", application.handle) as application.url,
        aiohttp.ClientSession() as client,
    ):
        text = SETTINGS.format(
            server=server,
            link=link,
            more=more,
            carrier=carrier_url or carrier.url,
            application=application.url,
            response_timeout=response_timeout,
        )
        (folder / "gateway.toml").write_text(text)
        house = House(folder, carrier, application, fixed, log, client)
        house.around = Surroundings(
            log, clock or fixed, ids or CountingIds(), dice=lambda: 0.0, body_seconds=body_seconds, owner="node"
        )
        await house.open()
        try:
            yield house
        finally:
            await house.gateway.stop()
