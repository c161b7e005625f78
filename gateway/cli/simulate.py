"""`mm7 simulate mmsc`: a carrier on the desk."""

import argparse
import asyncio
import signal
from pathlib import Path
from typing import cast

from aiohttp import web

from gateway.cli.common import HERE, Commands, Failed, chosen_profile, command, credentials, url_of
from gateway.clock import RandomIds, SystemClock
from gateway.config import Listen, kinds
from gateway.mm7.limits import MAX_BODY
from gateway.mm7.status import MmStatus
from gateway.simulator.mmsc import Delivered, MmscSettings, SimulatedMmsc, Submitted

#: seconds
LONGEST_DELAY = 86400
STATUSES = tuple(status.value for status in MmStatus)


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
    mmsc.add_argument(
        "--report-status",
        metavar="WORD",
        default="Retrieved",
        choices=STATUSES,
        help=f"the MMStatus of its reports: {', '.join(STATUSES)}",
    )
    mmsc.add_argument(
        "--report-delay", metavar="SECONDS", type=_delay, default=1.0, help=f"after the submit, at most {LONGEST_DELAY}"
    )
    mmsc.add_argument("--username", help="HTTP Basic that it presents")
    mmsc.add_argument("--password-file", metavar="FILE", type=Path, help="the password with it")
    mmsc.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    username, password = credentials(options.username, options.password_file) or (None, "")
    settings = MmscSettings(
        vasp_url=url_of("--vasp-url", options.vasp_url),
        dialect=chosen_profile(options.profile),
        username=username,
        password=password,
        report_status=options.report_status,
        report_delay=options.report_delay,
    )
    asyncio.run(_serve(settings, _listen(options.listen)))
    return 0


def _listen(text: str) -> Listen:
    try:
        return cast(Listen, kinds.LISTEN.read(text, HERE))
    except ValueError as error:
        raise Failed(f"--listen {text!r}: write HOST:PORT, for example 127.0.0.1:9000") from error


def _delay(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_DELAY:
        raise argparse.ArgumentTypeError(f"give seconds from 0 to {LONGEST_DELAY}, not {text!r}")
    return seconds


async def _serve(settings: MmscSettings, listen: Listen) -> None:
    mmsc = SimulatedMmsc(settings, SystemClock(), RandomIds(), _print)
    app = web.Application(client_max_size=MAX_BODY)
    app.add_routes(mmsc.routes())
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=2.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, listen.host, listen.port).start()
    except OSError as error:
        await runner.cleanup()
        raise Failed(f"can't listen: {error.strerror or error} (--listen)") from error
    await mmsc.start()
    print(
        f"simulated MMSC: http://{Listen(listen.host, runner.addresses[0][1])}/mm7, reports to {settings.vasp_url}",
        flush=True,
    )
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
