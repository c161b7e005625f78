"""Which media directory belongs to which database: both carry the same id.

Promise: a gateway doesn't start on a directory that is not its database's. A volume that is not mounted would otherwise
be made anew and look like content lost for good.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gateway.store import disk
from gateway.store.store import StoreFailed

MARK = "id"


def require_own(root: Path, connection: sqlite3.Connection) -> None:
    """Make the directory where the database needs none yet. Blocking. Raises StoreFailed, OSError, sqlite3.Error."""
    (own,) = connection.execute("SELECT id FROM store").fetchone()
    theirs = _read(root / MARK)
    if theirs == own:
        return
    if theirs is not None:
        raise StoreFailed(f"{root} holds the content of another database: move it away, or restore the right one")
    if _names_packs(connection) and next(root.glob("*.pack"), None) is None:
        raise StoreFailed(f"{root} is missing or empty, and the database has content in it: mount or restore it")
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    disk.sync_directory(root.parent)
    disk.replace(root / MARK, own.encode())


def _read(mark: Path) -> str | None:
    try:
        return mark.read_text("ascii", "replace").strip()
    except FileNotFoundError:
        return None


def _names_packs(connection: sqlite3.Connection) -> bool:
    (names,) = connection.execute("SELECT EXISTS (SELECT 1 FROM part WHERE pack IS NOT NULL)").fetchone()
    return bool(names)
