"""What is no good, over raw sockets: each gets its HTTP status, and its Fault where it is MM7; is counted and logged
without numbers or content; and leaves nothing stored."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import json
import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.mm7.limits import MAX_BODY
from gateway.store.store import StoreBusy, StoreFailed
from tests.integration.running import (
    HANDSET,
    NEWEST,
    PICTURE,
    SUBJECT,
    House,
    deliver,
    envelope,
    eventually,
    related,
    running,
    said,
)

XML = "text/xml; charset=utf-8"
SECRET = "Basic " + base64.b64encode(b"acme:wrong").decode()


@dataclass(frozen=True)
class Heard:
    """A raw answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def fault(self) -> dict[str, str]:
        return said(self.body)


async def talk(house: House, *pieces: bytes, pause: float = 0.0) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    await say(writer, pieces, pause)
    return reader, writer


async def say(writer: asyncio.StreamWriter, pieces: Iterable[bytes], pause: float = 0.0) -> None:
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        if pause:
            await asyncio.sleep(pause)


async def hear(reader: asyncio.StreamReader) -> Heard:
    async with asyncio.timeout(10):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *rest = head.rstrip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (text.partition(": ") for text in rest)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Heard(int(line.split(" ")[1]), headers, body)


async def exchange(house: House, request: bytes) -> Heard:
    reader, writer = await talk(house, request)
    try:
        return await hear(reader)
    finally:
        writer.close()


def request(
    body: bytes, content_type: str = XML, *more: str, path: str = "/carrier/acme", method: str = "POST"
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: gateway", f"Content-Type: {content_type}", *more]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def good() -> tuple[bytes, str]:
    return related(deliver("txn-good"))


async def refused(house: House, face: str, status: int) -> None:
    """HTTP itself refused: counted, logged, and nothing stored."""
    assert await house.counted(f'mm7_rejected_total{{face="{face}",status="{status}"}}') == 1
    (line,) = house.log.events("exchange.rejected")
    assert line["http_status"] == status
    silent(house)


async def faulted(house: House, heard: Heard, code: int, operation: str = "unknown") -> None:
    """It was MM7 enough for a Fault: counted by its code, logged, and nothing stored."""
    assert heard.fault["StatusCode"] == str(code)
    assert heard.fault["operation"] == "VASPErrorRsp"
    sample = f'mm7_answered_total{{code="{code}",face="carrier",operation="{operation}"}}'
    assert await house.counted(sample) == 1
    (line,) = house.log.events("exchange.rejected")
    assert (line["code"], line["http_status"], line["carrier"]) == (code, heard.status, "acme")
    silent(house)


def silent(house: House) -> None:
    for word in (HANDSET, SUBJECT, "wrong", "acme:", SECRET):
        assert word not in house.log.text
    assert all(isinstance(json.loads(line), dict) for line in house.log.text.splitlines())
    assert house.stored() == {}


# --- not even HTTP, or not for us


@pytest.mark.requirement("U-13")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_a_wrong_method_is_405_and_is_told_the_right_one(house: House, method: str) -> None:
    heard = await exchange(house, request(b"", method=method))
    assert (heard.status, heard.headers["allow"]) == (405, "POST")
    await refused(house, "carrier", 405)


async def test_an_unknown_carrier_is_404(house: House) -> None:
    body, content_type = good()
    heard = await exchange(house, request(body, content_type, path="/carrier/nobody"))
    assert heard.status == 404
    await refused(house, "carrier", 404)


@pytest.mark.parametrize("path", ["/", "/carrier", "/carrier/acme/more", f"/{HANDSET}", "/admin"])
async def test_an_unknown_path_is_404(house: House, path: str) -> None:
    assert (await exchange(house, request(b"", path=path))).status == 404
    assert len(house.log.events("exchange.rejected")) == 1
    silent(house)


@pytest.mark.parametrize(
    "path",
    [
        "/media/../gateway.toml",
        "/media/..%2fgateway.toml",
        "/media/%2e%2e/%2e%2e/etc/passwd",
        "/media/....//gateway.db",
        "/media/x",
        "/media/msg.0",
        "/media/msg.0.%00",
        "/media/msg.99999999999999999999.token",
        "/media/" + "a" * 2000,
        "/media/%ff%fe",
    ],
)
async def test_a_path_out_of_media_leads_nowhere(house: House, path: str) -> None:
    assert (await exchange(house, request(b"", path=path, method="GET"))).status == 404
    silent(house)


async def test_two_content_lengths_are_400(house: House) -> None:
    body, content_type = good()
    heard = await exchange(house, request(body, content_type, "Content-Length: 3"))
    assert heard.status == 400
    await refused(house, "http", 400)


@pytest.mark.parametrize("value", ["-1", "ten", "1e3", "", "0x10", "5 5"])
async def test_a_content_length_that_is_no_length_is_400(house: House, value: str) -> None:
    head = f"POST /carrier/acme HTTP/1.1\r\nHost: x\r\nContent-Type: {XML}\r\nContent-Length: {value}\r\n\r\n"
    assert (await exchange(house, head.encode())).status == 400
    await refused(house, "http", 400)


async def test_both_a_length_and_chunks_are_400(house: House) -> None:
    heard = await exchange(house, request(b"0\r\n\r\n", XML, "Transfer-Encoding: chunked"))
    assert heard.status == 400
    await refused(house, "http", 400)


@pytest.mark.parametrize(
    "header", ["X-Long: " + "a" * 10_000, *["\r\n".join(f"X-{n}: 1" for n in range(200))]], ids=["long", "many"]
)
async def test_headers_that_are_too_large_are_400(house: House, header: str) -> None:
    body, content_type = good()
    heard = await exchange(house, request(body, content_type, f"X-Number: {HANDSET}", header))
    assert heard.status == 400
    await refused(house, "http", 400)


async def test_a_request_line_that_is_too_long_is_400(house: House) -> None:
    assert (await exchange(house, request(b"", path="/carrier/" + "a" * 10_000))).status == 400
    await refused(house, "http", 400)


async def test_what_is_not_http_is_400_and_the_log_does_not_quote_it(house: House) -> None:
    heard = await exchange(house, f"{HANDSET} {SUBJECT}\r\n\r\n".encode())
    assert heard.status == 400
    await refused(house, "http", 400)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "x-whatever"])
async def test_a_compressed_body_is_415(house: House, encoding: str) -> None:
    heard = await exchange(house, request(gzip.compress(good()[0]), good()[1], f"Content-Encoding: {encoding}"))
    assert heard.status == 415
    await refused(house, "carrier", 415)


async def test_malformed_chunks_are_refused_when_patience_ends(impatient: House) -> None:
    """aiohttp's C parser forgets the body that it found malformed: only the clock tells. Its other one says 400."""
    house = impatient
    head = f"POST /carrier/acme HTTP/1.1\r\nHost: x\r\nContent-Type: {XML}\r\nTransfer-Encoding: chunked\r\n\r\n"
    reader, writer = await talk(house, head.encode(), b"zz\r\nnot a chunk\r\n", pause=0.05)
    assert (await hear(reader)).status in (400, 408)
    writer.close()
    assert len(house.log.events("exchange.rejected")) == 1
    silent(house)


# --- bodies that are too large, too slow, or end too soon


@pytest.mark.requirement("U-15")
async def test_a_gigabyte_that_is_announced_is_413_before_it_is_read(house: House) -> None:
    reader, writer = await talk(
        house, request(b"", good()[1]).replace(b"Content-Length: 0", b"Content-Length: 1073741824")
    )
    heard = await hear(reader)
    assert heard.status == 413
    assert heard.headers["connection"] == "close"
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()
    await faulted(house, heard, 2004)


@pytest.mark.requirement("U-15")
async def test_chunks_beyond_the_limit_are_413(house: House) -> None:
    head = f"POST /carrier/acme HTTP/1.1\r\nHost: x\r\nContent-Type: {good()[1]}\r\nTransfer-Encoding: chunked\r\n\r\n"
    reader, writer = await talk(house, head.encode())
    megabyte = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
    with contextlib.suppress(ConnectionError):
        await say(writer, [megabyte] * (MAX_BODY // (1 << 20) + 1))
    heard = await hear(reader)
    writer.close()
    assert heard.status == 413
    await faulted(house, heard, 2004)


@pytest.fixture
async def impatient(tmp_path: Path) -> AsyncIterator[House]:
    async with running(tmp_path, body_seconds=0.2) as house:
        yield house


async def test_a_body_that_comes_too_slowly_is_408(impatient: House) -> None:
    body, content_type = good()
    reader, writer = await talk(impatient, request(body, content_type)[:-100])
    assert (await hear(reader)).status == 408
    writer.close()
    await refused(impatient, "carrier", 408)


async def test_a_body_whose_sender_hangs_up_is_counted_and_leaves_nothing(house: House) -> None:
    body, content_type = good()
    _, writer = await talk(house, request(body, content_type)[:-100], pause=0.1)
    writer.transport.abort()
    await eventually(lambda: house.log.events("exchange.rejected"))
    assert await house.counted('mm7_rejected_total{face="carrier",status="gone"}') == 1
    silent(house)


async def test_a_multipart_that_was_cut_is_refused(house: House) -> None:
    """A Content-Length that is right, and a body that ends in the middle of the picture."""
    body, content_type = good()
    heard = await exchange(house, request(body[:-2000], content_type))
    assert heard.status == 500
    await faulted(house, heard, 2004, "DeliverReq")
    assert heard.fault["TransactionID"] == "txn-good"


# --- no MM7


async def test_no_body_is_a_fault(house: House) -> None:
    heard = await exchange(house, request(b""))
    assert heard.status == 500
    await faulted(house, heard, 4004)


async def test_a_type_that_is_no_soap_is_a_fault(house: House) -> None:
    heard = await exchange(house, request(PICTURE, "image/png"))
    assert heard.status == 500
    await faulted(house, heard, 4004)


async def test_a_boundary_that_is_not_in_the_body_and_no_other_either_is_a_fault(house: House) -> None:
    heard = await exchange(house, request(b"nothing here that begins a line with dashes", good()[1]))
    assert heard.status == 500
    await faulted(house, heard, 4004)


async def test_a_wrong_boundary_is_seen_through(house: House) -> None:
    """Lenient where the first delimiter tells which is right: the message is whole."""
    body, content_type = good()
    heard = await exchange(house, request(body, content_type.replace("boundary=out", "boundary=typo")))
    assert (heard.status, said(heard.body)["StatusCode"]) == (200, "1000")


async def test_an_entity_bomb_is_a_fault_and_costs_nothing(house: House) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY e0 "ha">{entities}]><b>&e11;</b>'
    heard = await exchange(house, request(bomb.encode()))
    assert heard.status == 500
    await faulted(house, heard, 4004)


async def test_an_external_entity_is_a_fault_and_is_not_fetched(house: House) -> None:
    bomb = f'<!DOCTYPE b [<!ENTITY x SYSTEM "{house.url}/healthz">]><b>&x;</b>'
    heard = await exchange(house, request(bomb.encode()))
    await faulted(house, heard, 4004)
    assert b"alive" not in heard.body


async def test_an_unknown_operation_is_4003(house: House) -> None:
    heard = await exchange(house, request(envelope("FlyReq", "<MM7Version>6.8.0</MM7Version>", "txn-fly")))
    assert heard.status == 500
    await faulted(house, heard, 4003)
    assert heard.fault["TransactionID"] == "txn-fly"


async def test_an_operation_that_is_not_for_a_vasp_is_4003(house: House) -> None:
    cancel = "<MM7Version>6.8.0</MM7Version><MessageID>m-1</MessageID>"
    heard = await exchange(house, request(envelope("CancelReq", cancel, "txn-cancel")))
    await faulted(house, heard, 4003, "CancelReq")
    assert heard.fault["namespace"] == NEWEST


@pytest.mark.parametrize("missing", ["MessageID"])
async def test_a_report_about_nothing_is_4004(house: House, missing: str) -> None:
    report = "<MM7Version>6.8.0</MM7Version><MMStatus>Retrieved</MMStatus>"
    heard = await exchange(house, request(envelope("DeliveryReportReq", report, "txn-report")))
    await faulted(house, heard, 4004, "DeliveryReportReq")
    assert missing in heard.body.decode()


async def test_a_request_without_a_transaction_id_gets_a_fault_without_detail(house: House) -> None:
    body, content_type = related(re.sub(rb"<env:Header>.*</env:Header>", b"<env:Header/>", deliver()))
    heard = await exchange(house, request(body, content_type))
    assert heard.status == 500
    assert b"Client.TransactionID" in heard.body
    assert b"StatusCode" not in heard.body
    assert await house.counted('mm7_answered_total{code="4004",face="carrier",operation="DeliverReq"}') == 1
    silent(house)


# --- who may not


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[House]:
    (tmp_path / "inbound").write_text("right")
    async with running(tmp_path, link='inbound_username = "acme"\ninbound_password_file = "inbound"') as house:
        yield house


@pytest.mark.requirement("M-14")
@pytest.mark.parametrize(
    "presented", [None, SECRET, "Basic", "Basic !!!", "Bearer x", "Digest username=acme", "Basic é"]
)
async def test_wrong_credentials_are_401_with_a_challenge_and_4001(guarded: House, presented: str | None) -> None:
    body, content_type = good()
    heard = await exchange(
        guarded, request(body, content_type, *([f"Authorization: {presented}"] if presented else []))
    )
    assert heard.status == 401
    assert heard.headers["www-authenticate"].startswith("Basic realm=")
    await faulted(guarded, heard, 4001)


@pytest.mark.requirement("M-14")
async def test_right_credentials_are_let_in(guarded: House) -> None:
    body, content_type = good()
    token = base64.b64encode(b"acme:right").decode()
    assert (await exchange(guarded, request(body, content_type, f"Authorization: Basic {token}"))).status == 200
    assert token not in guarded.log.text


@pytest.mark.requirement("M-14")
async def test_a_wrong_network_is_403(tmp_path: Path) -> None:
    async with running(tmp_path, link='inbound_allow = ["192.0.2.0/24"]') as house:
        body, content_type = good()
        heard = await exchange(house, request(body, content_type, "X-Forwarded-For: 192.0.2.1"))
        assert heard.status == 403
        await faulted(house, heard, 4007)


@pytest.mark.requirement("M-14")
async def test_behind_a_trusted_proxy_the_network_is_that_of_whom_it_names(tmp_path: Path) -> None:
    link, server = 'inbound_allow = ["192.0.2.0/24"]', 'trusted_proxies = ["127.0.0.1/32"]'
    async with running(tmp_path, link=link, server=server) as house:
        body, content_type = good()
        spoofed = await exchange(house, request(body, content_type, "X-Forwarded-For: 192.0.2.1, 198.51.100.7"))
        assert spoofed.status == 403
        heard = await exchange(house, request(body, content_type, "X-Forwarded-For: 198.51.100.7, 192.0.2.1"))
        assert heard.status == 200


# --- odd, and all the same right


async def stored_once(house: House) -> None:
    """The message of `good` lies in the store, whole."""
    assert house.stored() == {"message": 1, "part": 1, "work": 1, "content": 1}
    told = await house.application.told("N401")
    async with house.client.get(told["content"][0]["file"]) as response:
        assert await response.read() == PICTURE


async def test_chunks_without_a_length_are_taken(house: House) -> None:
    body, content_type = good()
    head = (
        f"POST /carrier/acme HTTP/1.1\r\nHost: x\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunks = [b"%x\r\n%s\r\n" % (len(body[at : at + 999]), body[at : at + 999]) for at in range(0, len(body), 999)]
    heard = await exchange(house, head.encode() + b"".join(chunks) + b"0\r\n\r\n")
    assert (heard.status, said(heard.body)["StatusCode"]) == (200, "1000")
    await stored_once(house)


async def test_http_1_0_is_answered(house: House) -> None:
    body, content_type = good()
    reader, writer = await talk(house, request(body, content_type).replace(b"HTTP/1.1", b"HTTP/1.0", 1))
    heard = await hear(reader)
    assert heard.status == 200
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()
    await stored_once(house)


async def test_who_expects_100_continue_is_told_to(house: House) -> None:
    body, content_type = good()
    whole = request(body, content_type, "Expect: 100-continue")
    reader, writer = await talk(house, whole[: -len(body)])
    async with asyncio.timeout(5):
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    await say(writer, [body])
    assert (await hear(reader)).status == 200
    writer.close()
    await stored_once(house)


@pytest.mark.requirement("U-15")
async def test_who_asks_before_a_gigabyte_is_not_told_to_go_on(house: House) -> None:
    asking = request(b"", good()[1], "Expect: 100-continue").replace(
        b"Content-Length: 0", b"Content-Length: 1073741824"
    )
    reader, writer = await talk(house, asking)
    heard = await hear(reader)
    writer.close()
    assert heard.status == 413
    await faulted(house, heard, 2004)


@pytest.mark.requirement("M-14")
async def test_who_asks_with_wrong_credentials_is_not_told_to_go_on(tmp_path: Path) -> None:
    (tmp_path / "inbound").write_text("right")
    async with running(tmp_path, link='inbound_username = "acme"\ninbound_password_file = "inbound"') as house:
        body, content_type = good()
        whole = request(body, content_type, "Expect: 100-continue", f"Authorization: {SECRET}")
        reader, writer = await talk(house, whole[: -len(body)])
        heard = await hear(reader)
        writer.close()
        assert heard.status == 401
        await faulted(house, heard, 4001)


async def test_another_expectation_is_417_without_its_words(house: House) -> None:
    heard = await exchange(house, request(*good(), "Expect: 15555550100"))
    assert heard.status == 417
    assert b"15555550100" not in heard.body
    await refused(house, "carrier", 417)


@pytest.mark.requirement("U-15")
@pytest.mark.parametrize(
    "garbage",
    [b"15555550100 " * 700, b"GET / HTTP/1.1\r\nA header without a colon 15555550100\r\n\r\n"],
    ids=["line", "header"],
)
async def test_what_is_no_http_is_answered_in_our_words(house: House, garbage: bytes) -> None:
    reader, writer = await talk(house, garbage + b"\r\n\r\n")
    heard = await hear(reader)
    writer.close()
    assert (heard.status, heard.headers["server"]) == (400, "mm7-gateway")
    assert heard.body == b"the request is not well-formed HTTP\n"
    silent(house)


@pytest.mark.requirement("U-01")
async def test_an_operator_that_is_no_utf_8_keeps_no_message_out(house: House) -> None:
    body, content_type = good()
    whole = request(body, content_type, "x-mblox-operator-id: op-?").replace(b"op-?", b"op-\xff")
    heard = await exchange(house, whole)
    assert said(heard.body)["StatusCode"] == "1000"
    await stored_once(house)


async def test_a_body_in_single_bytes_gives_the_same_message(house: House) -> None:
    body, content_type = related(deliver("txn-good"), b"\x89PNG" + bytes(range(200)))
    whole = request(body, content_type)
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    for at in range(len(whole)):
        writer.write(whole[at : at + 1])
        if at % 8 == 0:
            await asyncio.sleep(0)
            await writer.drain()
    assert (await hear(reader)).status == 200
    writer.close()
    told = await house.application.told("N401")
    async with house.client.get(told["content"][0]["file"]) as response:
        assert await response.read() == b"\x89PNG" + bytes(range(200))


async def test_pipelined_requests_are_answered_in_order(house: House) -> None:
    whole = b"".join(request(*related(deliver(f"txn-{number}"))) for number in range(5))
    reader, writer = await talk(house, whole)
    answers = [await hear(reader) for _ in range(5)]
    assert [said(answer.body)["TransactionID"] for answer in answers] == [f"txn-{number}" for number in range(5)]
    writer.close()
    assert house.stored()["message"] == 5


# --- when we can't


@pytest.mark.requirement("U-15", "U-01")
@pytest.mark.parametrize(("failure", "code", "status"), [(StoreBusy, 4006, 503), (StoreFailed, 3000, 500)])
async def test_what_can_not_be_stored_is_not_accepted(
    house: House, monkeypatch: pytest.MonkeyPatch, failure: type[Exception], code: int, status: int
) -> None:
    async def fail(*_arguments: object) -> None:
        raise failure(f"no, not {HANDSET}")

    body, content_type = good()
    with monkeypatch.context() as patched:
        patched.setattr(house.gateway._store, "accept", fail)
        heard = await exchange(house, request(body, content_type))
    assert heard.status == status
    assert heard.headers.get("retry-after") == ("5" if status == 503 else None)
    await faulted(house, heard, code, "DeliverReq")
    assert heard.fault["faultcode"].endswith("Server")
    assert (await exchange(house, request(body, content_type))).status == 200


@pytest.mark.requirement("U-15")
async def test_more_than_we_have_memory_for_is_told_to_come_back(house: House) -> None:
    """Given little memory, most of it taken by one upload, when another comes, then it is 4006, and later taken."""
    memory = house.gateway._carriers._memory
    memory.most = 40_000
    body, content_type = good()
    _, first = await talk(house, request(body, content_type)[:-100])
    await eventually(lambda: memory.held > 20_000)
    heard = await exchange(house, request(body, content_type))
    assert (heard.status, heard.headers["retry-after"]) == (503, "5")
    await faulted(house, heard, 4006)
    first.transport.abort()
    await eventually(lambda: memory.held == 0 or None)
    assert (await exchange(house, request(body, content_type))).status == 200
    assert memory.held == 0


async def test_a_bug_of_ours_is_answered_3000_and_its_text_is_not_logged(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_arguments: object) -> None:
        raise KeyError(SUBJECT)

    body, content_type = good()
    monkeypatch.setattr(house.gateway._store, "accept", fail)
    heard = await exchange(house, request(body, content_type))
    assert heard.status == 500
    await faulted(house, heard, 3000)
    assert house.log.events("handler.failed")[0]["reason"].startswith("KeyError in fail, line ")


@pytest.mark.requirement("U-15")
async def test_an_envelope_of_thousands_of_elements_is_accepted(house: House) -> None:
    """It is within the limits; it is read beside the event loop."""
    crowded = deliver("txn-crowd").replace(b"<ShortCode>", b"<Number>15555550199</Number>" * 5000 + b"<ShortCode>")
    heard = await exchange(house, request(*related(crowded)))
    assert said(heard.body)["StatusCode"] == "1000"
    assert "15555550199" not in house.log.text
