"""Reads the configuration.

    config = load(Path("gateway.toml"), os.environ)

`parse` decides and touches nothing; `load` is the thin shell that reads the file. All problems are told at once.
"""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gateway.config import checks
from gateway.config.build import build
from gateway.config.dialects import dialect
from gateway.config.files import Files, read_file
from gateway.config.reading import Read, entries, read, unknown_variables
from gateway.config.settings import SECTIONS
from gateway.config.values import Config, ConfigError


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration of a file; without one, the defaults beside the working directory.

    Raises ConfigError with all problems.
    """
    if path is None:
        return parse({}, environ, Path.cwd(), read_file)
    try:
        document = tomllib.loads(read_file(path).decode("utf-8"))
    except OSError as error:
        raise ConfigError((f"cannot read {path}: {error.strerror or error}",)) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError((f"{path} is not TOML: {error}",)) from error
    return parse(document, environ, path.absolute().parent, read_file)


def parse(
    document: Mapping[str, Any], environ: Mapping[str, str], base: Path, read_file: Callable[[Path], bytes]
) -> Config:
    """`document` as TOML gives it; paths in it are relative to `base`; `read_file` raises OSError.

    Raises ConfigError with all problems.
    """
    files = Files(base, read_file)
    found, problems = entries(document)
    problems += unknown_variables(found, environ)
    reads: dict[str, list[Read]] = {section.name: [] for section in SECTIONS}
    for entry in found:
        each, wrong = read(entry, environ, files)
        if entry.section.name == "carrier":
            each, unspeakable = _with_dialect(each, files)
            wrong += unspeakable
        reads[entry.section.name].append(each)
        problems += wrong
    problems += checks.problems(reads)
    if problems:
        raise ConfigError(tuple(dict.fromkeys(problems)))
    return build(reads, files, tuple(checks.warnings(reads)))


def _with_dialect(carrier: Read, files: Files) -> tuple[Read, list[str]]:
    if not carrier.knows("profile", "dialect"):
        return carrier, []
    try:
        spoken = dialect(carrier.values["profile"], carrier.values["dialect"], files)
    except ValueError as error:
        return carrier, [f"{carrier.where}: {error}"]
    return Read(carrier.entry, {**carrier.values, "dialect": spoken}), []
