"""Large content in append-only files."""

import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.store import disk
from gateway.store import packs as module
from gateway.store.disk import BLOCK
from gateway.store.packs import RESERVE, SCRATCH, Packs
from gateway.store.store import ContentDamaged, StoreFailed

PICTURE = os.urandom(20_000)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "db.media"


@pytest.fixture
def packs(root: Path) -> Iterator[Packs]:
    packs = Packs(root)
    yield packs
    packs.close()


def numbers(root: Path) -> list[str]:
    return sorted(path.name for path in root.glob("*.pack"))


SIZES = st.integers(1, 3 * BLOCK) | st.sampled_from([BLOCK, SCRATCH - 1, SCRATCH, SCRATCH + 1, 2 * SCRATCH + BLOCK + 7])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(SIZES, min_size=1, max_size=6))
def test_what_was_kept_together_comes_back_each_by_itself(packs: Packs, sizes: list[int]) -> None:
    contents = [os.urandom(size) for size in sizes]
    kept = packs.keep([memoryview(content) for content in contents])
    assert [packs.read(one, size) for one, size in zip(kept, sizes, strict=True)] == contents
    assert [one.digest for one in kept] == [hashlib.sha256(content).digest() for content in contents]
    assert all(one.start % BLOCK == 0 for one in kept)


def test_what_is_known_is_kept_once(packs: Packs, root: Path) -> None:
    first, again = packs.keep([PICTURE, bytearray(PICTURE)])
    (later,) = packs.keep([memoryview(PICTURE)])
    assert first == again == later
    assert (root / "000001.pack").read_bytes().count(PICTURE) == 1


def test_only_so_much_is_remembered(packs: Packs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 2)
    first, *_ = packs.keep([b"a", b"b", b"c"])
    assert packs.keep([b"a"]) != [first]
    assert len(packs._known) == 2


@pytest.mark.requirement("U-01")
def test_content_is_flushed_before_keep_returns_and_once_for_all_of_it(
    packs: Packs, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs.keep([b"makes the pack"])
    done: list[str] = []
    write_at = disk.write_at

    def written(descriptor: int, data: memoryview, start: int) -> None:
        done.append("written")
        write_at(descriptor, data, start)

    monkeypatch.setattr(disk, "write_at", written)
    monkeypatch.setattr(disk, "data_to_disk", lambda _: done.append("flushed"))
    packs.keep([os.urandom(20_000) for _ in range(30)])
    assert done == ["written", "flushed"]
    packs.keep([os.urandom(2 * SCRATCH + 5)])
    assert done[2:] == ["written", "written", "written", "flushed"]


def test_each_process_writes_to_packs_of_its_own(packs: Packs, root: Path) -> None:
    other = Packs(root)
    (mine,), (theirs,) = packs.keep([b"mine"]), other.keep([b"theirs"])
    assert (mine.pack, theirs.pack) == (1, 2)
    assert (packs.read(theirs, 6), other.read(mine, 4)) == (b"theirs", b"mine")
    other.close()


def test_after_a_restart_old_packs_are_read_and_not_written(packs: Packs, root: Path) -> None:
    (old,) = packs.keep([PICTURE])
    packs.close()
    before = (root / "000001.pack").read_bytes()
    again = Packs(root)
    (new,) = again.keep([PICTURE])
    assert (old.pack, new.pack) == (1, 2)
    assert again.read(old, len(PICTURE)) == PICTURE
    again.close()
    assert (root / "000001.pack").read_bytes() == before


def test_a_full_pack_gets_no_more(packs: Packs, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FULL", 15_000)
    for _ in range(3):
        packs.keep([os.urandom(8_000)])
    assert numbers(root) == ["000001.pack", "000002.pack"]


def test_space_is_reserved_ahead_and_given_back_at_the_end(packs: Packs, root: Path) -> None:
    packs.keep([PICTURE])
    if hasattr(os, "posix_fallocate"):
        assert (root / "000001.pack").stat().st_size == BLOCK + RESERVE
    packs.close()
    assert (root / "000001.pack").stat().st_size == BLOCK + 5 * BLOCK


@pytest.mark.requirement("U-01")
@pytest.mark.parametrize("call", ["write_at", "data_to_disk"])
def test_after_a_failure_nothing_counts_as_kept_and_another_pack_is_begun(
    packs: Packs, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    (before,) = packs.keep([b"before"])

    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(disk, call, broken)
        with pytest.raises(OSError, match="Input/output error"):
            packs.keep([PICTURE])

    (after,) = packs.keep([PICTURE])
    assert after.pack == before.pack + 1
    assert packs.read(after, len(PICTURE)) == PICTURE
    assert packs.read(before, 6) == b"before"


def test_damaged_content_is_never_handed_out(packs: Packs, root: Path) -> None:
    (kept,) = packs.keep([PICTURE])
    with (root / "000001.pack").open("r+b") as pack:
        pack.seek(kept.start + 100)
        pack.write(b"\0\1")
    with pytest.raises(ContentDamaged):
        packs.read(kept, len(PICTURE))


def test_shortened_content_is_damaged_and_a_pack_that_cannot_be_read_may_come_back(packs: Packs, root: Path) -> None:
    (kept,) = packs.keep([PICTURE])
    packs.close()
    os.truncate(root / "000001.pack", kept.start + 10)
    with pytest.raises(ContentDamaged):
        packs.read(kept, len(PICTURE))
    (root / "000001.pack").rename(root / "elsewhere")
    with pytest.raises(StoreFailed):
        packs.read(kept, len(PICTURE))


@pytest.mark.requirement("U-15")
def test_a_full_disk_does_not_fill_with_packs_that_hold_nothing(
    packs: Packs, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given content that the disk refuses again and again, then it costs no more than when it was refused once."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(disk, "reserve", full)
        for _ in range(5):
            with pytest.raises(OSError, match="No space"):
                packs.keep([PICTURE])
    assert numbers(root) == []
    (kept,) = packs.keep([PICTURE])
    assert packs.read(kept, len(PICTURE)) == PICTURE


def test_on_a_nearly_full_disk_content_gets_the_room_that_a_reserve_would_take(
    packs: Packs, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve, asked = disk.reserve, []

    def nearly_full(descriptor: int, start: int, size: int) -> None:
        asked.append(size)
        if size > 10 * BLOCK:
            raise OSError(errno.ENOSPC, "No space left on device")
        reserve(descriptor, start, size)

    monkeypatch.setattr(disk, "reserve", nearly_full)
    (kept,) = packs.keep([PICTURE])
    assert packs.read(kept, len(PICTURE)) == PICTURE
    assert asked == [RESERVE, 5 * BLOCK]


def test_the_number_of_a_pack_that_is_gone_is_not_given_again(packs: Packs, root: Path) -> None:
    packs.keep([PICTURE])
    packs.close()
    (root / "000001.pack").unlink()
    again = Packs(root)
    (kept,) = again.keep([PICTURE])
    assert kept.pack == 2
    again.close()


@pytest.mark.requirement("U-01")
def test_content_is_remembered_only_while_its_pack_is_the_open_one(
    packs: Packs, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a full pack that is removed because nothing names it, then its content is kept again when it comes."""
    monkeypatch.setattr(module, "FULL", 15_000)
    packs.keep([PICTURE])
    packs.keep([b"another"])
    (root / "000001.pack").unlink()
    (kept,) = packs.keep([PICTURE])
    assert packs.read(kept, len(PICTURE)) == PICTURE
