"""Delivery with a real store and handlers that tests look into."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from prometheus_client import CollectorRegistry

from gateway.clock import FixedClock
from gateway.delivery.attempt import LEASE_MS, Ended, alone
from gateway.delivery.http import StillOurs
from gateway.delivery.outcome import Deferred, Delivered, InDoubt, Outcome, Refused
from gateway.delivery.retry import PUBLISHED, SUBMIT
from gateway.delivery.worker import Delivery, Kind, Means
from gateway.log import Log
from gateway.metrics import Metrics
from gateway.store.records import Change, Changes, Finished, Held, Message, Report, Verdict, Work, WorkKind
from gateway.store.sqlite import SqliteStore
from gateway.store.states import RecipientState, WorkState
from gateway.store.store import Lease, StoreFailed
from tests.unit import making
from tests.unit.making import NOW, SHOP

OTHER = "http://127.0.0.1:9/other"


@dataclass
class Peer:
    """A handler: remembers what it was given and ends as it is told."""

    ends: Callable[[Work], Outcome] = lambda _work: Delivered()
    seen: list[str] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    gate: asyncio.Event | None = None
    busy: int = 0
    busiest: int = 0
    clock: FixedClock = field(default_factory=FixedClock)

    async def __call__(self, work: Work, still_ours: StillOurs) -> Outcome:
        self.busy += 1
        self.busiest = max(self.busy, self.busiest)
        try:
            if await still_ours():
                self.seen.append(work.tracking_id)
                self.at.append(self.clock.now())
            if self.gate is not None:
                await self.gate.wait()
            await asyncio.sleep(0)
            return self.ends(work)
        finally:
            self.busy -= 1


@dataclass
class House:
    store: SqliteStore
    clock: FixedClock
    delivery: Delivery
    log: io.StringIO
    metrics: Metrics
    settled: list[tuple[str, str, str]]
    change: Change | None = None

    def logged(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110  # whatever it is that a test waits for
                await asyncio.sleep(0.002)

    async def emptied(self) -> None:
        """Until nothing is ready, leased or being sent."""
        async with asyncio.timeout(5):
            while {state for _, state in await self.store.depth()} & {"ready", "leased", "sending"}:  # noqa: ASYNC110
                await asyncio.sleep(0.002)


@asynccontextmanager
async def house(
    store: SqliteStore, notify: Peer | None = None, submit: Peer | None = None, *, abreast: int = 1
) -> AsyncIterator[House]:
    clock, sink, metrics = FixedClock(), io.StringIO(), Metrics(CollectorRegistry())
    settled: list[tuple[str, str, str]] = []

    def settle(work: Work, outcome: Outcome, verdict: Verdict) -> Change | None:
        settled.append((work.tracking_id, type(outcome).__name__, type(verdict).__name__))
        if isinstance(outcome, InDoubt):
            return Change(decide=lambda message, _: Changes(recipients=tuple(making.doubted(message))))
        return at.change

    kinds = []
    if notify is not None:
        notify.clock = clock
        kinds.append(Kind(name="notify", handler=notify, settle=settle, policy=PUBLISHED, abreast=lambda _: abreast))
    if submit is not None:
        submit.clock = clock
        kinds.append(Kind(name="submit", handler=submit, settle=settle, policy=SUBMIT, abreast=lambda _: abreast))
    means = Means(store=store, clock=clock, owner="me", dice=lambda: 0.0, log=Log(sink, clock), metrics=metrics)
    delivery = Delivery(means, kinds)
    at = House(store, clock, delivery, sink, metrics, settled)
    yield at
    await delivery.stop(grace=0.05)


async def queue(store: SqliteStore, *ids: str, destination: str = SHOP) -> None:
    for one in ids:
        await store.accept(making.mo(one), [], [making.notify(one, destination)])


async def queue_submits(store: SqliteStore, *ids: str) -> None:
    for one in ids:
        message = making.mt(one)
        await store.accept(message, [], [making.submit(message)])


@pytest.mark.requirement("M-12")
async def test_what_is_accepted_here_is_attempted_at_once_and_done_once(store: SqliteStore) -> None:
    peer = Peer()
    async with house(store, peer) as at:  # not started: nothing but being told can move it
        await queue(store, "a")
        await at.emptied()
    assert peer.seen == ["a"]
    assert at.settled == [("a", "Delivered", "Finished")]


@pytest.mark.requirement("M-12")
async def test_what_lay_there_before_is_found_by_looking(store: SqliteStore) -> None:
    await queue(store, "a", "b")
    await queue_submits(store, "s")
    peer, carrier = Peer(), Peer()
    async with house(store, peer, carrier) as at:
        at.delivery.start()
        await at.emptied()
    assert (peer.seen, carrier.seen) == (["a", "b"], ["s"])


@pytest.mark.requirement("P-01")
async def test_a_url_gets_one_notification_after_the_other_in_the_order_of_acceptance(store: SqliteStore) -> None:
    ids = [f"n{number}" for number in range(100)]
    peer = Peer()
    async with house(store, peer) as at:
        await queue(store, *ids)
        await at.emptied()
    assert peer.seen == ids
    assert peer.busiest == 1


@pytest.mark.requirement("P-01")
async def test_a_notification_that_is_deferred_does_not_hold_up_the_line(store: SqliteStore) -> None:
    peer = Peer(ends=lambda work: Deferred("503") if work.tracking_id == "a" else Delivered())
    async with house(store, peer) as at:
        await queue(store, "a", "b", "c")
        await at.emptied()
        assert peer.seen == ["a", "b", "c"]
        at.clock.advance(299.999)
        await at.delivery.look()
        await asyncio.sleep(0.02)
        assert peer.seen == ["a", "b", "c"]
        at.clock.advance(0.001)
        await at.delivery.look()
        await at.until(lambda: len(peer.seen) == 4)
    assert peer.seen[-1] == "a"


@pytest.mark.requirement("P-01")
async def test_what_is_new_after_an_outage_is_attempted_among_the_first(store: SqliteStore) -> None:
    peer = Peer(ends=lambda _: Deferred("503"))
    async with house(store, peer) as at:
        await queue(store, *(f"old-{number}" for number in range(40)))
        await at.emptied()
        peer.seen.clear()
        await queue(store, "blocked", destination=OTHER)
        await at.emptied()
        peer.seen.clear()
        at.clock.advance(300)
        gate = peer.gate = asyncio.Event()
        await at.delivery.look()
        await at.until(lambda: "old-0" in peer.seen)
        await queue(store, "new")  # while the first of the old ones is under way
        gate.set()
        await at.until(lambda: "new" in peer.seen and len(peer.seen) >= 40)
    assert peer.seen.index("new") <= 10


@pytest.mark.requirement("M-11", "P-02", "U-05")
async def test_six_attempts_five_minutes_apart_and_then_a_dead_letter(store: SqliteStore) -> None:
    peer = Peer(ends=lambda _: Deferred("HTTP 500"))
    async with house(store, peer) as at:
        await queue(store, "a")
        for attempt in range(1, 7):
            await at.until(lambda attempt=attempt: len(at.settled) == attempt)  # type: ignore[misc]
            await at.emptied()
            at.clock.advance(300)
            await at.delivery.look()
        await asyncio.sleep(0.02)
    assert [(moment - NOW) / 1000 for moment in peer.at] == [0, 300, 600, 900, 1200, 1500]
    assert at.settled[-1] == ("a", "Deferred", "Buried")
    assert await store.depth() == {("notify", "dead"): 1}


async def test_a_slow_destination_delays_no_other(store: SqliteStore) -> None:
    gate = asyncio.Event()

    @dataclass
    class Slow(Peer):
        async def __call__(self, work: Work, still_ours: StillOurs) -> Outcome:
            if work.destination == SHOP:
                await gate.wait()
            return await super().__call__(work, still_ours)

    peer = Slow()
    async with house(store, peer) as at:
        await queue(store, "slow")
        await queue(store, "fast-1", "fast-2", destination=OTHER)
        await at.until(lambda: peer.seen == ["fast-1", "fast-2"])
        gate.set()
        await at.emptied()
    assert peer.seen[-1] == "slow"


async def test_a_carrier_gets_as_many_submits_at_once_as_its_link_allows(store: SqliteStore) -> None:
    carrier = Peer()
    async with house(store, submit=carrier, abreast=4) as at:
        ids = [f"s{number}" for number in range(60)]
        await asyncio.gather(*(queue_submits(store, one) for one in ids))
        await at.emptied()
    assert sorted(carrier.seen) == sorted(ids)
    assert carrier.busiest == 4


@pytest.mark.requirement("U-03")
async def test_a_lost_answer_holds_a_submit_and_nobody_sends_it_again(store: SqliteStore) -> None:
    carrier = Peer(ends=lambda _: InDoubt("reset"))
    async with house(store, submit=carrier) as at:
        await queue_submits(store, "mt-1")
        await at.emptied()
        at.clock.advance(7200)
        await at.delivery.beat()
        await at.delivery.look()
        await asyncio.sleep(0.02)
    assert carrier.seen == ["mt-1"]
    message = await store.message("mt-1")
    assert message is not None
    assert message.recipients[0].state is RecipientState.IN_DOUBT
    assert await store.depth() == {("submit", "held"): 1}


@pytest.mark.requirement("U-03")
async def test_a_submit_that_a_crashed_node_was_sending_is_in_doubt_and_one_it_only_held_is_sent(
    store: SqliteStore,
) -> None:
    await queue_submits(store, "sent", "held")
    crashed = Lease("crashed", NOW + LEASE_MS)
    sent, _ = await store.take("submit", "acme", NOW, crashed, 2)
    assert await store.begin(sent, NOW, crashed)
    carrier = Peer()
    async with house(store, submit=carrier) as at:
        await at.delivery.beat()
        await at.delivery.look()
        await asyncio.sleep(0.02)
        assert at.settled == []  # its lease runs still
        at.clock.advance(LEASE_MS / 1000)
        await at.delivery.beat()
        await at.delivery.look()
        await at.until(lambda: len(at.settled) == 2)
    assert carrier.seen == ["held"]
    assert at.settled[0] == ("sent", "InDoubt", "Held")


@pytest.mark.requirement("U-03")
async def test_a_node_that_was_frozen_while_another_took_over_sends_nothing(store: SqliteStore) -> None:
    gate = asyncio.Event()

    @dataclass
    class Frozen(Peer):
        async def __call__(self, work: Work, still_ours: StillOurs) -> Outcome:
            await gate.wait()
            return await super().__call__(work, still_ours)

    peer, carrier = Frozen(), Frozen()
    async with house(store, peer, carrier) as at:
        await queue(store, "n")
        await queue_submits(store, "s")
        await at.until(lambda: sum(1 for line in at.delivery._lines.values() if line.held()) == 2)
        at.clock.advance(LEASE_MS / 1000)
        theirs = Lease("them", at.clock.now() + LEASE_MS)
        assert await store.take("notify", SHOP, at.clock.now(), theirs, 1)
        assert await store.abandoned(at.clock.now(), theirs) == []
        assert await store.take("submit", "acme", at.clock.now(), theirs, 1)
        gate.set()
        await at.until(lambda: len(at.logged()) >= 2)
        await asyncio.sleep(0.02)
        assert [line["event"] for line in at.logged()] == ["lease.lost", "lease.lost"]
    assert (peer.seen, carrier.seen, at.settled) == ([], [], [])


@pytest.mark.requirement("U-03")
@pytest.mark.parametrize("kind", ["notify", "submit"])
async def test_heartbeats_keep_what_is_under_way(store: SqliteStore, kind: str) -> None:
    peer = Peer(gate=asyncio.Event())
    async with house(store, *((peer,) if kind == "notify" else (None, peer))) as at:
        await (queue(store, "a", "b") if kind == "notify" else queue_submits(store, "a", "b"))
        await at.until(lambda: peer.seen == ["a"])
        for _ in range(5):
            at.clock.advance(LEASE_MS / 3000)
            await at.delivery.beat()
            await at.delivery.look()
        assert peer.gate is not None
        peer.gate.set()
        await at.emptied()
    assert peer.seen == ["a", "b"]
    assert at.settled == [("a", "Delivered", "Finished"), ("b", "Delivered", "Finished")]


@pytest.mark.parametrize(("kind", "verdict"), [("notify", "Postponed"), ("submit", "Held")])
async def test_a_bug_in_a_handler_stops_nothing_and_claims_no_more_than_is_known(
    store: SqliteStore, kind: str, verdict: str
) -> None:
    def bug(work: Work) -> Outcome:
        if work.tracking_id == "a":
            raise LookupError("15555550100")
        return Delivered()

    peer = Peer(ends=bug)
    async with house(store, *((peer,) if kind == "notify" else (None, peer))) as at:
        await (queue(store, "a", "b") if kind == "notify" else queue_submits(store, "a", "b"))
        await at.emptied()
    assert at.settled == [("a", "InDoubt", verdict), ("b", "Delivered", "Finished")]
    assert "15555550100" not in at.log.getvalue()


@pytest.mark.requirement("U-05")
async def test_a_submit_whose_time_is_over_is_not_sent_but_ended(store: SqliteStore) -> None:
    carrier = Peer(ends=lambda _: Deferred("not connected"))
    async with house(store, submit=carrier) as at:
        await queue_submits(store, "mt-1")
        await at.emptied()
        at.clock.advance(3600)
        await at.delivery.look()
        await at.until(lambda: len(at.settled) == 2)
    assert carrier.seen == ["mt-1"]
    assert at.settled[-1] == ("mt-1", "Deferred", "Buried")


async def test_a_stop_lets_what_is_under_way_end_and_returns_the_rest(store: SqliteStore) -> None:
    carrier = Peer(gate=asyncio.Event())
    async with house(store, submit=carrier, abreast=2) as at:
        await queue_submits(store, "a", "b", "c", "d")
        await at.until(lambda: len(carrier.seen) == 2)
        stopping = asyncio.create_task(at.delivery.stop(grace=5))
        await asyncio.sleep(0.01)
        assert carrier.gate is not None
        carrier.gate.set()
        await stopping
        await queue_submits(store, "e")
        await asyncio.sleep(0.02)
    assert carrier.seen == ["a", "b"]
    assert len(at.settled) == 2
    assert await store.depth() == {("submit", WorkState.READY): 3}


@pytest.mark.requirement("U-03")
async def test_a_stop_does_not_wait_for_ever_and_says_that_what_it_cuts_off_is_in_doubt(store: SqliteStore) -> None:
    carrier = Peer(gate=asyncio.Event())
    async with house(store, submit=carrier) as at:
        await queue_submits(store, "a", "b")
        await at.until(lambda: carrier.seen == ["a"])
        await at.delivery.stop(grace=0.01)
    assert await store.depth() == {("submit", "held"): 1, ("submit", "ready"): 1}
    assert [(line["event"], line["tracking_id"], line["state"]) for line in at.logged()] == [
        ("attempt.ended", "a", "Held")
    ]


@pytest.mark.requirement("U-03")
async def test_one_abandoned_submit_that_cannot_be_changed_does_not_keep_the_others_waiting(store: SqliteStore) -> None:
    """Given three submits of a node that crashed, one without its message, then all are held, logged and counted."""
    await queue_submits(store, "poisoned", "b", "c")
    crashed = Lease("crashed", NOW + LEASE_MS)
    for work in await store.take("submit", "acme", NOW, crashed, 3):
        assert await store.begin(work, NOW, crashed)
    with sqlite3.connect(store.path) as other:
        other.execute("DELETE FROM message WHERE tracking_id = 'poisoned'")
    other.close()
    async with house(store, submit=Peer()) as at:
        at.clock.advance(LEASE_MS / 1000)
        await at.delivery.beat()
        assert at.metrics.registry.get_sample_value("mm7_queue", {"kind": "submit", "state": "held"}) == 3
    ended = [(line["tracking_id"], line["state"]) for line in at.logged() if line["event"] == "attempt.ended"]
    assert ended == [("poisoned", "Held"), ("b", "Held"), ("c", "Held")]
    assert at.metrics.registry.get_sample_value("mm7_attempts_total", {"kind": "submit", "outcome": "InDoubt"}) == 3


@pytest.mark.requirement("U-03")
async def test_an_answer_that_comes_after_another_node_took_over_counts(store: SqliteStore) -> None:
    carrier = Peer(gate=asyncio.Event())
    async with house(store, submit=carrier) as at:
        await queue_submits(store, "a")
        await at.until(lambda: carrier.seen == ["a"])
        at.clock.advance(LEASE_MS / 1000)
        (theirs,) = await store.abandoned(at.clock.now(), Lease("them", at.clock.now() + LEASE_MS))
        assert await store.settle(theirs, Held("gone"))
        assert carrier.gate is not None
        carrier.gate.set()
        await at.until(lambda: bool(at.logged()))
    assert await store.depth() == {}
    assert [(line["event"], line["state"]) for line in at.logged()] == [("attempt.ended", "Finished")]


@pytest.mark.requirement("U-03")
async def test_an_end_that_another_node_has_settled_is_neither_counted_nor_called_an_end(store: SqliteStore) -> None:
    carrier = Peer(gate=asyncio.Event(), ends=lambda _: Deferred("busy"))
    async with house(store, submit=carrier) as at:
        await queue_submits(store, "a")
        await at.until(lambda: carrier.seen == ["a"])
        at.clock.advance(LEASE_MS / 1000)
        (theirs,) = await store.abandoned(at.clock.now(), Lease("them", at.clock.now() + LEASE_MS))
        assert await store.settle(theirs, Held("gone"))
        assert carrier.gate is not None
        carrier.gate.set()
        await at.until(lambda: bool(at.logged()))
    assert [line["event"] for line in at.logged()] == ["lease.lost"]
    assert at.metrics.registry.get_sample_value("mm7_attempts_total", {"kind": "submit", "outcome": "Deferred"}) is None


@pytest.mark.requirement("P-01")
async def test_a_line_that_dies_leaves_no_attempt_behind_that_another_line_would_make_again(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, calls = store.take, 0

    async def sometimes(*args: object) -> list[Work]:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise LookupError("a bug")
        return await take(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "take", sometimes)
    peer = Peer(gate=asyncio.Event())
    async with house(store, peer) as at:
        await queue(store, "a")
        await at.until(lambda: calls == 2)
        for _ in range(3):
            await at.delivery.look()
            await asyncio.sleep(0.01)
        assert peer.gate is not None
        peer.gate.set()
        await at.emptied()
    assert peer.seen == ["a"]
    assert "handler.failed" in [line["event"] for line in at.logged()]


@pytest.mark.requirement("U-03")
async def test_one_attempt_alone_touches_nothing_but_its_own_work(store: SqliteStore) -> None:
    """Given others' work in the store, when a submit that was accepted as leased is attempted, then only that is."""
    carrier = Peer()
    await queue_submits(store, "theirs-1", "theirs-2")
    async with house(store, submit=carrier) as at:
        means, (kind,) = at.delivery._means, at.delivery._kinds.values()
        lease = means.lease()
        message = making.mt("mine")
        work = replace(making.submit(message), lease_owner=lease.owner, lease_until=lease.until)
        await store.accept(message, [], [work])
        (mine,) = await store.leased_to(means.owner)

        ended = await alone(means, kind, mine)

        assert ended == Ended(Delivered(), Finished())
        assert carrier.seen == ["mine"]
        assert await store.depth() == {("submit", "ready"): 2}


@pytest.mark.requirement("U-03")
async def test_one_attempt_alone_holds_on_to_its_work_as_long_as_it_takes(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.delivery.attempt.BEAT_SECONDS", 0.005)
    carrier = Peer(gate=asyncio.Event())
    async with house(store, submit=carrier) as at:
        means, (kind,) = at.delivery._means, at.delivery._kinds.values()
        await queue_submits(store, "mine")
        (mine,) = await store.take("submit", "acme", NOW, means.lease(), 1)
        attempt = asyncio.create_task(alone(means, kind, mine))
        await at.until(lambda: carrier.seen == ["mine"])
        for _ in range(5):
            at.clock.advance(LEASE_MS / 2000)
            await asyncio.sleep(0.05)
            assert await store.abandoned(at.clock.now(), Lease("them", at.clock.now() + LEASE_MS)) == []
        attempt.cancel()  # whoever waited gave up
        with pytest.raises(asyncio.CancelledError):
            await attempt
    assert await store.depth() == {("submit", "held"): 1}


async def test_an_end_that_the_store_refuses_to_record_is_recorded_when_it_can(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, refused = store.settle, [StoreFailed("disk full"), StoreFailed("disk full")]

    async def sometimes(work: Work, verdict: Verdict, change: Change | None = None) -> bool:
        if refused:
            raise refused.pop()
        return await settle(work, verdict, change)

    monkeypatch.setattr(store, "settle", sometimes)
    monkeypatch.setattr("gateway.delivery.attempt.AGAIN_SECONDS", 0.01)
    peer = Peer()
    async with house(store, peer) as at:
        await queue(store, "a")
        await at.emptied()
    assert peer.seen == ["a"]
    assert [line["event"] for line in at.logged()] == ["store.failed", "store.failed", "attempt.ended"]


@pytest.mark.parametrize(("kind", "state"), [("notify", "deferred"), ("submit", "held")])
async def test_a_bug_in_what_an_end_changes_does_not_send_the_work_again_and_again(
    store: SqliteStore, kind: str, state: str
) -> None:
    def bug(_message: Message, _reports: tuple[Report, ...]) -> Changes:
        raise LookupError("a bug")

    peer = Peer()
    async with house(store, *((peer,) if kind == "notify" else (None, peer))) as at:
        at.change = Change(decide=bug)
        await (queue(store, "a") if kind == "notify" else queue_submits(store, "a"))
        await at.emptied()
        await at.delivery.look()
        await asyncio.sleep(0.02)
    assert peer.seen == ["a"]
    assert await store.depth() == {(kind, state): 1}
    assert [line["event"] for line in at.logged()] == ["handler.failed", "attempt.ended"]


@pytest.mark.parametrize("failure", [StoreFailed("locked"), LookupError("a bug")])
async def test_looking_goes_on_after_a_failure(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    due, failures = store.due, [failure]

    async def sometimes(kind: WorkKind, now: int, owner: str) -> list[str]:
        if failures:
            raise failures.pop()
        return await due(kind, now, owner)

    await queue(store, "a")
    monkeypatch.setattr(store, "due", sometimes)
    monkeypatch.setattr("gateway.delivery.worker.LOOK_SECONDS", 0.01)
    peer = Peer()
    async with house(store, peer) as at:
        at.delivery.start()
        await at.emptied()
    assert peer.seen == ["a"]


async def test_a_stop_ends_although_the_store_refuses_to_take_anything_back(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(_owner: str) -> None:
        raise StoreFailed("disk full")

    monkeypatch.setattr(store, "give_back", refused)
    async with house(store, Peer()) as at:
        at.delivery.start()
    assert [line["event"] for line in at.logged()] == ["store.failed"]


async def test_a_store_that_refuses_to_be_looked_at_is_looked_at_again(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queue(store, "a")
    take, refused = store.take, [StoreFailed("locked")]

    async def sometimes(*args: object) -> list[Work]:
        if refused:
            raise refused.pop()
        return await take(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "take", sometimes)
    monkeypatch.setattr("gateway.delivery.worker.LOOK_SECONDS", 0.01)
    peer = Peer()
    async with house(store, peer) as at:
        at.delivery.start()
        await at.emptied()
    assert peer.seen == ["a"]


@pytest.mark.requirement("U-13")
async def test_each_attempt_is_counted_and_logged_without_the_urls_path(store: SqliteStore) -> None:
    peer = Peer(ends=lambda _: Refused("HTTP 410"))
    async with house(store, peer) as at:
        await queue(store, "a", destination="http://127.0.0.1:9/hook/15555550100?key=s3cret")
        await at.emptied()
        await at.until(lambda: bool(at.logged()))
        await at.delivery.beat()
    (line,) = at.logged()
    del line["at"]
    assert line == {
        "event": "attempt.ended",
        "kind": "notify",
        "work_id": 1,
        "tracking_id": "a",
        "account": "shop",
        "destination": "127.0.0.1",
        "attempts": 1,
        "outcome": "Refused",
        "state": "Buried",
        "reason": "HTTP 410",
    }
    registry = at.metrics.registry
    assert registry.get_sample_value("mm7_attempts_total", {"kind": "notify", "outcome": "Refused"}) == 1
    assert registry.get_sample_value("mm7_attempt_seconds_count", {"kind": "notify"}) == 1
    assert registry.get_sample_value("mm7_queue", {"kind": "notify", "state": "dead"}) == 1
