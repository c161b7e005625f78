"""The store on SQLite: what is accepted is there, whole, after whatever comes."""

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.clock import FixedClock
from gateway.store import disk
from gateway.store.records import Changes, Media, Message, NewPart, Recipient, Report, part_token
from gateway.store.sqlite import MOST_IN_ROW, SqliteStore
from gateway.store.states import RecipientState
from gateway.store.store import ContentDamaged, StoreBusy, StoreFailed
from tests.unit import making

LARGE = bytes(range(256)) * (MOST_IN_ROW // 256) + b"!"


def packs(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "gateway.db.media").glob("*.pack"))


@pytest.mark.requirement("U-01")
async def test_an_mo_comes_back_as_it_was_accepted(store: SqliteStore) -> None:
    message = making.mo()
    await store.accept(message, [making.leaf("mo-1")], [making.notify("mo-1")])
    found = await store.message("mo-1")
    assert found is not None
    assert replace(found, parts=()) == message
    ((part, data),) = await store.content("mo-1")
    assert found.parts == (part,)
    assert (part.media_type, part.name, part.content_id, part.content_location) == (
        "text/plain",
        "a.txt",
        "cid-a",
        "a.txt",
    )
    assert (part.size, part.token, data) == (5, "mo-1.0.secret-0", b"hello")


@pytest.mark.requirement("U-01")
async def test_an_mt_comes_back_with_a_row_for_each_recipient(store: SqliteStore) -> None:
    message = making.mt(numbers=("15555550100", "15555550101"))
    await store.accept(message, [], [making.submit(message)])
    assert await store.message("mt-1") == message
    assert await store.message("mt-2") is None


async def test_small_content_lies_in_its_row_and_large_content_in_a_pack(store: SqliteStore, tmp_path: Path) -> None:
    small = memoryview(LARGE)[:MOST_IN_ROW]
    await store.accept(making.mo(), [making.leaf("mo-1", 0, small), making.leaf("mo-1", 1, LARGE, "image/jpeg")], [])
    assert [(part.size, data) for part, data in await store.content("mo-1")] == [
        (MOST_IN_ROW, bytes(small)),
        (MOST_IN_ROW + 1, LARGE),
    ]
    (pack,) = packs(tmp_path)
    assert LARGE in pack.read_bytes()


async def test_the_same_large_content_in_many_messages_is_kept_once(store: SqliteStore, tmp_path: Path) -> None:
    ids = [f"mo-{number}" for number in range(20)]
    await asyncio.gather(*(store.accept(making.mo(one), [making.leaf(one, data=LARGE)], []) for one in ids))
    assert packs(tmp_path)[0].read_bytes().count(LARGE) == 1
    assert [(await store.content(one))[0][1] for one in ids] == [LARGE] * 20


async def test_a_token_opens_its_part_and_nothing_else_does(store: SqliteStore) -> None:
    await store.accept(making.mo(), [making.leaf("mo-1", 0, b"zero"), making.leaf("mo-1", 1, LARGE)], [])
    found = await store.part("mo-1.1.secret-1")
    assert found is not None
    assert found[1] == LARGE
    wrong = (
        "mo-1.1.secret-0",
        "mo-1.1.",
        "mo-1.1",
        "mo-1",
        "",
        "mo-1.x.secret-1",
        "mo-1.-1.s",
        f"mo-1.{'9' * 30}.s",
        "é.²",
    )
    assert [await store.part(token) for token in wrong] == [None] * len(wrong)


async def test_content_with_another_hash_is_never_handed_out(store: SqliteStore, tmp_path: Path) -> None:
    await store.accept(making.mo(), [making.leaf("mo-1", 0, b"small"), making.leaf("mo-1", 1, LARGE)], [])
    with packs(tmp_path)[0].open("r+b") as pack:
        pack.seek(5000)
        pack.write(b"?")
    with pytest.raises(ContentDamaged):
        await store.part("mo-1.1.secret-1")
    with sqlite3.connect(tmp_path / "gateway.db") as other:
        other.execute("UPDATE part SET data = x'00' WHERE position = 0")
    other.close()
    with pytest.raises(ContentDamaged):
        await store.part("mo-1.0.secret-0")


@pytest.mark.requirement("U-01")
async def test_what_cannot_be_stored_whole_is_not_stored_at_all(store: SqliteStore) -> None:
    message = making.mo()
    twice = [making.leaf("mo-1", 0), making.leaf("mo-1", 1)]
    await store.accept(message, twice, [])
    with pytest.raises(StoreFailed):
        await store.accept(message, twice, [making.notify("mo-1")])
    assert await store.depth() == {}


@pytest.mark.requirement("U-01")
async def test_many_at_once_are_all_there(store: SqliteStore) -> None:
    ids = [f"mo-{number}" for number in range(300)]
    await asyncio.gather(*(store.accept(making.mo(one), [making.leaf(one)], [making.notify(one)]) for one in ids))
    assert all([await store.message(one) for one in ids])
    assert await store.depth() == {("notify", "ready"): 300}


@pytest.mark.requirement("U-01")
async def test_everything_is_there_after_closing_and_opening_again(tmp_path: Path) -> None:
    path = tmp_path / "again.db"
    store = await SqliteStore.open(path, FixedClock())
    await store.accept(making.mo(), [making.leaf("mo-1", data=LARGE)], [making.notify("mo-1")])
    await store.close()
    store = await SqliteStore.open(path, FixedClock())
    assert [data for _, data in await store.content("mo-1")] == [LARGE]
    assert await store.depth() == {("notify", "ready"): 1}
    await store.close()


async def test_two_processes_may_have_the_same_file(store: SqliteStore, tmp_path: Path) -> None:
    other = await SqliteStore.open(tmp_path / "gateway.db", FixedClock())
    mine, theirs = [f"a-{number}" for number in range(40)], [f"b-{number}" for number in range(40)]
    await asyncio.gather(
        *(store.accept(making.mo(one), [making.leaf(one)], []) for one in mine),
        *(other.accept(making.mo(one), [making.leaf(one)], []) for one in theirs),
    )
    assert all([await store.message(one) for one in theirs])
    assert all([await other.message(one) for one in mine])
    await other.close()


async def test_a_place_that_cannot_hold_a_database_is_said_to_fail(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    with pytest.raises(StoreFailed):
        await SqliteStore.open(tmp_path / "file" / "gateway.db", FixedClock())
    (tmp_path / "text.db").write_text("not a database, and long enough to be looked at as if it were one" * 20)
    with pytest.raises(StoreFailed):
        await SqliteStore.open(tmp_path / "text.db", FixedClock())


async def test_a_disk_that_refuses_content_refuses_the_message(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gateway.store.disk.write_at", full)
    with pytest.raises(StoreFailed, match="No space left"):
        await store.accept(making.mo(), [making.leaf("mo-1", data=LARGE)], [])
    assert await store.message("mo-1") is None


@pytest.mark.requirement("U-04")
async def test_a_report_for_an_unknown_message_is_parked_and_a_known_one_is_decided_upon(store: SqliteStore) -> None:
    seen: list[tuple[Message, tuple[Report, ...]]] = []

    def decide(message: Message, reports: tuple[Report, ...]) -> Changes:
        seen.append((message, reports))
        (who,) = message.recipients
        after = replace(who, state=RecipientState.RETRIEVED, mm_status="Retrieved", status_text="ok", changed_at=5)
        return Changes(recipients=(after,), work=(making.notify("mt-1"),))

    message = making.submitted(making.mt())
    await store.accept(message, [], [])
    early, known = making.report("acme-2"), making.report("acme-1")
    told: list[tuple[str, str]] = []
    store.listen(lambda kind, destination: told.append((kind, destination)))

    assert await store.record_report(early, decide) is None
    assert await store.record_report(known, decide) == "mt-1"

    assert seen == [(message, (known,))]
    assert told == [("notify", making.SHOP)]
    found = await store.message("mt-1")
    assert found is not None
    assert found.recipients == (
        Recipient(
            position=0,
            number="15555550100",
            state=RecipientState.RETRIEVED,
            message_id="acme-1",
            mm_status="Retrieved",
            status_text="ok",
            changed_at=5,
        ),
    )
    assert await store.parked() == [replace(early, id=1)]
    assert await store.reports("mt-1") == [replace(known, id=2, tracking_id="mt-1")]


async def test_a_report_of_the_same_id_from_another_carrier_is_not_ours(store: SqliteStore) -> None:
    await store.accept(making.submitted(making.mt()), [], [])
    other = replace(making.report("acme-1"), carrier="other")
    assert await store.record_report(other, lambda *_: Changes()) is None


@pytest.mark.requirement("U-04")
@pytest.mark.parametrize(
    ("recipient", "belongs_to"), [("15555550100", "old"), ("15555550101", "new"), ("5555550199", "new")]
)
async def test_of_messages_with_the_same_id_the_number_decides_and_then_the_newest(
    store: SqliteStore, recipient: str, belongs_to: str
) -> None:
    """Given a carrier that uses its MessageIDs again, then a report is not taken for the oldest message's."""
    for at, (one, number) in enumerate((("old", "15555550100"), ("mid", "15555550101"), ("new", "15555550101"))):
        message = making.submitted(replace(making.mt(one, (number,)), accepted_at=making.NOW + at))
        await store.accept(message, [], [])
    assert await store.record_report(making.report(recipient=recipient), lambda *_: Changes()) == belongs_to


@pytest.mark.requirement("U-01")
async def test_a_commit_is_flushed_to_the_disk_before_it_returns(store: SqliteStore) -> None:
    """kill -9 can't show what a power cut takes: so what SQLite promises about those is asked for by name."""
    assert pragma(store, "synchronous") == 2  # FULL
    assert pragma(store, "journal_mode") == "wal"


def pragma(store: SqliteStore, name: str) -> object:
    (value,) = store._writer._connection.execute(f"PRAGMA {name}").fetchone()
    return value


@pytest.mark.requirement("U-01")
async def test_content_is_on_the_disk_before_the_row_that_names_it_and_both_before_the_answer(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    write_at, data_to_disk = disk.write_at, disk.data_to_disk

    def written(descriptor: int, data: memoryview, start: int) -> None:
        write_at(descriptor, data, start)
        done.append("content written")

    def flushed(descriptor: int) -> None:
        data_to_disk(descriptor)
        done.append("content flushed")

    await store.accept(making.mo("makes-the-pack"), [making.leaf("makes-the-pack", data=b"?" + LARGE)], [])
    monkeypatch.setattr(disk, "write_at", written)
    monkeypatch.setattr(disk, "data_to_disk", flushed)
    store._writer._connection.set_trace_callback(lambda statement: done.append(statement.split()[0]))

    await store.accept(making.mo(), [making.leaf("mo-1", data=LARGE)], [making.notify("mo-1")])
    done.append("answered")

    inserts = done[3:-2]
    assert done[:3] == ["content written", "content flushed", "BEGIN"]
    assert set(inserts) == {"INSERT"}
    assert done[-2:] == ["COMMIT", "answered"]


@pytest.mark.requirement("U-15")
async def test_the_store_says_whether_it_can_keep_what_comes(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    await store.check()
    with monkeypatch.context() as patched:
        patched.setattr("gateway.store.disk.reserve", full)
        with pytest.raises(StoreFailed):
            await store.accept(making.mo(), [making.leaf("mo-1", data=LARGE)], [])
        with pytest.raises(StoreFailed, match="No space left"):
            await store.check()
    await store.check()  # there is room again, and nobody had to send anything to find out

    store._writer._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreFailed):
        await store.check()


@pytest.mark.requirement("U-15")
async def test_text_that_cannot_be_stored_is_refused_before_it_is_anybody_elses_trouble(store: SqliteStore) -> None:
    with pytest.raises(StoreFailed, match="text"):
        await store.accept(replace(making.mo(), operator_id="op\udcff"), [], [])
    with pytest.raises(StoreFailed, match="text"):
        await store.record_report(replace(making.report(), status_text="\udcff"), lambda *_: Changes())
    assert await store.parked() == []


async def test_a_part_may_be_empty(store: SqliteStore) -> None:
    empty = NewPart(part_token("mo-1", 0, "s"), Media(media_type="text/plain", data=b""))
    await store.accept(making.mo(), [empty], [])
    ((part, data),) = await store.content("mo-1")
    assert (part.size, part.name, data) == (0, None, b"")


@pytest.mark.requirement("U-15")
async def test_a_message_that_is_refused_for_want_of_room_leaves_no_content(
    store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise StoreBusy("full")

    monkeypatch.setattr(store._writer, "require_room", full)
    with pytest.raises(StoreBusy):
        await store.accept(making.mo(), [making.leaf("mo-1", data=LARGE)], [])
    assert sum(pack.stat().st_size for pack in packs(tmp_path)) == 0
