"""Content in files named by its hash."""

import hashlib
import os
from pathlib import Path

import pytest

from gateway.store.blobs import Blobs
from gateway.store.store import ContentDamaged

PICTURE = bytes(range(256)) * 400


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "db.media")


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_content_lies_under_its_hash_and_comes_back(blobs: Blobs, tmp_path: Path) -> None:
    digest = blobs.put(memoryview(PICTURE))
    assert digest == hashlib.sha256(PICTURE).digest()
    assert blobs.get(digest) == PICTURE
    name = digest.hex()
    assert files(tmp_path) == [tmp_path / "db.media" / name[:2] / name[2:]]


def test_the_same_content_is_written_once(blobs: Blobs, tmp_path: Path) -> None:
    digest = blobs.put(PICTURE)
    (first,) = files(tmp_path)
    before = first.stat()
    assert blobs.put(bytearray(PICTURE)) == digest
    assert files(tmp_path) == [first]
    assert first.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.requirement("U-01")
def test_content_is_on_disk_before_it_has_its_name_and_the_name_before_put_returns(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    rename = Path.rename

    def renamed(path: Path, to: Path) -> Path:
        done.append("rename")
        return rename(path, to)

    monkeypatch.setattr("gateway.store.blobs._data_to_disk", lambda _: done.append("content"))
    monkeypatch.setattr("gateway.store.blobs._to_disk", lambda _: done.append("directory"))
    monkeypatch.setattr(Path, "rename", renamed)
    blobs.put(PICTURE)
    assert done == ["content", "rename", "directory"]
    blobs.put(PICTURE)  # whoever wrote it first may not have come to the directory yet
    assert done[3:] == ["directory"]


@pytest.mark.parametrize("damage", [b"", PICTURE[:-1], PICTURE + b"x"])
def test_damaged_content_is_never_handed_out(blobs: Blobs, tmp_path: Path, damage: bytes) -> None:
    digest = blobs.put(PICTURE)
    files(tmp_path)[0].write_bytes(damage)
    with pytest.raises(ContentDamaged):
        blobs.get(digest)


def test_missing_content_is_said_to_be_damaged(blobs: Blobs) -> None:
    with pytest.raises(ContentDamaged):
        blobs.get(bytes(32))


def test_a_write_that_fails_leaves_nothing(blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gateway.store.blobs._data_to_disk", full)
    with pytest.raises(OSError, match="No space left"):
        blobs.put(PICTURE)
    assert files(tmp_path) == []


def test_what_a_crash_left_half_written_goes_once_it_is_old(blobs: Blobs, tmp_path: Path) -> None:
    old, new = tmp_path / "db.media" / "new" / "old", tmp_path / "db.media" / "new" / "new"
    for leftover in (old, new):
        leftover.write_bytes(b"half")
    os.utime(old, (1000, 1000))
    blobs.forget_unfinished(before=2000)
    assert files(tmp_path) == [new]
