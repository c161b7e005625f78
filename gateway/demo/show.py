"""What `mm7 demo` shows: an MT with a picture, its answer and report, an MO that an application gets."""

from __future__ import annotations

import asyncio
import hashlib
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, TypeVar

from aiohttp import web

from gateway.app import Gateway, Surroundings
from gateway.clock import RandomIds, SystemClock
from gateway.config import load
from gateway.demo.application import Application
from gateway.demo.picture import picture
from gateway.mm7 import Address, AddressKind, Leaf, Multipart
from gateway.mm7.mime import Part
from gateway.mm7.profiles import profile
from gateway.mms.slides import File, compose, slides_of
from gateway.router.incoming import Address as Recipient
from gateway.router.incoming import NewMT
from gateway.simulator.mmsc import Delivered, MmscSettings, SimulatedMmsc, Submitted
from gateway.store.records import Media

#: seconds that a step may take
PATIENCE = 20.0
SHORT_CODE, HANDSET = "28444", "15555550100"
CARRIER_PASSWORD = "not-a-secret"  # noqa: S105 - both ends of it are in this process
#: the ports that are taken where they are free; any other ones otherwise
PORTS = (8080, 8081, 9000, 9001)

#: what an application is told of a message that does not arrive
FAILURES = ("E101", "E102", "N103")

Say = Callable[[str], None]
T = TypeVar("T")


class StepFailed(Exception):
    """A step did not end as it has to; the text says how it ended."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs, and where."""

    gateway: Gateway
    mmsc: SimulatedMmsc
    application: Application
    seen: list[Submitted | Delivered]
    folder: Path
    application_url: str
    mmsc_url: str


async def demonstrate(out: TextIO, *, once: bool, carrier: type[SimulatedMmsc] = SimulatedMmsc) -> int:
    """Returns the exit status: 0, or 1 when any step failed, as it does with a `carrier` that refuses."""

    def say(line: str) -> None:
        out.write(line + "\n")
        out.flush()

    ports = (0, 0, 0, 0) if once else _free(PORTS)
    async with _stage(ports, carrier) as stage:
        try:
            await _show(stage, say)
        except (StepFailed, TimeoutError) as error:
            say(f"  FAILED: {str(error) or f'nothing happened for {PATIENCE:.0f} s'}")
            return 1
        if once:
            return 0
        _say_where(stage, say)
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()
    return 0


async def _show(stage: Stage, say: Say) -> None:
    say("1. An application's MMS with a picture, to a phone (MT)")
    tracking_id = await _submit(stage, say)
    say("2. What the carrier says became of it")
    await _report(stage, tracking_id, say)
    say("3. A phone's MMS with a picture, to the application (MO)")
    await _deliver(stage, say)
    say("Everything arrived.")


async def _submit(stage: Stage, say: Say) -> str:
    content = compose(slides_of("Hello from the gateway", [File("hello.png", "image/png", picture(1))]))
    media = tuple(_media(part) for part in content.parts if isinstance(part, Leaf))
    message = NewMT(
        account="demo", sender=SHORT_CODE, recipients=(Recipient(HANDSET),), media=media, subject="A picture"
    )
    accepted = await stage.gateway.router.accept_mt(message)
    say(f"   accepted       tracking id {accepted.tracking_id}, durable")
    told = await _told(stage, "N101", accepted.tracking_id)
    submitted = await _wait(lambda: _first(stage.seen, Submitted))
    envelope = submitted.envelope
    say(f"   SubmitReq      TransactionID {envelope.transaction_key}, {_listed(envelope.leaves)}")
    say(f"   SubmitRsp      1000 Success, TransactionID {envelope.transaction_key}, MessageID {submitted.message_id}")
    say(f"   postback       {told['code']} {told['status']}, tracking id {told['tracking-id']}")
    return accepted.tracking_id


async def _report(stage: Stage, tracking_id: str, say: Say) -> None:
    report = await _wait(lambda: _first(stage.seen, Delivered))
    _check_accepted(report)
    say(f"   DeliveryReportReq  Retrieved, TransactionID {report.transaction_id}")
    say(f"   DeliveryReportRsp  1000, TransactionID {_answered(report)}")
    told = await _told(stage, "N102", tracking_id)
    say(f"   postback       {told['code']} {told['status']}, tracking id {told['tracking-id']}")


async def _deliver(stage: Stage, say: Say) -> None:
    image = picture(2)
    content = compose(slides_of("Hello back", [File("back.png", "image/png", image)]))
    sender, code = Address(AddressKind.NUMBER, HANDSET), Address(AddressKind.SHORT_CODE, SHORT_CODE)
    mo = await _within(stage.mmsc.send_mo(sender, code, content, subject="Back to you"))
    _check_accepted(mo)
    say(f"   DeliverReq     TransactionID {mo.transaction_id}, {_listed_leaves(content)}")
    say(f"   DeliverRsp     1000, TransactionID {_answered(mo)}, stored")
    told = await _within(stage.application.told("N401"))
    say(f"   postback       {told['code']}, tracking id {told['tracking-id']}")
    fetched = await _within(stage.application.fetch(told))
    wanted = hashlib.sha256(image).hexdigest()
    pictures = [item for item in fetched if item.sha256 == wanted]
    if not pictures:
        raise StepFailed("the picture that the application fetched is not the one that the phone sent")
    for item in fetched:
        same = ", the phone's picture byte for byte" if item.sha256 == wanted else ""
        say(f"   content        {item.media_type}, {item.size} bytes{same}")


async def _told(stage: Stage, code: str, tracking_id: str) -> dict[str, Any]:
    """The postback that the application is to get about a message. Raises StepFailed for one of failure."""
    told = await _within(stage.application.told(code, *FAILURES, tracking_id=tracking_id))
    if told["code"] != code:
        raise StepFailed(f"the application was told {told['code']} {told['status']}: {told['status-details']}")
    return told


def _media(leaf: Leaf) -> Media:
    return Media(
        media_type=leaf.media_type,
        data=leaf.data,
        name=leaf.content_location,
        content_id=leaf.content_id,
        content_location=leaf.content_location,
    )


def _check_accepted(delivered: Delivered) -> None:
    answer = delivered.answer
    code = getattr(answer.message, "status_code", None) if answer is not None else None
    if delivered.http_status != 200 or code != 1000:
        raise StepFailed(f"{delivered.operation} was answered with HTTP {delivered.http_status}, StatusCode {code}")
    if _answered(delivered) != delivered.transaction_id:
        raise StepFailed(f"{delivered.operation} was answered with another TransactionID")


def _answered(delivered: Delivered) -> str:
    return delivered.answer.transaction_key if delivered.answer is not None else ""


def _listed(leaves: Iterable[Leaf | Part]) -> str:
    return " + ".join(f"{leaf.media_type} {len(leaf.data)} bytes" for leaf in leaves)


def _listed_leaves(content: Multipart) -> str:
    return _listed(part for part in content.parts if isinstance(part, Leaf))


def _first(seen: Sequence[object], kind: type[T]) -> T | None:
    return next((one for one in seen if isinstance(one, kind)), None)


async def _wait(find: Callable[[], T | None]) -> T:
    async with asyncio.timeout(PATIENCE):
        # What is waited for is a peer's doing, which sets no event of ours.
        while (found := find()) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        return found


async def _within(awaitable: Awaitable[T]) -> T:
    async with asyncio.timeout(PATIENCE):
        return await awaitable


def _say_where(stage: Stage, say: Say) -> None:
    say("")
    say(f"gateway      http://{stage.gateway.public} (carrier face at /carrier/demo-carrier)")
    say(f"metrics      http://{stage.gateway.operator}/metrics")
    say(f"carrier      {stage.mmsc_url} takes submits")
    say(f"application  {stage.application_url} takes postbacks")
    say(f"files        {stage.folder} (settings, database, log)")
    say("Ctrl-C stops everything; another message:")
    settings = stage.folder / "gateway.toml"
    say(f"  mm7 send --config {settings} --to {HANDSET} --from {SHORT_CODE} --text Hi --account demo")


@asynccontextmanager
async def _stage(ports: tuple[int, ...], carrier: type[SimulatedMmsc]) -> AsyncIterator[Stage]:
    """The application, the carrier and the gateway, started in that order and stopped in the other."""
    public, operator, mmsc_port, application_port = ports
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mm7-demo-")))
        application = Application()
        application_url = await stack.enter_async_context(_served(application.routes(), application_port))
        public = public or _any_port()
        seen: list[Submitted | Delivered] = []
        settings = MmscSettings(
            vasp_url=f"http://127.0.0.1:{public}/carrier/demo-carrier",
            dialect=profile("3gpp-6.8.0"),
            username="demo-carrier",
            password=CARRIER_PASSWORD,
        )
        mmsc = carrier(settings, SystemClock(), RandomIds(), seen.append)
        mmsc_url = await stack.enter_async_context(_served(mmsc.routes(), mmsc_port)) + "/mm7"
        (folder / "carrier-password").write_text(CARRIER_PASSWORD)
        path = folder / "gateway.toml"
        path.write_text(_settings(public, operator, mmsc_url, f"{application_url}/postbacks"))
        log = stack.enter_context((folder / "gateway.log").open("w", encoding="utf-8"))
        gateway = await Gateway.open(load(path, {}), Surroundings(log))
        stack.push_async_callback(gateway.stop)
        await gateway.start()
        await mmsc.start()
        stack.push_async_callback(mmsc.stop)
        yield Stage(gateway, mmsc, application, seen, folder, application_url, mmsc_url)


@asynccontextmanager
async def _served(routes: list[web.RouteDef], port: int) -> AsyncIterator[str]:
    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _settings(public: int, operator: int, mmsc_url: str, postback_url: str) -> str:
    return f"""# The settings of the demonstration: a whole configuration, to copy from.
[server]
listen = "127.0.0.1:{public}"
operator_listen = "127.0.0.1:{operator}"
public_url = "http://127.0.0.1:{public}"

[store]
url = "sqlite:///gateway.db"

[[carrier]]
name = "demo-carrier"
url = "{mmsc_url}"
profile = "3gpp-6.8.0"
vaspid = "demo"
vasid = "28444mms"
inbound_username = "demo-carrier"
inbound_password_file = "carrier-password"

[[route]]
to = "*"
sender = "*"
carrier = "demo-carrier"

[[account]]
name = "demo"
kind = "json"
senders = ["{SHORT_CODE}"]
postback_url = "{postback_url}"
"""


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _free(ports: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(port if _is_free(port) else 0 for port in ports)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
