"""`python -m benchmarks [NAME …]` runs the benchmarks and prints their tables."""

import importlib
import pkgutil
import sys

import benchmarks

_NO_BENCHMARKS = ("__main__", "servers", "table", "timing")


def names() -> list[str]:
    """Every module of this package that has a `run() -> Table`."""
    return sorted(found.name for found in pkgutil.iter_modules(benchmarks.__path__) if found.name not in _NO_BENCHMARKS)


def main(wanted: list[str]) -> None:
    strange = set(wanted) - set(names())
    if strange:
        raise SystemExit(f"no benchmark {', '.join(sorted(strange))}: there are {', '.join(names())}")
    for name in wanted or names():
        print(importlib.import_module(f"benchmarks.{name}").run().text(), end="\n\n", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
