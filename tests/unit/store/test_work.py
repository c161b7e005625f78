"""Work in the store: leases, order, what each verdict leads to, and that all of it is as the table of states says."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.store import states
from gateway.store.records import Buried, Change, Changes, Finished, Held, Message, Postponed, Report, Verdict, Work
from gateway.store.sqlite import SqliteStore
from gateway.store.states import MoState, RecipientState, WorkEvent, WorkState
from gateway.store.store import Lease
from tests.unit import making
from tests.unit.making import NOW, SHOP

MINE = Lease("me", NOW + 30_000)
THEIRS = Lease("them", NOW + 30_000)


async def queued(store: SqliteStore, *ids: str, destination: str = SHOP) -> None:
    for one in ids:
        await store.accept(making.mo(one), [], [making.notify(one, destination)])


async def submits(store: SqliteStore, *ids: str) -> None:
    for one in ids:
        message = making.mt(one)
        await store.accept(message, [], [making.submit(message)])


def row(tmp_path: Path, number: int) -> dict[str, object]:
    connection = sqlite3.connect(tmp_path / "gateway.db")
    connection.row_factory = sqlite3.Row
    found = dict(connection.execute("SELECT * FROM work WHERE id = ?", (number,)).fetchone())
    connection.close()
    return found


@pytest.mark.requirement("P-01")
async def test_first_attempts_come_in_the_order_of_acceptance(store: SqliteStore) -> None:
    await queued(store, "c", "a", "b")
    taken = await store.take("notify", SHOP, NOW, MINE, 10)
    assert [work.tracking_id for work in taken] == ["c", "a", "b"]
    assert [work.event_id for work in taken] == ["evt-c", "evt-a", "evt-b"]


@pytest.mark.requirement("P-01")
async def test_one_that_was_deferred_leaves_the_line_and_comes_back_at_its_time(store: SqliteStore) -> None:
    await queued(store, "a", "b", "c")
    (first, *_) = await store.take("notify", SHOP, NOW, MINE, 1)
    assert await store.settle(first, Postponed(NOW + 300_000, "503"))

    early = await store.take("notify", SHOP, NOW + 299_999, MINE, 10)
    later = await store.take("notify", SHOP, NOW + 300_000, MINE, 10)

    assert [work.tracking_id for work in early] == ["b", "c"]
    assert [(work.tracking_id, work.attempts, work.last_error) for work in later] == [
        ("a", 1, "503"),
        ("b", 0, None),
        ("c", 0, None),
    ]


async def test_a_clock_that_jumps_back_does_not_stop_first_attempts(store: SqliteStore) -> None:
    await queued(store, "a")
    assert await store.due("notify", NOW - 3600_000, "me") == [SHOP]
    assert len(await store.take("notify", SHOP, NOW - 3600_000, MINE, 1)) == 1


async def test_due_names_each_destination_with_something_to_do_now(store: SqliteStore) -> None:
    urls = [f"http://127.0.0.1:{port}/" for port in range(5)]
    for number, url in enumerate(urls):
        await queued(store, f"x{number}", f"y{number}", destination=url)
    for number in (1, 2):
        for work in await store.take("notify", urls[number], NOW, MINE, 10):
            await store.settle(work, Finished() if number == 1 else Postponed(NOW + 1000, "no"))
    await submits(store, "m")

    assert await store.due("notify", NOW, "me") == [urls[0], urls[3], urls[4]]
    assert await store.due("notify", NOW + 1000, "me") == [urls[0], urls[3], urls[4], urls[2]]
    assert await store.due("submit", NOW, "me") == ["acme"]


@pytest.mark.requirement("P-01")
async def test_a_url_is_one_nodes_until_its_lease_ends(store: SqliteStore) -> None:
    await queued(store, "a")
    assert await store.take("notify", SHOP, NOW, MINE, 1)

    assert await store.take("notify", SHOP, NOW, THEIRS, 1) == []
    assert await store.due("notify", NOW, "them") == []
    assert await store.due("notify", NOW, "me") == [SHOP]
    assert await store.extend(Lease("me", NOW + 60_000), [SHOP], []) == {SHOP}
    assert await store.take("notify", SHOP, NOW + 30_000, Lease("them", NOW + 90_000), 1) == []

    assert await store.take("notify", SHOP, NOW + 60_000, Lease("them", NOW + 90_000), 1)
    assert await store.extend(Lease("me", NOW + 99_000), [SHOP], []) == frozenset()


@pytest.mark.requirement("U-03")
async def test_a_submit_is_leased_by_itself(store: SqliteStore) -> None:
    await submits(store, "a", "b")
    (a,) = await store.take("submit", "acme", NOW, MINE, 1)
    (b,) = await store.take("submit", "acme", NOW, THEIRS, 5)
    assert (a.tracking_id, a.state, b.tracking_id) == ("a", WorkState.LEASED, "b")
    assert await store.take("submit", "acme", NOW, MINE, 5) == []


@pytest.mark.requirement("U-03")
async def test_only_the_holder_of_a_running_lease_may_begin(store: SqliteStore) -> None:
    await submits(store, "a")
    (work,) = await store.take("submit", "acme", NOW, MINE, 1)
    assert not await store.begin(work, NOW, THEIRS)
    assert not await store.begin(work, MINE.until, MINE)
    assert await store.begin(work, MINE.until - 1, MINE)
    assert await store.begin(work, MINE.until - 1, MINE)  # the same attempt, after a Digest challenge


@pytest.mark.requirement("U-03")
async def test_after_a_crash_what_was_begun_is_in_doubt_and_what_was_only_leased_is_ready(store: SqliteStore) -> None:
    await submits(store, "begun", "leased")
    begun, _ = await store.take("submit", "acme", NOW, MINE, 2)
    await store.begin(begun, NOW, MINE)

    assert await store.abandoned(NOW, THEIRS) == []  # alive, for all we know
    late = Lease("them", NOW + 90_000)
    found = await store.abandoned(MINE.until, late)

    assert [(work.tracking_id, work.lease_owner) for work in found] == [("begun", "them")]
    assert await store.abandoned(MINE.until, Lease("third", NOW + 90_000)) == []  # one node sees to it
    assert await store.settle(found[0], Held("gone"))
    assert [work.tracking_id for work in await store.take("submit", "acme", MINE.until, late, 5)] == ["leased"]
    assert await store.depth() == {("submit", "held"): 1, ("submit", "leased"): 1}


@pytest.mark.requirement("U-03")
async def test_a_node_that_was_frozen_cannot_overwrite_what_another_has_settled(store: SqliteStore) -> None:
    await submits(store, "a")
    (work,) = await store.take("submit", "acme", NOW, MINE, 1)
    await store.begin(work, NOW, MINE)
    (theirs,) = await store.abandoned(MINE.until, Lease("them", NOW + 90_000))

    def changed(_message: Message, _reports: tuple[Report, ...]) -> Changes:
        raise AssertionError("not ours to change")

    assert not await store.settle(work, Postponed(NOW, "busy"), Change(decide=changed))
    assert not await store.settle(work, Buried("time over"), Change(decide=changed))
    assert await store.settle(theirs, Held("gone"))
    assert not await store.settle(work, Held("reset"), Change(decide=changed))


@pytest.mark.requirement("U-03")
@pytest.mark.parametrize("theirs_is", ["open", "settled"])
@pytest.mark.parametrize("end", [Finished(), Buried("2004", certain=True)])
async def test_a_late_answer_settles_what_another_node_took_for_lost(
    store: SqliteStore, tmp_path: Path, theirs_is: str, end: Verdict
) -> None:
    """Given a submit whose lease another node took over, when the carrier answers after all, then the answer counts."""
    await submits(store, "a")
    (work,) = await store.take("submit", "acme", NOW, MINE, 1)
    await store.begin(work, NOW, MINE)
    (theirs,) = await store.abandoned(MINE.until, Lease("them", NOW + 90_000))
    if theirs_is == "settled":
        assert await store.settle(theirs, Held("gone"))

    assert await store.settle(work, end, Change(decide=lambda *_: Changes(work=(making.notify("a"),))))

    assert row(tmp_path, work.id)["state"] == ("done" if isinstance(end, Finished) else "dead")
    assert not await store.settle(theirs, Held("gone"))
    assert len(await store.take("notify", SHOP, NOW, MINE, 5)) == 1


@pytest.mark.requirement("U-03")
async def test_a_submit_may_be_accepted_as_leased_and_nobody_else_takes_it_while_that_runs(store: SqliteStore) -> None:
    message, told = making.mt("mine"), []
    store.listen(lambda _kind, destination: told.append(destination))
    work = replace(making.submit(message), lease_owner=MINE.owner, lease_until=MINE.until)
    await store.accept(message, [], [work])

    assert told == []
    assert await store.due("submit", NOW, "them") == []
    assert await store.take("submit", "acme", NOW, THEIRS, 5) == []
    (mine,) = await store.leased_to("me")
    assert (mine.tracking_id, mine.state, mine.lease_until) == ("mine", WorkState.LEASED, MINE.until)
    assert await store.leased_to("them") == []

    assert await store.abandoned(MINE.until, Lease("them", NOW + 90_000)) == []  # its node died before it began
    assert len(await store.take("submit", "acme", MINE.until, THEIRS, 5)) == 1


@pytest.mark.requirement("P-01")
async def test_after_an_outage_what_is_new_does_not_wait_for_all_that_failed(store: SqliteStore) -> None:
    await queued(store, *(f"old-{number}" for number in range(40)))
    for work in await store.take("notify", SHOP, NOW, MINE, 40):
        await store.settle(work, Postponed(NOW + 300_000, "503"))
    await queued(store, "new-1", "new-2")

    taken = [work.tracking_id for work in await store.take("notify", SHOP, NOW + 300_000, MINE, 16)]

    assert taken == ["old-0", "new-1", "old-1", "new-2", "old-2", "old-3"]


async def test_a_graceful_stop_returns_what_was_not_begun(store: SqliteStore) -> None:
    await submits(store, "a", "b")
    await queued(store, "n")
    begun, _ = await store.take("submit", "acme", NOW, MINE, 2)
    await store.begin(begun, NOW, MINE)
    await store.take("notify", SHOP, NOW, MINE, 1)

    await store.give_back("me")

    assert [work.tracking_id for work in await store.take("submit", "acme", NOW, THEIRS, 5)] == ["b"]
    assert [work.tracking_id for work in await store.take("notify", SHOP, NOW, THEIRS, 5)] == ["n"]


@pytest.mark.requirement("U-04")
async def test_a_settlement_and_what_it_changes_are_one(store: SqliteStore) -> None:
    await submits(store, "mt-1")
    await store.record_report(making.report("acme-1"), lambda *_: Changes())
    (work,) = await store.take("submit", "acme", NOW, MINE, 1)
    await store.begin(work, NOW, MINE)
    told: list[str] = []
    store.listen(lambda _kind, destination: told.append(destination))

    def decide(message: Message, parked: tuple[Report, ...]) -> Changes:
        who = replace(message.recipients[0], state=RecipientState.SUBMITTED, message_id="acme-1")
        matched = tuple(report.id for report in parked)
        return Changes(recipients=(who,), work=(making.notify("mt-1"),), matched=matched)

    assert await store.settle(work, Finished(), Change(decide=decide, carrier="acme", message_ids=("acme-1",)))

    message = await store.message("mt-1")
    assert message is not None
    assert message.recipients[0].state is RecipientState.SUBMITTED
    assert await store.parked() == []
    assert [report.tracking_id for report in await store.reports("mt-1")] == ["mt-1"]
    assert told == [SHOP]
    assert await store.depth() == {("notify", "ready"): 1}


async def test_a_decision_that_fails_leaves_the_work_unsettled(store: SqliteStore) -> None:
    await queued(store, "a")
    (work,) = await store.take("notify", SHOP, NOW, MINE, 1)

    def broken(_message: Message, _reports: tuple[Report, ...]) -> Changes:
        raise LookupError("a bug")

    with pytest.raises(LookupError):
        await store.settle(work, Finished(), Change(decide=broken))
    assert len(await store.take("notify", SHOP, NOW, MINE, 5)) == 1


async def test_an_mos_own_state_changes_with_its_notification(store: SqliteStore) -> None:
    await queued(store, "a")
    (work,) = await store.take("notify", SHOP, NOW, MINE, 1)
    await store.settle(work, Finished(), Change(decide=lambda *_: Changes(state=MoState.HANDED_OVER)))
    message = await store.message("a")
    assert message is not None
    assert message.state is MoState.HANDED_OVER
    assert not await store.settle(work, Finished())  # once


OPEN = (WorkState.LEASED, WorkState.SENDING)

VERDICTS: list[tuple[WorkEvent, Verdict]] = [
    (WorkEvent.FINISH, Finished()),
    (WorkEvent.DEFER, Postponed(NOW, "later")),
    (WorkEvent.BURY, Buried("never")),
    (WorkEvent.HOLD, Held("who knows")),
]


@pytest.mark.requirement("U-05")
@pytest.mark.parametrize(
    "before", [WorkState.LEASED, WorkState.SENDING, WorkState.HELD, WorkState.DONE, WorkState.DEAD]
)
@pytest.mark.parametrize(("event", "verdict"), VERDICTS)
async def test_a_submit_is_settled_as_the_table_says(
    store: SqliteStore, tmp_path: Path, before: WorkState, event: WorkEvent, verdict: Verdict
) -> None:
    work = await submit_in(store, before)
    if before in OPEN or (before is WorkState.HELD and event is WorkEvent.FINISH):
        assert await store.settle(work, verdict)
        assert row(tmp_path, work.id)["state"] == states.work(before, event)
        assert row(tmp_path, work.id)["attempts"] == (1 if before in OPEN else 2)
    else:  # settled already: nobody holds it
        assert not await store.settle(work, verdict)
        assert row(tmp_path, work.id)["state"] == before


async def submit_in(store: SqliteStore, state: WorkState) -> Work:
    await submits(store, "a")
    (work,) = await store.take("submit", "acme", NOW, MINE, 1)
    if state is not WorkState.LEASED:
        await store.begin(work, NOW, MINE)
    for event, verdict in VERDICTS:
        if states.work(WorkState.SENDING, event) is state:
            await store.settle(work, verdict)
    return work


@pytest.mark.requirement("U-05")
@pytest.mark.parametrize("before", [WorkState.READY, WorkState.DEFERRED, WorkState.DONE, WorkState.DEAD])
@pytest.mark.parametrize(("event", "verdict"), VERDICTS[:3])
async def test_a_notification_is_settled_as_the_table_says(
    store: SqliteStore, tmp_path: Path, before: WorkState, event: WorkEvent, verdict: Verdict
) -> None:
    await queued(store, "a")
    (work,) = await store.take("notify", SHOP, NOW, MINE, 1)
    for earlier, leads in VERDICTS:
        if states.work(WorkState.READY, earlier) is before and before is not WorkState.READY:
            await store.settle(work, leads)
    open_still = before in (WorkState.READY, WorkState.DEFERRED)
    assert await store.settle(work, verdict) == open_still
    assert row(tmp_path, work.id)["state"] == (states.work(before, event) if open_still else before)
