"""A database and its media directory know each other."""

import shutil
import stat
from pathlib import Path

import pytest

from gateway.clock import FixedClock
from gateway.store.sqlite import MOST_IN_ROW, SqliteStore
from gateway.store.store import StoreFailed
from tests.unit import making

LARGE = b"x" * (MOST_IN_ROW + 1)


async def opened(path: Path) -> SqliteStore:
    return await SqliteStore.open(path, FixedClock())


async def with_content(path: Path) -> None:
    store = await opened(path)
    await store.accept(making.mo(), [making.leaf("mo-1", data=LARGE)], [])
    await store.close()


@pytest.mark.requirement("U-01")
@pytest.mark.parametrize("what_is_there", ["nothing", "an empty directory"])
async def test_a_database_with_content_does_not_start_without_its_media_directory(
    tmp_path: Path, what_is_there: str
) -> None:
    """Given a volume that is not mounted, then nothing is made in its place, and all is there when it is back."""
    path, media, away = tmp_path / "g.db", tmp_path / "g.db.media", tmp_path / "away"
    await with_content(path)
    media.rename(away)
    if what_is_there != "nothing":
        media.mkdir()

    with pytest.raises(StoreFailed, match=r"g\.db\.media is missing or empty"):
        await opened(path)

    shutil.rmtree(media, ignore_errors=True)
    away.rename(media)
    store = await opened(path)
    assert [data for _, data in await store.content("mo-1")] == [LARGE]
    await store.close()


@pytest.mark.requirement("U-01")
async def test_another_databases_media_directory_is_not_written_to(tmp_path: Path) -> None:
    await with_content(tmp_path / "a.db")
    await with_content(tmp_path / "b.db")
    shutil.rmtree(tmp_path / "a.db.media")
    shutil.copytree(tmp_path / "b.db.media", tmp_path / "a.db.media")
    with pytest.raises(StoreFailed, match="of another database"):
        await opened(tmp_path / "a.db")


async def test_a_database_without_large_content_needs_no_media_directory(tmp_path: Path) -> None:
    store = await opened(tmp_path / "g.db")
    await store.accept(making.mo(), [making.leaf("mo-1")], [])
    await store.close()
    shutil.rmtree(tmp_path / "g.db.media")
    store = await opened(tmp_path / "g.db")
    await store.accept(making.mo("mo-2"), [making.leaf("mo-2", data=LARGE)], [])
    await store.close()


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}


@pytest.mark.requirement("U-13")
async def test_what_is_stored_is_its_owners_to_read_and_nobody_elses(tmp_path: Path) -> None:
    store = await opened(tmp_path / "g.db")
    await store.accept(making.mo(), [making.leaf("mo-1", data=LARGE)], [])
    assert modes(tmp_path) == dict.fromkeys(("g.db", "g.db-wal", "g.db-shm", "id", "last", "000001.pack"), 0o600) | {
        "g.db.media": 0o700
    }
    await store.close()
