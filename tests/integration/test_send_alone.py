"""`mm7 send` beside other work: it submits its own message and touches nothing else."""

import asyncio

import pytest
from aiohttp import web

from gateway.cli import node
from gateway.cli.node import submit_through_store
from gateway.config import load
from gateway.delivery.outcome import Deferred, Delivered, InDoubt
from gateway.router.incoming import Address, NewMT
from gateway.store.records import Media, WorkKind
from gateway.store.sqlite import SqliteStore
from tests.integration.running import HANDSET, SHORT_CODE, House, Submit, eventually, plain

TEXT = Media(media_type="text/plain; charset=utf-8", data=b"Hello", content_id="text.txt")


def message() -> NewMT:
    return NewMT(account="shop", sender=SHORT_CODE, recipients=(Address(HANDSET),), media=(TEXT,))


async def backlog(house: House, count: int) -> None:
    """What a gateway accepted and had no time to submit."""
    await house.gateway.stop()
    house.gateway = await type(house.gateway).open(load(house.folder / "gateway.toml", {}), house.around)
    for _ in range(count):
        await house.submit(picture=None)


async def depth(house: House) -> dict[tuple[WorkKind, str], int]:
    store = await SqliteStore.open(house.folder / "gateway.db", house.clock)
    try:
        return await store.depth()
    finally:
        await store.close()


@pytest.mark.requirement("U-03")
async def test_send_submits_its_own_message_and_leaves_the_backlog_to_the_gateway(house: House) -> None:
    await backlog(house, 30)
    config = load(house.folder / "gateway.toml", {})

    tracking_id, _, outcome = await submit_through_store(config, message())

    assert isinstance(outcome, Delivered)
    assert len(house.carrier.submits) == 1
    assert (await depth(house))["submit", "ready"] == 30
    assert ("submit", "held") not in await depth(house)
    assert tracking_id


@pytest.mark.requirement("U-03")
async def test_a_running_gateway_does_not_submit_what_a_send_has_in_hand(house: House) -> None:
    """Given a carrier that is slow to answer, when the gateway looks for work meanwhile, then it finds none."""
    gate = asyncio.Event()

    async def slow(submitted: Submit) -> web.StreamResponse:
        await gate.wait()
        return await plain(503)(submitted)

    house.carrier.script.append(slow)
    config = load(house.folder / "gateway.toml", {})
    sending = asyncio.create_task(submit_through_store(config, message()))
    await eventually(lambda: house.carrier.submits)
    await asyncio.sleep(1.5)  # the gateway looks each second
    assert len(house.carrier.submits) == 1
    gate.set()
    _, _, outcome = await sending
    assert isinstance(outcome, Deferred)
    assert (await depth(house))["submit", "deferred"] == 1  # the running gateway's from now on


@pytest.mark.requirement("U-03")
async def test_a_send_that_gives_up_says_that_it_is_in_doubt_and_so_does_the_store(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_submitted: Submit) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    house.carrier.script.append(never)
    monkeypatch.setattr(node, "PATIENCE", 0.5)
    _, _, outcome = await submit_through_store(load(house.folder / "gateway.toml", {}), message())
    assert isinstance(outcome, InDoubt)
    assert (await depth(house))["submit", "held"] == 1
