"""`mm7 demo`: the whole way, on this machine alone."""

import argparse
import sys

from gateway.cli.common import Commands, command
from gateway.cli.serve import run_loop


def add_to(commands: Commands) -> None:
    parser = command(
        commands,
        "demo",
        "Start the gateway with a simulated carrier and an application, and send a picture both ways.",
        "  mm7 demo          shows it and keeps serving\n"
        "  mm7 demo --once   shows it and exits: 0, or 1 when any step failed",
    )
    parser.add_argument("--once", action="store_true", help="exit when everything was shown")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from gateway.demo.show import demonstrate

    return run_loop(demonstrate(sys.stdout, once=options.once))
