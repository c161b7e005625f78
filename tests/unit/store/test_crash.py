"""kill -9 while messages are being accepted: what was acknowledged is there, whole."""

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from gateway.clock import FixedClock
from gateway.store.sqlite import SqliteStore
from gateway.store.store import Lease
from tests.unit.making import NOW, SHOP

PROJECT = Path(__file__).parents[3]

ACCEPTING = textwrap.dedent(
    """
    import asyncio, hashlib, json, sys
    from pathlib import Path
    from gateway.clock import FixedClock
    from gateway.store.sqlite import SqliteStore
    from tests.unit import making

    async def one_after_another(store, sender):
        number = 0
        while True:
            tracking_id = f"mo-{sender}-{number}"
            small, large = f"{tracking_id}".encode(), f"{tracking_id}".encode() * 2000
            content = [making.leaf(tracking_id, 0, small), making.leaf(tracking_id, 1, large)]
            await store.accept(making.mo(tracking_id), content, [making.notify(tracking_id)])
            print(tracking_id, flush=True)
            number += 1

    async def main():
        store = await SqliteStore.open(Path(sys.argv[1]), FixedClock())
        await asyncio.gather(*(one_after_another(store, sender) for sender in range(16)))

    asyncio.run(main())
    """
)


@pytest.mark.requirement("U-01")
@pytest.mark.parametrize("acknowledged", [1, 50, 333])
async def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path: Path, acknowledged: int) -> None:
    path = tmp_path / "gateway.db"
    told = accepted_until_killed(path, acknowledged)
    assert len(told) >= acknowledged

    store = await SqliteStore.open(path, FixedClock())
    waiting = await store.take("notify", SHOP, NOW, Lease("me", NOW + 1), 1_000_000)
    stored = {work.tracking_id for work in waiting}
    assert set(told) <= stored
    assert len(stored) == len(waiting)
    for tracking_id in stored:  # those that were stored and not yet acknowledged are whole as well
        assert await store.message(tracking_id) is not None
        small, large = [data for _, data in await store.content(tracking_id)]
        assert (small, large) == (tracking_id.encode(), tracking_id.encode() * 2000)
    await store.close()


def accepted_until_killed(path: Path, acknowledged: int) -> list[str]:
    """The tracking ids that a process said it had accepted before it was killed."""
    command = [sys.executable, "-c", ACCEPTING, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(acknowledged)]
        process.send_signal(signal.SIGKILL)
        told += process.stdout.readlines()
    return [line.strip() for line in told if line.endswith("\n")]
