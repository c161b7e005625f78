"""`mm7 serve`: the gateway."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TypeVar

from gateway.app import Gateway, NotSupported, Surroundings
from gateway.cli.common import Commands, Failed, add_config_option, command, config_file, load_config
from gateway.config import Config
from gateway.store.store import StoreError

T = TypeVar("T")


def add_to(commands: Commands) -> None:
    parser = command(
        commands,
        "serve",
        "Run the gateway until it is told to stop (SIGTERM, Ctrl-C); SIGHUP reloads carriers, routes and accounts.",
        "  mm7 serve --config gateway.toml",
    )
    add_config_option(parser)
    parser.add_argument(
        "--workers", metavar="N", type=int, default=1, help="processes (more than one needs PostgreSQL)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if options.workers != 1:
        raise Failed("--workers: this version stores in SQLite, which one process writes; use --workers 1")
    # The file that is found now is the one that a reload reads: were it gone by then, the built-in settings, which
    # know no carrier, would be no reload that anyone means.
    path = config_file(options.config)
    config = load_config(path)
    for warning in config.warnings:
        sys.stderr.write(f"mm7: warning: {warning}\n")
    run_loop(serve(config, path))
    return 0


def run_loop(main: Coroutine[object, object, T]) -> T:
    """Runs a coroutine on uvloop where it is installed (it is not for Windows)."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


async def serve(config: Config, path: Path | None) -> None:
    stop = asyncio.Event()
    try:
        gateway = await Gateway.open(config, Surroundings(sys.stderr))
    except (NotSupported, StoreError) as error:
        raise Failed(str(error)) from error
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, _reload, gateway, path)
    try:
        try:
            await gateway.start()
        except OSError as error:
            raise Failed(
                f"can't listen: {error.strerror or error} ([server] listen, operator_listen, tls_cert, tls_key)"
            ) from error
        scheme = "https" if config.server.tls_cert else "http"
        sys.stderr.write(f"mm7: listening on {scheme}://{gateway.public}, operator on http://{gateway.operator}\n")
        await stop.wait()
    finally:
        await gateway.stop()


def _reload(gateway: Gateway, path: Path | None) -> None:
    """A configuration that can't be used changes nothing."""
    try:
        config = load_config(path)
    except Failed as error:
        sys.stderr.write(f"mm7: not reloaded: {error}\n")
        return
    for setting in gateway.reload(config):
        sys.stderr.write(f"mm7: reloaded, but {setting} has changed too: restart to have it in effect\n")
