"""One attempt at a submit, where it ends before anything is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.carrier.link import CarrierLink
from gateway.carrier.submitter import Submitter
from gateway.delivery.http import HttpSender, LinkSettings
from gateway.delivery.outcome import Deferred, Refused
from gateway.log import masked
from gateway.store.records import Work
from gateway.store.sqlite import MOST_IN_ROW, SqliteStore
from gateway.store.states import WorkState
from gateway.store.store import ContentDamaged
from tests.unit.making import leaf, mt, submit

LINK = CarrierLink(name="acme", url="http://127.0.0.1:9/", http=LinkSettings(connections=7))


@pytest.fixture
async def submitter(store: SqliteStore) -> AsyncIterator[Submitter]:
    sender = HttpSender()
    yield Submitter(store, sender, {"acme": LINK})
    await sender.close()


def work(destination: str = "acme") -> Work:
    new = submit(mt())
    return Work(
        id=1,
        kind="submit",
        destination=destination,
        tracking_id=new.tracking_id,
        account=new.account,
        event_id=new.event_id,
        event=new.event,
        created_at=0,
        expires_at=None,
        state=WorkState.LEASED,
        attempts=0,
    )


async def never() -> bool:
    raise AssertionError("nothing is to be sent")


def test_as_many_at_once_as_a_carrier_has_connections(submitter: Submitter) -> None:
    assert (submitter.abreast("acme"), submitter.abreast("unknown")) == (7, 1)


async def test_a_message_that_is_gone_is_the_end_of_its_work(submitter: Submitter) -> None:
    assert await submitter(work(), never) == Refused("the message is not in the store any more")


async def test_a_carrier_that_is_not_configured_is_waited_for(submitter: Submitter) -> None:
    assert await submitter(work("other"), never) == Deferred("no carrier named other is configured")
    submitter.reload({})
    assert isinstance(await submitter(work(), never), Deferred)


async def test_damaged_content_is_not_sent(
    submitter: Submitter, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.accept(mt(), [leaf("mt-1")], [])

    async def damaged(_tracking_id: str) -> None:
        raise ContentDamaged("content ab is missing")

    monkeypatch.setattr(store, "content", damaged)
    assert await submitter(work(), never) == Refused("content ab is missing")


@pytest.mark.requirement("U-13")
async def test_a_value_that_the_carriers_schema_has_no_place_for_is_named_but_not_in_the_log(
    submitter: Submitter, store: SqliteStore
) -> None:
    await store.accept(replace(mt(), fields='{"message_class": "secret-15555550100"}'), [], [])
    found = await submitter(work(), never)
    assert isinstance(found, Refused)
    assert "secret-15555550100" in found.reason
    assert masked(found.reason) == "it can not be written for acme"


@pytest.mark.requirement("U-03")
async def test_content_that_can_not_be_read_now_is_waited_for(
    submitter: Submitter, store: SqliteStore, tmp_path: Path
) -> None:
    """Given a pack on a volume that went away, then the message is not given up for it."""
    await store.accept(mt(), [leaf("mt-1", data=b"x" * (MOST_IN_ROW + 1))], [])
    (tmp_path / "gateway.db.media").rename(tmp_path / "away")
    assert isinstance(await submitter(work(), never), Deferred)
    (tmp_path / "away").rename(tmp_path / "gateway.db.media")


@pytest.mark.requirement("U-17")
async def test_a_carrier_that_is_down_is_waited_for(submitter: Submitter, store: SqliteStore) -> None:
    await store.accept(mt(), [leaf("mt-1")], [])
    found = await submitter(work(), never)
    assert isinstance(found, Deferred)
    assert found.reason.startswith("not connected: ")
