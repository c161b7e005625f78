"""The single writer: group commit, and one caller's failure is its own."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from gateway.store.store import StoreBusy, StoreFailed
from gateway.store.writer import Writer


def connect(path: Path, timeout: float = 5.0) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=timeout)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "w.db"
    connection = connect(path)
    connection.execute("CREATE TABLE item (value INTEGER UNIQUE)")
    connection.close()
    return path


@pytest.fixture
async def writer(path: Path) -> AsyncIterator[Writer]:
    writer = Writer(connect(path))
    yield writer
    await writer.close()


class Inserts:
    """Inserts values and remembers how many came together."""

    def __init__(self) -> None:
        self.together: list[int] = []

    def many(self, db: sqlite3.Connection, values: Sequence[int]) -> Sequence[int]:
        self.together.append(len(values))
        db.executemany("INSERT INTO item VALUES (?)", [(value,) for value in values])
        return [value * 10 for value in values]


class Gate:
    """Keeps the writer's thread until it is opened, so that calls pile up behind it."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    def many(self, _db: sqlite3.Connection, items: Sequence[None]) -> Sequence[None]:
        self.opened.wait()
        return items


def stored(path: Path) -> list[int]:
    connection = connect(path)
    values = [value for (value,) in connection.execute("SELECT value FROM item ORDER BY value")]
    connection.close()
    return values


@pytest.mark.requirement("U-01")
async def test_what_waits_together_is_written_in_one_transaction_and_each_gets_its_own_result(
    writer: Writer, path: Path
) -> None:
    gate, inserts = Gate(), Inserts()
    held = writer.write(gate.many, None)
    await asyncio.sleep(0.05)  # the gate is a transaction of its own
    calls = [writer.write(inserts.many, value) for value in range(50)]
    gate.opened.set()

    assert await asyncio.gather(held, *calls) == [None, *range(0, 500, 10)]
    assert inserts.together == [50]
    assert stored(path) == list(range(50))


@pytest.mark.requirement("U-01")
async def test_one_that_fails_does_not_fail_the_others(writer: Writer, path: Path) -> None:
    gate, inserts = Gate(), Inserts()
    held = writer.write(gate.many, None)
    await asyncio.sleep(0.05)
    calls = [writer.write(inserts.many, value) for value in (1, 2, 2, 3)]
    gate.opened.set()
    await held

    results = await asyncio.gather(*calls, return_exceptions=True)

    assert [results[at] for at in (0, 1, 3)] == [10, 20, 30]
    assert isinstance(results[2], StoreFailed)
    assert stored(path) == [1, 2, 3]


async def test_an_error_that_is_not_the_databases_reaches_its_caller_as_it_is(writer: Writer, path: Path) -> None:
    def broken(db: sqlite3.Connection, items: Sequence[int]) -> Sequence[int]:
        db.execute("INSERT INTO item VALUES (7)")
        return [1 // item for item in items]

    with pytest.raises(ZeroDivisionError):
        await writer.write(broken, 0)
    assert stored(path) == []


@pytest.mark.requirement("U-15")
async def test_when_too_much_waits_the_caller_is_told_to_come_back(path: Path) -> None:
    writer = Writer(connect(path), most_waiting=2)
    gate = Gate()
    waiting = [writer.write(gate.many, None) for _ in range(2)]
    with pytest.raises(StoreBusy):
        writer.write(gate.many, None)
    gate.opened.set()
    await asyncio.gather(*waiting)
    await writer.write(gate.many, None)
    await writer.close()


async def test_closing_writes_what_waits_and_takes_no_more(writer: Writer, path: Path) -> None:
    calls = [writer.write(Inserts().many, value) for value in range(20)]
    await writer.close()
    await asyncio.gather(*calls)
    assert stored(path) == list(range(20))
    with pytest.raises(StoreFailed):
        writer.write(Inserts().many, 1)


async def test_a_caller_that_has_gone_changes_nothing_for_the_others(writer: Writer, path: Path) -> None:
    gate = Gate()
    held = writer.write(gate.many, None)
    gone, stays = writer.write(Inserts().many, 1), writer.write(Inserts().many, 2)
    gone.cancel()
    gate.opened.set()
    await held
    assert await stays == 20
    assert stored(path) == [1, 2]


async def test_another_process_that_keeps_the_file_is_busy_and_not_broken(path: Path) -> None:
    other = connect(path)
    other.execute("BEGIN IMMEDIATE")
    statements: list[str] = []
    connection = connect(path, 0.01)
    connection.set_trace_callback(statements.append)
    writer = Writer(connection)
    gate = Gate()
    gate.opened.set()
    with pytest.raises(StoreBusy):
        await writer.write(gate.many, None)

    results = await asyncio.gather(*(writer.write(Inserts().many, value) for value in range(9)), return_exceptions=True)

    assert [type(result) for result in results] == [StoreBusy] * 9
    assert len(statements) <= 1 + 9  # who waited together was told together: nobody waits nine times as long
    other.execute("ROLLBACK")
    other.close()
    assert await writer.write(Inserts().many, 1) == 10
    await writer.close()


@pytest.mark.requirement("U-01")
async def test_whatever_happens_in_the_writers_thread_nobody_waits_for_ever(writer: Writer, path: Path) -> None:
    """Given a failure that nobody foresaw, then its callers are told, and the next are served."""

    def too_few(db: sqlite3.Connection, _items: Sequence[int]) -> Sequence[int]:
        db.execute("INSERT INTO item VALUES (7)")
        return []

    def fatal(db: sqlite3.Connection, _items: Sequence[int]) -> Sequence[int]:
        db.execute("INSERT INTO item VALUES (8)")
        raise MemoryError

    class Fatal(BaseException):
        pass

    def worse(_db: sqlite3.Connection, _items: Sequence[int]) -> Sequence[int]:
        raise Fatal

    async with asyncio.timeout(5):
        with pytest.raises(ValueError, match="shorter"):
            await writer.write(too_few, 1)
        with pytest.raises(MemoryError):
            await writer.write(fatal, 1)
        with pytest.raises(StoreFailed, match="store-writer failed: Fatal"):
            await writer.write(worse, 1)
        assert await writer.write(Inserts().many, 1) == 10
    assert stored(path) == [1]
