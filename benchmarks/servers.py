"""The servers that `benchmarks.http` loads, each a process on the first core: `python -m benchmarks.servers KIND`.

`bare` is the reference: aiohttp and uvloop, the whole body read, a canned answer. `gateway` is ours as it is shipped,
storing in a fresh folder, its delivery stopped so that what is measured is the way in. Each prints its port and serves
until its standard input is closed.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import uvloop
from aiohttp import web

from gateway.app import Gateway, Surroundings
from gateway.config import load
from gateway.mm7.limits import MAX_BODY

CANNED = b"<?xml version='1.0' encoding='UTF-8'?>" + b"x" * 560

SETTINGS = """
[server]
listen = "127.0.0.1:0"
operator_listen = "127.0.0.1:0"
public_url = "http://127.0.0.1:8080"

[store]
url = "sqlite:///gateway.db"

[[carrier]]
name = "bench"
url = "http://127.0.0.1:9/mm7"

[[route]]
to = "*"
sender = "*"
carrier = "bench"

[[account]]
name = "app"
senders = ["28444"]
postback_url = "http://127.0.0.1:9/postbacks"
"""


class _Nowhere:
    """Log lines are made and thrown away: writing them is the terminal's cost, not ours."""

    def write(self, _line: str, /) -> object:
        return None


async def bare() -> int:
    async def handle(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=CANNED, content_type="text/xml")

    app = web.Application(client_max_size=MAX_BODY)
    app.router.add_post("/carrier/{name}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return int(runner.addresses[0][1])


async def gateway(folder: Path) -> int:
    path = folder / "gateway.toml"
    path.write_text(SETTINGS)
    running = await Gateway.open(load(path, {}), Surroundings(_Nowhere()))
    await running.start(deliver=False)
    assert running.public is not None, "it is started"
    return running.public.port


async def main(kind: str) -> None:
    with tempfile.TemporaryDirectory(prefix="mm7-bench-", dir=os.environ.get("MM7_BENCH_DIR")) as folder:
        port = await (bare() if kind == "bare" else gateway(Path(folder)))
        print(port, flush=True)
        # The parent closes our standard input when it has measured.
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    os.sched_setaffinity(0, {0})
    uvloop.run(main(sys.argv[1]))
