"""The material that lies beside the checkout and is not ours to copy: official schemas, messages from the wild.

`find()` for parameter lists, which are made before any fixture exists; the fixture `shared_dir` for everything else.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ABSENT = "the shared material is absent: neither MM7_SHARED nor ../shared is a directory"


def find() -> Path | None:
    """The directory that MM7_SHARED names, else `../shared` beside the checkout; None where there is none."""
    candidate = Path(os.environ.get("MM7_SHARED") or ROOT.parent / "shared")
    return candidate if candidate.is_dir() else None


def cases(*patterns: str) -> Iterator[object]:
    """One parameter a matching file, named by its path inside shared; one skipped parameter where shared is absent."""
    base = find()
    if base is None:
        yield pytest.param(None, marks=pytest.mark.skip(reason=ABSENT), id="absent")
        return
    for path in sorted({path for pattern in patterns for path in base.glob(pattern)}):
        yield pytest.param(path, id=path.relative_to(base).as_posix())
