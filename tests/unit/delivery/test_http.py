"""The HTTP sender over real sockets: what carriers' links need, and what is known when no answer comes."""

import asyncio
import gzip
import os
import socket
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from gateway.delivery.http import (
    SMALL,
    HttpSender,
    LeaseLost,
    LinkSettings,
    NoAnswer,
    NotConnected,
    joined,
)
from tests.unit.delivery import peers
from tests.unit.delivery.peers import Connection, serving

LINK = LinkSettings(connect_timeout=5, response_timeout=5)
HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}


@pytest.fixture
async def sender() -> AsyncIterator[HttpSender]:
    sender = HttpSender()
    yield sender
    await sender.close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.mark.requirement("U-17")
async def test_the_chunks_arrive_as_one_body_with_its_length_and_our_headers(sender: HttpSender) -> None:
    picture = os.urandom(100_000)
    async with serving(peers.ok) as peer:
        answer = await sender.post(peer.url, HEADERS, [b"<a>", memoryview(picture), bytearray(b"</a>")], link=LINK)
    assert (answer.status, answer.body) == (200, b"ok")
    (request,) = peer.requests
    assert request.line == "POST /mm7 HTTP/1.1"
    assert request.body == b"<a>" + picture + b"</a>"
    assert request.headers["content-length"] == str(len(request.body))
    assert "transfer-encoding" not in request.headers
    assert (request.headers["content-type"], request.headers["soapaction"]) == (HEADERS["Content-Type"], '""')


async def test_an_empty_body_is_a_body(sender: HttpSender) -> None:
    async with serving(peers.ok) as peer:
        assert (await sender.post(peer.url, HEADERS, [], link=LINK)).status == 200
    assert peer.requests[0].headers["content-length"] == "0"


@pytest.mark.requirement("P-01")
async def test_one_after_the_other_goes_over_one_connection(sender: HttpSender) -> None:
    async with serving(peers.ok) as peer:
        for _ in range(5):
            await sender.post(peer.url, HEADERS, [b"x"], link=LINK)
    assert (peer.connections, len(peer.requests)) == (1, 5)


@pytest.mark.requirement("U-17")
async def test_a_link_opens_no_more_connections_than_it_may(sender: HttpSender) -> None:
    link = LinkSettings(connections=2)
    async with serving(peers.ok) as peer:
        await asyncio.gather(*(sender.post(peer.url, HEADERS, [b"x"], link=link) for _ in range(10)))
    assert (peer.connections, len(peer.requests)) == (2, 10)


@pytest.mark.parametrize(
    "status", ["302 Found", "400 Bad Request", "500 Internal Server Error", "503 Service Unavailable"]
)
async def test_any_status_is_an_answer_and_its_body_is_read(sender: HttpSender, status: str) -> None:
    async def talk(connection: Connection) -> None:
        await connection.request()
        await connection.answer(status, b"<Fault/>", Location="/elsewhere", Retry_After="60")

    async with serving(talk) as peer:
        answer = await sender.post(peer.url, HEADERS, [b"x"], link=LINK)
    assert (answer.status, answer.body) == (int(status[:3]), b"<Fault/>")
    assert (answer.headers["retry-after"], len(peer.requests)) == ("60", 1)


@pytest.mark.requirement("U-03")
async def test_a_refused_connection_is_not_connected(sender: HttpSender) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(NotConnected):
        await sender.post(f"http://127.0.0.1:{port}/", HEADERS, [b"x"], link=LINK)


@pytest.mark.requirement("M-10", "U-17")
async def test_a_connection_that_does_not_come_to_stand_is_not_connected(sender: HttpSender, ca_file: str) -> None:
    async def silent(_connection: Connection) -> None:
        await asyncio.sleep(60)

    async with serving(silent) as peer:  # accepts, and never says a word of TLS
        url = peer.url.replace("http:", "https:")
        with pytest.raises(NotConnected):
            await sender.post(url, HEADERS, [b"x"], link=LinkSettings(connect_timeout=0.2, ca_file=ca_file))


@pytest.mark.requirement("U-03", "M-10")
async def test_silence_after_the_request_is_no_answer(sender: HttpSender) -> None:
    async def silent(connection: Connection) -> None:
        await connection.request()
        await asyncio.sleep(60)

    async with serving(silent) as peer:
        with pytest.raises(NoAnswer):
            await sender.post(peer.url, HEADERS, [b"x"], link=LinkSettings(response_timeout=0.2))
    assert len(peer.requests) == 1


@pytest.mark.requirement("U-03")
async def test_an_answer_that_trickles_is_cut_off_at_the_time_for_the_whole_of_it(sender: HttpSender) -> None:
    async def trickle(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            await connection.send(b"x")
            await asyncio.sleep(0.05)

    async with serving(trickle) as peer:
        answer = await sender.post(peer.url, HEADERS, [b"x"], link=LinkSettings(response_timeout=0.3))
    assert (answer.status, answer.body, answer.cut) == (200, b"", True)


async def closes(connection: Connection) -> None:
    await connection.request()


async def breaks_off(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


async def resets(connection: Connection) -> None:
    await connection.request()
    connection.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    connection.writer.transport.abort()


async def babbles(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"what?\r\n\r\n")


@pytest.mark.requirement("U-03")
@pytest.mark.parametrize("talk", [closes, babbles])
async def test_a_connection_that_breaks_after_the_request_is_no_answer(sender: HttpSender, talk: peers.Talk) -> None:
    async with serving(talk) as peer:
        with pytest.raises(NoAnswer):
            await sender.post(peer.url, HEADERS, [b"x"], link=LINK)


@pytest.mark.requirement("U-03")
@pytest.mark.parametrize("talk", [breaks_off, resets])
async def test_an_answer_that_breaks_off_is_its_status_and_a_mark(sender: HttpSender, talk: peers.Talk) -> None:
    """Who judges by the status alone has its answer; who needs the body knows that there is none."""
    async with serving(talk) as peer:
        answer = await sender.post(peer.url, HEADERS, [b"x"], link=LINK)
    assert (answer.status, answer.body, answer.cut) == (200, b"", True)


async def test_an_answer_that_is_too_long_is_not_read_to_its_end(sender: HttpSender) -> None:
    async def endless(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await connection.send(b"x" * 65536)

    async with serving(endless) as peer:
        answer = await sender.post(peer.url, HEADERS, [b"x"], link=LINK)
    assert (answer.status, answer.body, answer.cut) == (200, b"", True)


@pytest.mark.requirement("U-13")
async def test_what_a_failure_says_has_neither_a_peers_text_nor_a_url(sender: HttpSender) -> None:
    async def bad_header(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nBad Header To +1 (555) # user@example.com\r\n\r\n")

    async with serving(bad_header) as peer:
        with pytest.raises(NoAnswer) as caught:
            await sender.post(peer.url + "/SECRET?key=SECRET", HEADERS, [b"x"], link=LINK)
    assert str(caught.value) == "ClientResponseError: status 400"
    with pytest.raises(NotConnected, match=r"^ClientConnectorError: Connection refused$"):
        await sender.post("http://127.0.0.1:9/SECRET", HEADERS, [b"x"], link=LINK)
    with pytest.raises(NotConnected) as caught_too:
        await sender.post("http://[SECRET", HEADERS, [b"x"], link=LINK)
    assert "SECRET" not in str(caught_too.value)


@pytest.mark.requirement("U-17")
async def test_a_slow_peer_does_not_use_up_the_connections_of_another_on_its_host(sender: HttpSender) -> None:
    """An aggregator serves several carriers from one address; their settings are equal."""
    busy = asyncio.Event()

    async def talk(connection: Connection) -> None:
        request = await connection.request()
        assert request is not None
        if request.body == b"slow":
            busy.set()
            await asyncio.sleep(60)
        await connection.answer()

    link = LinkSettings(connections=1, connect_timeout=5, response_timeout=5)
    async with serving(talk) as peer:
        slow = asyncio.create_task(sender.post(peer.url, HEADERS, [b"slow"], link=link, peer="carrier one"))
        await busy.wait()
        answer = await sender.post(peer.url, HEADERS, [b"x"], link=link, peer="carrier two")
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
    assert answer.status == 200


@pytest.mark.requirement("U-17")
async def test_after_a_renewal_certificates_are_read_again_and_what_is_under_way_ends(
    sender: HttpSender, server_tls: ssl.SSLContext, ca_file: str
) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def talk(connection: Connection) -> None:
        while await connection.request():
            asked.set()
            await go_on.wait()
            await connection.answer()

    link = LinkSettings(ca_file=ca_file)
    async with serving(talk, tls=server_tls) as peer:
        begun = asyncio.create_task(sender.post(peer.url, HEADERS, [b"x"], link=link))
        await asked.wait()
        trustme.CA().cert_pem.write_to_path(ca_file)
        sender.renew()
        with pytest.raises(NotConnected, match="certificate"):
            await sender.post(peer.url, HEADERS, [b"x"], link=link)
        go_on.set()
        assert (await begun).status == 200


async def test_a_compressed_answer_is_read_and_one_that_blows_up_is_not(sender: HttpSender) -> None:
    bodies = [gzip.compress(b"<ok/>"), gzip.compress(bytes(50_000_000))]

    async def talk(connection: Connection) -> None:
        while await connection.request():
            await connection.answer(body=bodies.pop(0), Content_Encoding="gzip")

    async with serving(talk) as peer:
        assert (await sender.post(peer.url, HEADERS, [b"x"], link=LINK)).body == b"<ok/>"
        assert (await sender.post(peer.url, HEADERS, [b"x"], link=LINK)).cut


@pytest.mark.requirement("U-17")
@pytest.mark.parametrize("chunks", [[b"small"], [b"x" * 200_000], []])
async def test_the_lease_is_asked_when_the_connection_stands_and_before_any_byte(
    sender: HttpSender, chunks: list[bytes]
) -> None:
    connected = asyncio.Event()

    async def talk(connection: Connection) -> None:
        connected.set()
        assert await connection.reader.read() == b""  # not even a header

    async def still_ours() -> bool:
        await connected.wait()
        return False

    async with serving(talk) as peer:
        with pytest.raises(LeaseLost):
            await sender.post(peer.url, HEADERS, chunks, link=LINK, still_ours=still_ours)
    assert (peer.connections, peer.requests) == (1, [])


async def test_with_the_lease_still_ours_the_request_goes(sender: HttpSender) -> None:
    asked: list[None] = []

    async def still_ours() -> bool:
        asked.append(None)
        return True

    async with serving(peers.ok) as peer:
        assert (await sender.post(peer.url, HEADERS, [b"x"], link=LINK, still_ours=still_ours)).status == 200
    assert len(asked) == 1


async def test_a_store_that_cannot_be_asked_about_the_lease_sends_nothing(sender: HttpSender) -> None:
    async def still_ours() -> bool:
        raise RuntimeError("the store is down")

    async with serving(peers.ok) as peer:
        with pytest.raises(NotConnected):
            await sender.post(peer.url, HEADERS, [b"x"], link=LINK, still_ours=still_ours)
    assert peer.requests == []


@pytest.mark.requirement("U-17")
async def test_a_private_authority_is_trusted_where_it_is_named_and_nowhere_else(
    sender: HttpSender, server_tls: ssl.SSLContext, ca_file: str
) -> None:
    async with serving(peers.ok, tls=server_tls) as peer:
        with pytest.raises(NotConnected):
            await sender.post(peer.url, HEADERS, [b"x"], link=LINK)
        assert (await sender.post(peer.url, HEADERS, [b"x"], link=LinkSettings(ca_file=ca_file))).status == 200
        url = peer.url.replace("localhost", "127.0.0.1")
        with pytest.raises(NotConnected):  # the certificate is for another name
            await sender.post(url, HEADERS, [b"x"], link=LinkSettings(ca_file=ca_file))


@pytest.mark.requirement("U-17")
async def test_our_certificate_is_shown_to_a_peer_that_wants_one(
    sender: HttpSender, authority: trustme.CA, server_tls: ssl.SSLContext, ca_file: str, tmp_path: Path
) -> None:
    authority.configure_trust(server_tls)
    server_tls.verify_mode = ssl.CERT_REQUIRED
    ours = authority.issue_cert("gateway@example.net", common_name="our gateway")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    ours.cert_chain_pems[0].write_to_path(certificate)
    ours.private_key_pem.write_to_path(key)
    link = LinkSettings(ca_file=ca_file, client_cert=str(certificate), client_key_file=str(key))

    async with serving(peers.ok, tls=server_tls) as peer:
        assert (await sender.post(peer.url, HEADERS, [b"x"], link=link)).status == 200
        with pytest.raises((NotConnected, NoAnswer)):  # TLS 1.3 refuses only after our first bytes
            await sender.post(peer.url, HEADERS, [b"x"], link=LinkSettings(ca_file=ca_file))
    assert [request.certificate for request in peer.requests] == ["our gateway"]


@pytest.mark.requirement("U-17")
async def test_a_certificate_that_cannot_be_read_is_not_connected(sender: HttpSender, tmp_path: Path) -> None:
    (tmp_path / "rubbish.pem").write_text("rubbish")
    for name in ("absent.pem", "rubbish.pem"):
        with pytest.raises(NotConnected):
            await sender.post("https://localhost:1/", HEADERS, [b"x"], link=LinkSettings(ca_file=str(tmp_path / name)))


@pytest.mark.requirement("U-17")
async def test_the_source_address_is_the_one_we_were_told(sender: HttpSender) -> None:
    async with serving(peers.ok) as peer:
        await sender.post(peer.url, HEADERS, [b"x"], link=LinkSettings(bind="127.0.0.2"))
    assert peer.requests[0].peer == "127.0.0.2"


@pytest.mark.requirement("U-17")
async def test_a_proxy_is_used_for_http_and_tunnels_https(
    sender: HttpSender, server_tls: ssl.SSLContext, ca_file: str
) -> None:
    async with serving(peers.proxy) as proxy, serving(peers.ok, tls=server_tls) as peer:
        link = LinkSettings(proxy=f"http://127.0.0.1:{proxy.port}", ca_file=ca_file)
        answer = await sender.post("http://carrier.invalid/mm7", HEADERS, [b"x"], link=link)
        assert answer.body == b"from the proxy"
        assert (await sender.post(peer.url, HEADERS, [b"x"], link=link)).body == b"ok"
    assert [request.line for request in proxy.requests] == [
        "POST http://carrier.invalid/mm7 HTTP/1.1",
        f"CONNECT localhost:{peer.port} HTTP/1.1",
    ]


async def test_no_proxy_is_taken_from_the_environment(sender: HttpSender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with serving(peers.ok) as peer:
        assert (await sender.post(peer.url, HEADERS, [b"x"], link=LINK)).status == 200


CREDENTIALS = {"username": "vasp", "password": "sécret"}
BASIC = "Basic " + b64encode("vasp:sécret".encode()).decode()


@pytest.mark.requirement("U-17")
@pytest.mark.parametrize("auth", ["auto", "basic"])
async def test_basic_is_sent_without_waiting_to_be_asked(sender: HttpSender, auth: str) -> None:
    async with serving(peers.basic(BASIC)) as peer:
        link = LinkSettings(**CREDENTIALS, auth=auth)  # type: ignore[arg-type]
        assert (await sender.post(peer.url, HEADERS, [b"x"], link=link)).status == 200
    assert len(peer.requests) == 1


@pytest.mark.requirement("U-17")
async def test_digest_follows_when_it_is_asked_for_and_comes_first_from_then_on(sender: HttpSender) -> None:
    async with serving(peers.digest("vasp", "sécret")) as peer:
        link = LinkSettings(**CREDENTIALS)  # type: ignore[arg-type]
        first = await sender.post(peer.url, HEADERS, [b"<one/>"], link=link)
        asked = len(peer.requests)
        second = await sender.post(peer.url, HEADERS, [b"<two/>"], link=link)
    assert (first.status, second.status) == (200, 200)
    assert peer.requests[asked - 1].body == b"<one/>"
    assert len(peer.requests) == asked + 1
    assert not any(request.headers.get("authorization", "").startswith("Basic") for request in peer.requests[1:])


@pytest.mark.requirement("U-17")
async def test_a_link_that_has_digest_never_shows_the_password(sender: HttpSender) -> None:
    async with serving(peers.digest("vasp", "sécret")) as peer:
        link = LinkSettings(**CREDENTIALS, auth="digest")  # type: ignore[arg-type]
        assert (await sender.post(peer.url, HEADERS, [b"x"], link=link)).status == 200
    assert not any(request.headers.get("authorization", "").startswith("Basic") for request in peer.requests)


@pytest.mark.requirement("U-17")
@pytest.mark.parametrize("talk", [peers.basic("Basic other"), peers.digest("vasp", "other")])
async def test_wrong_credentials_end_in_the_peers_401(sender: HttpSender, talk: peers.Talk) -> None:
    async with serving(talk) as peer:
        link = LinkSettings(**CREDENTIALS)  # type: ignore[arg-type]
        answer = await sender.post(peer.url, HEADERS, [b"x"], link=link)
    assert (answer.status, answer.body) == (401, b"no")
    assert len(peer.requests) <= 3


async def test_an_answer_that_comes_before_the_body_is_sent_is_an_answer(sender: HttpSender) -> None:
    async def impatient(connection: Connection) -> None:
        await connection.reader.readuntil(b"\r\n\r\n")
        await connection.answer("413 Payload Too Large", b"too much", Connection="close")
        while await connection.reader.read(65536):
            pass

    async with serving(impatient) as peer:
        answer = await sender.post(peer.url, HEADERS, [bytes(8_000_000)], link=LINK)
    assert (answer.status, answer.body) == (413, b"too much")


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://127.0.0.1/", "http://", "http://[", "http://127.0.0.1:99999/"])
async def test_an_address_that_is_none_is_not_connected(sender: HttpSender, url: str) -> None:
    with pytest.raises(NotConnected):
        await sender.post(url, HEADERS, [b"x"], link=LINK)


@pytest.mark.parametrize("bad", [{"X": "a\r\nInjected: yes"}, {"X\n": "a"}])
async def test_a_header_cannot_smuggle_another(sender: HttpSender, bad: dict[str, str]) -> None:
    async with serving(peers.ok) as peer:
        with pytest.raises(NotConnected):
            await sender.post(peer.url, bad, [b"x"], link=LINK)
    assert peer.requests == []


def big(letter: bytes) -> bytes:
    return letter * (SMALL + 1)


@pytest.mark.parametrize(
    ("chunks", "sent"),
    [
        ([], [b""]),
        ([b"a", b"b"], [b"ab"]),
        ([big(b"P")], [b"", big(b"P")]),
        ([b"a", b"b", big(b"P"), b"c", b"d"], [b"ab", big(b"P"), b"cd"]),
        ([big(b"P"), big(b"Q")], [b"", big(b"P"), big(b"Q")]),
    ],
)
def test_small_chunks_are_joined_and_large_ones_never_copied(chunks: list[bytes], sent: list[bytes]) -> None:
    result = joined(chunks)
    assert result == sent
    assert all(any(piece is chunk for chunk in chunks) for piece in result if len(piece) > SMALL)
