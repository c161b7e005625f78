"""The way in over HTTP, durable, as a ratio to the bare handler in the same run. `wrk` drives it from the second core.

Every request has its own TransactionID and, in its content, some bytes of its own: else deduplication is what gets
measured.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.table import Table
from gateway.mm7 import Address, AddressKind, Content, Leaf, Multipart, Recipients, write
from gateway.mm7.messages import DeliverReq, DeliveryReportReq, Request

SECONDS = 5
CONNECTIONS = 16
ROUNDS = 3
_ID = "TTTTTTTTTTTT"
_MARK = b"MMMMMMMMMMMM"
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_P99 = re.compile(r"99%\s+([\d.]+)(us|ms|s)")
_BAD = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)")

_SCRIPT = """
local a, b, c = {a}, {b}, {c}
local count, seed = 0, {seed}
request = function()
  count = count + 1
  local id = string.format("%012d", seed * 100000000 + count)
  local headers = {{["Content-Type"] = {type}, ["SOAPAction"] = '""'}}
  return wrk.format("POST", "/carrier/bench", headers, a .. id .. b .. id .. c)
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """One kind of request: its content type, and the body in three pieces between which the changing bytes stand."""

    name: str
    content_type: str
    pieces: tuple[bytes, bytes, bytes]


def loads() -> Iterator[Load]:
    yield _load("DeliveryReportReq", _report(), None)
    for name, size in (("DeliverReq, text", 0), ("DeliverReq, 100 KB", 100_000), ("DeliverReq, 1 MB", 1_000_000)):
        yield _load(name, _deliver(), _content(size))


def _report() -> DeliveryReportReq:
    return DeliveryReportReq(
        mm7_version="6.8.0",
        message_id=_MARK.decode(),
        recipient=Address(AddressKind.NUMBER, "15555550100"),
        sender=Address(AddressKind.SHORT_CODE, "28444"),
        date="2026-01-31T12:00:00Z",
        mm_status="Retrieved",
    )


def _deliver() -> DeliverReq:
    return DeliverReq(
        mm7_version="6.8.0",
        mms_relay_server_id="mmsc.example.net",
        linked_id="0123456789",
        sender=Address(AddressKind.NUMBER, "15555550100"),
        recipients=Recipients(to=(Address(AddressKind.SHORT_CODE, "28444"),)),
        time_stamp="2026-01-31T12:00:00Z",
        priority="Normal",
        subject="A message",
        content=Content("cid:content"),
    )


def _content(size: int) -> Multipart:
    text = Leaf("text/plain; charset=utf-8", b"A few words " + _MARK, "text.txt")
    picture = Leaf("image/jpeg", _MARK + random.Random(size).randbytes(size), "picture.jpg", "picture.jpg")
    return Multipart((picture,) if size else (text,))


def _load(name: str, message: Request, content: Multipart | None) -> Load:
    encoded = write(message, _ID, content=content, boundary="0123456789abcdef0123456789abcdef")
    first, _, rest = encoded.body().partition(_ID.encode())
    second, _, third = rest.partition(_MARK)
    return Load(name, encoded.headers["Content-Type"], (first, second, third))


def _lua(data: bytes) -> str:
    return '"' + "".join(f"\\{byte:03d}" for byte in data) + '"'


@contextmanager
def _server(kind: str) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.servers", kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None, "it has a pipe"
    try:
        yield int(process.stdout.readline())
    finally:
        process.communicate("", timeout=60)


@dataclass(frozen=True, slots=True)
class Figure:
    """Requests a second, and the 99th percentile of the answer's time in milliseconds."""

    rate: float
    p99: float


def _measure(port: int, load: Load, folder: Path, seed: int) -> Figure:
    script = folder / "load.lua"
    a, b, c = map(_lua, load.pieces)
    script.write_text(_SCRIPT.format(a=a, b=b, c=c, seed=seed, type=_lua(load.content_type.encode())))
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency"]
    run = subprocess.run(
        [*command, "-s", str(script), f"http://127.0.0.1:{port}/"], capture_output=True, text=True, check=True
    )
    bad = _BAD.search(run.stdout)
    if bad:
        raise RuntimeError(f"{load.name}: {bad.group()}")
    rate, p99 = _RATE.search(run.stdout), _P99.search(run.stdout)
    assert rate is not None, run.stdout
    assert p99 is not None, run.stdout
    return Figure(float(rate.group(1)), float(p99.group(1)) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[p99.group(2)])


def run() -> Table:
    """Each load in turn on both servers, several rounds; the median round's ratio."""
    if shutil.which("wrk") is None or shutil.which("taskset") is None:
        return Table(
            "The way in over HTTP", ("not measured",), (("wrk and taskset are needed (Debian: wrk, util-linux)",),)
        )
    rows = []
    with tempfile.TemporaryDirectory() as folder, _server("bare") as bare_port, _server("gateway") as our_port:
        for number, load in enumerate(loads()):
            pairs = []
            for round_ in range(ROUNDS):
                seed = number * ROUNDS + round_ + 1
                reference = _measure(bare_port, load, Path(folder), seed)
                pairs.append((_measure(our_port, load, Path(folder), seed), reference))
            ours, reference = sorted(pairs, key=lambda pair: pair[0].rate / pair[1].rate)[len(pairs) // 2]
            ratio = ours.rate / reference.rate
            rows.append((load.name, f"{reference.rate:,.0f}", f"{ours.rate:,.0f}", f"{ratio:.2f}", f"{ours.p99:.1f}"))
    headings = ("request", "bare handler, req/s", "gateway, req/s", "ratio", "gateway p99, ms")
    return Table(f"The way in over HTTP, durable (one core each, {CONNECTIONS} connections)", headings, tuple(rows))
