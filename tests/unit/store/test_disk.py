"""Bytes on the disk, past the page cache or through it."""

import errno
import os
from collections.abc import Iterator
from mmap import mmap
from pathlib import Path

import pytest

from gateway.store import disk
from gateway.store.disk import BLOCK


@pytest.fixture
def aligned() -> Iterator[memoryview]:
    memory = mmap(-1, 4 * BLOCK)
    memory[:] = os.urandom(4 * BLOCK)
    with memoryview(memory) as view:
        yield view
    memory.close()


@pytest.mark.parametrize("direct", [getattr(os, "O_DIRECT", 0), 0])
def test_a_file_holds_what_was_written_where_it_was_written(
    tmp_path: Path, aligned: memoryview, monkeypatch: pytest.MonkeyPatch, direct: int
) -> None:
    monkeypatch.setattr(disk, "_DIRECT", direct)
    descriptor = disk.create(tmp_path / "new", aligned[:BLOCK])
    disk.reserve(descriptor, BLOCK, 8 * BLOCK)
    disk.write_at(descriptor, aligned, 2 * BLOCK)
    disk.data_to_disk(descriptor)
    os.close(descriptor)
    data = (tmp_path / "new").read_bytes()
    assert data[:BLOCK] == aligned[:BLOCK]
    assert data[2 * BLOCK : 6 * BLOCK] == aligned


@pytest.mark.requirement("U-01")
def test_a_new_files_name_is_on_the_disk(tmp_path: Path, aligned: memoryview, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(disk, "to_disk", lambda descriptor: flushed.append(os.fstat(descriptor).st_ino))
    os.close(disk.create(tmp_path / "new", aligned[:BLOCK]))
    assert flushed == [(tmp_path / "new").stat().st_ino, tmp_path.stat().st_ino]


def test_a_file_system_without_direct_access_is_written_through_the_cache(
    tmp_path: Path, aligned: memoryview, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = disk._begin

    def refused(path: Path, first: memoryview, how: int) -> int:
        if how:
            path.touch()
            raise OSError(errno.EINVAL, "no direct access")
        return begin(path, first, how)

    monkeypatch.setattr(disk, "_DIRECT", os.O_SYNC)  # stands for O_DIRECT, which not every platform has
    monkeypatch.setattr(disk, "_begin", refused)
    os.close(disk.create(tmp_path / "new", aligned[:BLOCK]))
    assert (tmp_path / "new").read_bytes() == aligned[:BLOCK]


def test_a_full_disk_is_not_taken_for_one_without_direct_access(
    tmp_path: Path, aligned: memoryview, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(disk, "write_at", full)
    with pytest.raises(OSError, match="No space left"):
        disk.create(tmp_path / "new", aligned[:BLOCK])
    assert list(tmp_path.iterdir()) == []  # nor does it leave a file that was begun


def test_a_small_file_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk.replace(tmp_path / "last", b"7")

    def broken(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(disk, "to_disk", broken)
    with pytest.raises(OSError, match="Input/output"):
        disk.replace(tmp_path / "last", b"8")
    assert (tmp_path / "last").read_bytes() == b"7"


def test_space_that_cannot_be_reserved_is_taken_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def unable(*_: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "not here")

    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if not hasattr(os, "posix_fallocate"):
        return
    monkeypatch.setattr(os, "posix_fallocate", unable)
    disk.reserve(0, 0, BLOCK)
    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        disk.reserve(0, 0, BLOCK)
