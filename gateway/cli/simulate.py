"""`mm7 simulate mmsc`: a carrier on the desk."""

import argparse
import asyncio
import signal
from pathlib import Path

from aiohttp import web

from gateway.cli.common import Commands, Failed, command
from gateway.cli.explain import chosen_profile
from gateway.clock import RandomIds, SystemClock
from gateway.mm7.limits import MAX_BODY
from gateway.simulator.mmsc import Delivered, MmscSettings, SimulatedMmsc, Submitted


def add_to(commands: Commands) -> None:
    parser = command(commands, "simulate", "Be the other end, to test against.", "  mm7 simulate mmsc --help")
    inner = parser.add_subparsers(metavar="mmsc", required=True)
    mmsc = command(
        inner,
        "mmsc",
        "Be an MMSC: take submits at /mm7, answer with a MessageID, and report each as delivered.",
        "  mm7 simulate mmsc --listen 127.0.0.1:9000 --vasp-url http://127.0.0.1:8080/carrier/acme",
    )
    mmsc.add_argument("--listen", metavar="HOST:PORT", default="127.0.0.1:9000", help="where it takes submits")
    mmsc.add_argument("--vasp-url", metavar="URL", required=True, help="where reports go: the gateway's /carrier/NAME")
    mmsc.add_argument("--profile", metavar="NAME", default="3gpp-6.8.0", help="the dialect it speaks")
    mmsc.add_argument("--report-status", metavar="WORD", default="Retrieved", help="the MMStatus of its reports")
    mmsc.add_argument("--report-delay", metavar="SECONDS", type=float, default=1.0, help="after the submit")
    mmsc.add_argument("--username", help="HTTP Basic that it presents")
    mmsc.add_argument("--password-file", metavar="FILE", type=Path, help="the password with it")
    mmsc.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    host, _, port = options.listen.rpartition(":")
    if not host or not port.isdigit():
        raise Failed(f"--listen {options.listen!r}: write HOST:PORT, for example 127.0.0.1:9000")
    try:
        password = options.password_file.read_text("utf-8").rstrip("\r\n") if options.password_file else ""
    except OSError as error:
        raise Failed(f"{options.password_file}: {error.strerror}") from error
    settings = MmscSettings(
        vasp_url=options.vasp_url,
        dialect=chosen_profile(options.profile),
        username=options.username,
        password=password,
        report_status=options.report_status,
        report_delay=options.report_delay,
    )
    asyncio.run(_serve(settings, host.strip("[]"), int(port)))
    return 0


async def _serve(settings: MmscSettings, host: str, port: int) -> None:
    mmsc = SimulatedMmsc(settings, SystemClock(), RandomIds(), _print)
    app = web.Application(client_max_size=MAX_BODY)
    app.add_routes(mmsc.routes())
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=2.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        raise Failed(f"can't listen: {error}") from error
    await mmsc.start()
    print(f"simulated MMSC: http://{host}:{runner.addresses[0][1]}/mm7, reports to {settings.vasp_url}", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await stop.wait()
    finally:
        await mmsc.stop()
        await runner.cleanup()


def _print(seen: Submitted | Delivered) -> None:
    if isinstance(seen, Submitted):
        parts = ", ".join(f"{part.media_type} {len(part.data)} bytes" for part in seen.envelope.leaves)
        print(f"SubmitReq {seen.envelope.transaction_key} → MessageID {seen.message_id} ({parts})", flush=True)
    else:
        answer = seen.answer.operation if seen.answer is not None else "no MM7 answer"
        status = f"HTTP {seen.http_status} {answer}" if seen.http_status else "not answered"
        print(f"{seen.operation} {seen.transaction_id} → {status}", flush=True)
