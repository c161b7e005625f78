"""One attempt at telling an account: what each answer leads to, and what is presented."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import pytest

from gateway.clock import FixedClock
from gateway.customer.notifier import Notifier, _link
from gateway.delivery.http import HttpSender
from gateway.delivery.outcome import Deferred, Delivered, InDoubt, Outcome, Refused
from gateway.router.events import Event, EventKind
from gateway.router.match import Accounts
from gateway.store.records import Account, Work
from gateway.store.states import WorkState
from tests.unit.delivery import peers
from tests.unit.delivery.peers import Connection, Peer, Talk, serving

MO = Event(kind=EventKind.MO_RECEIVED, tracking_id="mo-1", account="shop", sender="1", to=("28444",), at=0)


def work(url: str, event: str = MO.to_json()) -> Work:
    return Work(
        id=1,
        kind="notify",
        destination=url,
        tracking_id="mo-1",
        account="shop",
        event_id="evt-1",
        event=event,
        created_at=0,
        expires_at=None,
        state=WorkState.LEASED,
        attempts=0,
    )


async def ours() -> bool:
    return True


@pytest.fixture
async def sender() -> AsyncIterator[HttpSender]:
    sender = HttpSender()
    yield sender
    await sender.close()


def notifier(sender: HttpSender, account: Account | None = None) -> Notifier:
    return Notifier(sender, Accounts([account or Account(name="shop")]), "http://gw.example/", FixedClock())


def answering(status: str, headers: Mapping[str, str] | None = None) -> Talk:
    async def talk(connection: Connection) -> None:
        while await connection.request():
            await connection.answer(status, b"", **(headers or {}))

    return talk


async def outcome(sender: HttpSender, talk: Talk) -> tuple[Outcome, Peer]:
    async with serving(talk) as peer:
        return await notifier(sender)(work(peer.url), ours), peer


@pytest.mark.requirement("M-09")
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("200 OK", Delivered()),
        ("201 Created", Deferred("HTTP 201")),
        ("204 No Content", Deferred("HTTP 204")),
        ("302 Found", Deferred("HTTP 302")),
        ("404 Not Found", Deferred("HTTP 404")),
        ("500 Oops", Deferred("HTTP 500")),
    ],
)
async def test_only_200_is_success(sender: HttpSender, status: str, expected: Outcome) -> None:
    assert (await outcome(sender, answering(status)))[0] == expected


@pytest.mark.requirement("P-02")
@pytest.mark.parametrize("status", [200, 503])
@pytest.mark.parametrize("body", [b"x" * (1024 * 1024 + 1), b"cut"], ids=["long", "cut"])
async def test_the_status_alone_decides_whatever_becomes_of_the_body(
    sender: HttpSender, status: int, body: bytes
) -> None:
    async def talk(connection: Connection) -> None:
        await connection.request()
        await connection.send(f"HTTP/1.1 {status} Said\r\nContent-Length: {2_000_000}\r\n\r\n".encode() + body)

    expected = Delivered() if status == 200 else Deferred("HTTP 503")
    assert (await outcome(sender, talk))[0] == expected


@pytest.mark.requirement("M-11")
@pytest.mark.parametrize(("value", "seconds"), [("600", 600.0), ("soon", None), ("-1", None), ("", None)])
async def test_retry_after_is_passed_on(sender: HttpSender, value: str, seconds: float | None) -> None:
    found, _ = await outcome(sender, answering("503 Busy", {"Retry_After": value}))
    assert found == Deferred("HTTP 503", seconds)


async def test_the_same_event_has_the_same_id_and_a_time(sender: HttpSender) -> None:
    _, peer = await outcome(sender, peers.ok)
    (request,) = peer.requests
    assert request.headers["webhook-id"] == "evt-1"
    assert request.headers["webhook-timestamp"] == "1767225600"
    assert json.loads(request.body)["code"] == "N401"


async def test_not_connected_is_tried_again_and_no_answer_too(sender: HttpSender) -> None:
    found = await notifier(sender)(work("http://127.0.0.1:9/"), ours)
    assert isinstance(found, Deferred)

    async def hang_up(connection: Connection) -> None:
        await connection.request()

    doubted, _ = await outcome(sender, hang_up)
    assert isinstance(doubted, InDoubt)


async def test_an_account_that_is_gone_is_waited_for_and_one_that_is_back_is_told(sender: HttpSender) -> None:
    telling = notifier(sender)
    telling.reload(Accounts([]))
    assert await telling(work("http://127.0.0.1:9/"), ours) == Deferred("no account named shop is configured")
    telling.reload(Accounts([Account(name="shop")]))
    async with serving(peers.ok) as peer:
        assert await telling(work(peer.url), ours) == Delivered()


@pytest.mark.parametrize("event", ["{}", "nonsense", '{"kind": "mt.flown"}'])
async def test_an_event_that_can_not_be_read_is_buried(sender: HttpSender, event: str) -> None:
    found = await notifier(sender)(work("http://127.0.0.1:9/", event), ours)
    assert isinstance(found, Refused)


async def test_an_event_that_is_not_told_is_done(sender: HttpSender) -> None:
    quiet = replace(MO, kind=EventKind.DEFERRED).to_json()
    assert await notifier(sender)(work("http://127.0.0.1:9/", quiet), ours) == Delivered()


@pytest.mark.requirement("M-14")
async def test_what_we_present_to_an_accounts_url(sender: HttpSender) -> None:
    account = Account(name="shop", callback_username="gw", callback_password="pw")
    async with serving(peers.basic("Basic Z3c6cHc=")) as peer:
        assert await notifier(sender, account)(work(peer.url), ours) == Delivered()


async def test_content_is_where_we_are_reached(sender: HttpSender) -> None:
    from gateway.router.events import EventPart

    telling = notifier(sender)
    telling.reached_at("http://127.0.0.1:1234/")
    event = replace(MO, parts=(EventPart("tok", "image/png", None, 1),)).to_json()
    async with serving(peers.ok) as peer:
        await telling(work(peer.url, event), ours)
    assert json.loads(peer.requests[0].body)["content"] == [{"file": "http://127.0.0.1:1234/media/tok"}]


@pytest.mark.requirement("M-10")
def test_an_account_has_ten_seconds_to_connect_and_ten_to_answer() -> None:
    link = _link(Account(name="shop", callback_ca="ca.pem"))
    assert (link.connect_timeout, link.response_timeout, link.ca_file) == (10.0, 10.0, "ca.pem")
