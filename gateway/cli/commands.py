"""Which commands there are, and how an error of any of them ends: one clear line, and an exit status that is not 0."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from gateway import __version__
from gateway.cli import config, demo, explain, send, serve, simulate, wsdl
from gateway.cli.common import Failed

COMMANDS = (serve, demo, send, explain, simulate, config, wsdl)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="mm7",
        description="A gateway between applications and carriers' MMSCs that speaks MM7 on both sides.",
        epilog="Each command has --help with an example. Start with: mm7 demo",
    )
    top.add_argument("--version", action="version", version=f"mm7 {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_to(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns its exit status: 0 done, 1 failed, 2 used wrongly (or as the command's help says)."""
    for stream in (sys.stdout, sys.stderr):
        # What a peer or a person wrote may have characters that the terminal has not got: no reason to fail.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except Failed as error:
        sys.stderr.write(f"mm7: {error}\n")
        return error.exit_status
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; what is left of it has nowhere to go either.
        sys.stderr.close()
        return 1
