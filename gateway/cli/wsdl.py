"""`mm7 wsdl`: the contract as files."""

import argparse
from pathlib import Path

from gateway.cli.common import Commands, Failed, command


def add_to(commands: Commands) -> None:
    parser = command(
        commands,
        "wsdl",
        "Write the WSDL and XSD of every MM7 namespace into a folder.",
        "  mm7 wsdl --out contract/",
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="made where it is not there")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from gateway.mm7.contract import files

    written = files()
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        for name, content in written.items():
            (options.out / name).write_bytes(content)
    except OSError as error:
        raise Failed(f"{error.filename}: {error.strerror}") from error
    print(f"{len(written)} files in {options.out}")
    return 0
