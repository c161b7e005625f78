"""A carrier's link as carriers have them, from the settings to the carrier's own socket; what its answers lead to."""

from __future__ import annotations

import base64
import socket
import ssl
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from gateway.config import load
from tests.integration.running import (
    Answer,
    FakeCarrier,
    House,
    Submit,
    eventually,
    eventually_so,
    fault,
    nothing,
    plain,
    reset,
    running,
    served,
    status,
    took,
    xml,
)
from tests.unit.delivery import peers

HOUR = 3600


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def attempt_ended(house: House, outcome: str, count: int = 1) -> dict[str, object]:
    def ended() -> dict[str, object] | None:
        lines = [line for line in house.log.events("attempt.ended") if line["kind"] == "submit"]
        return lines[-1] if len(lines) >= count else None

    line = await eventually(ended, f"an attempt, {outcome}")
    assert line["outcome"] == outcome, line
    return line


# --- how it is reached


@pytest.mark.requirement("U-17")
async def test_basic_is_presented(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("geheim\n")
    async with running(tmp_path, link='username = "gateway"\npassword_file = "password"') as house:
        await house.submit()
        await house.application.told("N101")
    token = base64.b64encode(b"gateway:geheim").decode()
    assert house.carrier.submits[0].headers["Authorization"] == f"Basic {token}"
    assert "geheim" not in house.log.text
    assert token not in house.log.text


@pytest.mark.requirement("U-17")
@pytest.mark.parametrize("auth", ["auto", "digest"])
async def test_digest_is_presented_when_it_is_asked_for(tmp_path: Path, auth: str) -> None:
    """Given a carrier that wants Digest, when two messages go to it, then each arrives once."""
    (tmp_path / "password").write_text("geheim")
    taken: list[Submit] = []

    async def answer(submit: Submit) -> web.StreamResponse:
        asked = peers.Request("POST /mm7 HTTP/1.1", {k.lower(): v for k, v in submit.headers.items()}, b"", "", None)
        if not peers._digest_is_right(asked, "gateway", "geheim"):
            challenge = 'Digest realm="mm7", nonce="n0nce", qop="auth", algorithm=SHA-256'
            return web.Response(status=401, headers={"WWW-Authenticate": challenge})
        taken.append(submit)
        return await took(f"acme-{len(taken)}")(submit)

    link = f'username = "gateway"\npassword_file = "password"\nauth = "{auth}"'
    async with running(tmp_path, link=link) as house:
        house.carrier.script.extend([answer] * 10)
        for count in (1, 2):
            await house.submit()
            await house.application.told_times(count)
    assert len(taken) == 2
    assert [postback["code"] for postback in house.application.postbacks] == ["N101", "N101"]


@pytest.mark.requirement("U-17", "M-07")
async def test_mutual_tls_with_a_private_ca(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    ours = authority.issue_cert("gateway.example")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    ours.private_key_pem.write_to_path(tmp_path / "our.key")
    for pem in ours.cert_chain_pems:
        pem.write_to_path(tmp_path / "our.pem", append=True)
    link = 'ca_file = "ca.pem"\nclient_cert = "our.pem"\nclient_key_file = "our.key"'
    async with running(tmp_path, link=link, tls=context) as house:
        await house.submit()
        await house.application.told("N101")
    assert house.carrier.submits[0].certificate


@pytest.mark.requirement("U-17", "M-07")
async def test_a_carrier_whose_certificate_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    async with running(tmp_path, tls=context) as house:
        tracking_id = await house.submit()
        line = await attempt_ended(house, "Deferred")
        assert "not connected" in str(line["reason"])
        assert await house.state(tracking_id) == "accepted"
    assert house.carrier.submits == []


@pytest.mark.requirement("U-17")
async def test_a_proxy_is_gone_through(tmp_path: Path) -> None:
    proxy = FakeCarrier()
    async with served("/mm7", proxy.handle) as proxy.url:
        link = f'proxy = "{proxy.url.removesuffix("/mm7")}"'
        async with running(tmp_path, link=link, carrier_url="http://mmsc.invalid:8000/mm7") as house:
            await house.submit()
            await house.application.told("N101")
    assert proxy.submits[0].headers["Host"] == "mmsc.invalid:8000"
    assert house.carrier.submits == []


@pytest.mark.requirement("U-17")
async def test_the_source_address_is_the_one_that_was_set(tmp_path: Path) -> None:
    async with running(tmp_path, link='bind = "127.0.0.2"') as house:
        await house.submit()
        await house.application.told("N101")
    assert house.carrier.submits[0].peer[0] == "127.0.0.2"


@pytest.mark.requirement("U-17")
async def test_a_connection_is_used_again(tmp_path: Path) -> None:
    async with running(tmp_path, link="connections = 1") as house:
        for count in range(1, 6):
            await house.submit()
            await house.application.told_times(count)
    assert len({submit.peer for submit in house.carrier.submits}) == 1


@pytest.mark.requirement("U-17")
async def test_no_more_connections_than_were_set(tmp_path: Path) -> None:
    async with running(tmp_path, link="connections = 2") as house:
        for _ in range(12):
            await house.submit(picture=None)
        await house.application.told_times(12)
    assert len({submit.peer for submit in house.carrier.submits}) <= 2


# --- when it can't be reached, or doesn't answer


@pytest.mark.requirement("U-17", "U-03")
async def test_not_connected_is_tried_again(tmp_path: Path) -> None:
    """Given a carrier that is down, when it is up again, then the message goes, and has been sent once."""
    async with running(tmp_path, carrier_url=f"http://127.0.0.1:{closed_port()}/mm7") as house:
        tracking_id = await house.submit()
        await attempt_ended(house, "Deferred")
        assert await house.state(tracking_id) == "accepted"
        path = house.folder / "gateway.toml"
        lines = [
            f'url = "{house.carrier.url}"' if line.endswith('/mm7"') else line for line in path.read_text().split("\n")
        ]
        path.write_text("\n".join(lines))
        house.gateway.reload(load(path, {}))
        house.clock.advance(6)
        await house.reaches(tracking_id, "submitted")
        assert len(house.carrier.submits) == 1


IN_DOUBT: dict[str, Answer] = {
    "nothing": nothing,
    "reset": reset,
    "blank 200": plain(200),
    "HTML 500": plain(500, b"<html><body>oops</body></html>"),
    "HTML 200": plain(200, b"<html><body>welcome</body></html>"),
    "another's TransactionID": xml(lambda _tid: status("SubmitRsp", 1000, "of-another", "<MessageID>m</MessageID>")),
    "no StatusCode": xml(lambda tid: status("SubmitRsp", 1000, tid).replace(b"<StatusCode>1000</StatusCode>", b"")),
    "cut XML": xml(lambda tid: status("SubmitRsp", 1000, tid)[:-30]),
}


@pytest.mark.requirement("U-03")
@pytest.mark.parametrize("answer", IN_DOUBT.values(), ids=IN_DOUBT)
async def test_without_a_readable_answer_it_is_in_doubt_and_never_resent(tmp_path: Path, answer: Answer) -> None:
    async with running(tmp_path, response_timeout=1) as house:
        house.carrier.script.append(answer)
        tracking_id = await house.submit()
        await house.reaches(tracking_id, "in_doubt")
        house.clock.advance(HOUR)
        assert house.gateway._delivery is not None
        await house.gateway._delivery.look()
        await house.restart()
        await house.submit()
        await house.application.told("N101")
        assert await house.state(tracking_id) == "in_doubt"
        assert len(house.carrier.submits) == 2  # this one, and the other message


DEFERRED: dict[str, Answer] = {
    "4006": xml(lambda tid: fault(4006, tid), 500),
    "3000": xml(lambda tid: status("SubmitRsp", 3000, tid)),
    "503": plain(503, b"<html>busy</html>"),
    "429": plain(429),
    "404": plain(404, b"<html>not here</html>"),
}


@pytest.mark.requirement("U-17")
@pytest.mark.parametrize("answer", DEFERRED.values(), ids=DEFERRED)
async def test_what_says_later_is_sent_again_as_the_same_bytes(house: House, answer: Answer) -> None:
    house.carrier.script.append(answer)
    tracking_id = await house.submit()
    await attempt_ended(house, "Deferred")
    house.clock.advance(5)
    await house.reaches(tracking_id, "submitted")
    first, second = house.carrier.submits
    assert first.body == second.body


@pytest.mark.requirement("U-17")
async def test_retry_after_is_waited_for(house: House) -> None:
    house.carrier.script.append(plain(503, b"later", Retry_After="x", **{"Retry-After": "120"}))
    tracking_id = await house.submit()
    await attempt_ended(house, "Deferred")
    house.clock.advance(119)
    assert house.gateway._delivery is not None
    await house.gateway._delivery.look()
    assert len(house.carrier.submits) == 1
    house.clock.advance(1)
    await house.reaches(tracking_id, "submitted")


REFUSED: dict[str, Answer] = {
    "Fault": xml(lambda tid: fault(2002, tid), 500),
    "Fault in 200": xml(lambda tid: fault(4004, tid)),
    "SubmitRsp": xml(lambda tid: status("SubmitRsp", 2004, tid)),
    "413": plain(413, b"<html>too large</html>"),
    "301": plain(301, Location="http://127.0.0.1:9/elsewhere"),
}


@pytest.mark.requirement("P-03")
@pytest.mark.parametrize("answer", REFUSED.values(), ids=REFUSED)
async def test_what_says_no_is_the_end(house: House, answer: Answer) -> None:
    house.carrier.script.append(answer)
    tracking_id = await house.submit()
    await house.application.told("E101")
    house.clock.advance(HOUR)
    assert house.gateway._delivery is not None
    await house.gateway._delivery.look()
    assert (await house.state(tracking_id), len(house.carrier.submits)) == ("failed", 1)


@pytest.mark.requirement("U-07")
async def test_a_profile_may_say_that_a_blank_answer_accepts(tmp_path: Path) -> None:
    async with running(tmp_path, link="dialect = { blank_answer_accepts = true }") as house:
        house.carrier.script.append(plain(200))
        tracking_id = await house.submit()
        await house.reaches(tracking_id, "submitted")


@pytest.mark.requirement("M-04", "U-07")
async def test_a_link_speaks_the_version_of_its_profile(tmp_path: Path) -> None:
    async with running(tmp_path, link='dialect = { release = "REL-5-MM7-1-2", version = "5.3.0" }') as house:
        await house.submit()
        await house.application.told("N101")
    texts = house.carrier.submits[0].texts
    assert texts["namespace"].endswith("REL-5-MM7-1-2")
    assert texts["MM7Version"] == "5.3.0"


async def test_more_recipients_than_the_carrier_takes_is_refused_here(tmp_path: Path) -> None:
    async with running(tmp_path, link="dialect = { max_recipients = 1 }") as house:
        tracking_id = await house.submit("15555550100", "15555550101")
        await house.reaches(tracking_id, "failed")
    assert house.carrier.submits == []


async def test_a_carrier_that_is_not_configured_any_more_is_waited_for(house: House) -> None:
    house.carrier.script.append(plain(503))
    tracking_id = await house.submit()
    await attempt_ended(house, "Deferred")
    path = house.folder / "gateway.toml"
    before = path.read_text()
    path.write_text(before.replace('"acme"', '"other"'))
    house.gateway.reload(load(path, {}))
    house.clock.advance(5)
    line = await attempt_ended(house, "Deferred", 2)
    assert "no carrier named acme" in str(line["reason"])
    path.write_text(before)
    house.gateway.reload(load(path, {}))
    house.clock.advance(30)
    await house.reaches(tracking_id, "submitted")


@pytest.mark.requirement("U-03")
async def test_stopping_lets_what_is_under_way_end(house: House) -> None:
    """Given a submit whose answer takes a moment, when we stop, then the answer is heard."""

    async def slow(submit: Submit) -> web.StreamResponse:
        import asyncio

        await asyncio.sleep(0.5)
        return await took("slow-1")(submit)

    house.carrier.script.append(slow)
    tracking_id = await house.submit()
    await eventually(lambda: house.carrier.submits)
    await house.restart()

    async def submitted() -> bool:
        return await house.state(tracking_id) == "submitted"

    await eventually_so(submitted)
    assert len(house.carrier.submits) == 1
