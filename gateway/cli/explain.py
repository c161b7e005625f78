"""`mm7 explain`: what captured messages say, and what a schema would say of them."""

import argparse
import stat
import sys
from pathlib import Path

from gateway.cli.common import Commands, Failed, add_json_option, chosen_profile, command, print_json
from gateway.trace.explain import as_json, as_text, explain

#: bytes of a file that are looked at: more is no captured message
LARGEST = 64 * 1024 * 1024
UNREADABLE = 2


def add_to(commands: Commands) -> None:
    parser = command(
        commands,
        "explain",
        "Say what captured requests or responses are, and what is odd about them.",
        "  mm7 explain capture.http\n  mm7 explain --json *.http | jq .findings\n"
        "exit status: 0 clean, 1 findings at error level, 2 unreadable",
    )
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="a capture (.http, .xml, .har), or - for standard input"
    )
    parser.add_argument("--profile", metavar="NAME", default="3gpp-6.8.0", help="judge as this profile does")
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    try:
        dialect = chosen_profile(options.profile)
    except Failed as error:
        raise Failed(str(error), UNREADABLE) from error  # 1 would say that there were findings
    worst = 0
    for name in options.files:
        try:
            captures = _captures(name)
        except Failed as error:
            sys.stderr.write(f"mm7: {error}\n")
            worst = UNREADABLE
            continue
        for title, data in captures:
            explanation = explain(title, data, dialect)
            worst = max(worst, explanation.exit_code)
            if options.json:
                print_json(as_json(explanation))
            else:
                print(as_text(explanation))
    return worst


def _captures(name: str) -> list[tuple[str, bytes]]:
    try:
        data = sys.stdin.buffer.read(LARGEST) if name == "-" else _read(Path(name))
    except OSError as error:
        raise Failed(f"{name}: {error.strerror}") from error
    if name.lower().endswith(".har"):
        from gateway.trace.har import HarError, captures_of

        try:
            return [(f"{name}#{number}", capture) for number, capture in enumerate(captures_of(data), 1)]
        except HarError as error:
            raise Failed(f"{name}: {error}") from error
    return [(name, data)]


def _read(path: Path) -> bytes:
    # Of a named pipe; what a shell's <(…) gives is a link to one, and has somebody who writes.
    if stat.S_ISFIFO(path.lstat().st_mode):
        raise Failed(f"{path}: is a pipe, which waits for somebody to write: use - with it as standard input")
    with path.open("rb") as file:
        return file.read(LARGEST)
