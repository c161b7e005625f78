"""SQL lives in files: named statements in `sql/queries.sql`, numbered forward-only migrations in `sql/migrations/`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

from gateway.store.store import StoreError

_SQL = files("gateway.store") / "sql"

_VERSIONS = """
CREATE TABLE IF NOT EXISTS schema_version (
    version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL
)
"""


class SchemaTooNew(StoreError):
    """The database was written by a newer release than this one."""


@dataclass(frozen=True, slots=True)
class Migration:
    version: int
    name: str
    statements: tuple[str, ...]


def load_queries() -> Mapping[str, str]:
    """Name to statement."""
    queries = {}
    for block in (_SQL / "queries.sql").read_text("utf-8").split("-- name: ")[1:]:
        name, _, body = block.partition("\n")
        lines = (line for line in body.splitlines() if not line.startswith("--"))
        queries[name.strip()] = "\n".join(lines).strip()
    return MappingProxyType(queries)


def load_migrations() -> tuple[Migration, ...]:
    found = []
    for file in (_SQL / "migrations").iterdir():
        number, _, name = file.name.removesuffix(".sql").partition("_")
        found.append(Migration(int(number), name, tuple(_split(file.read_text("utf-8")))))
    return tuple(sorted(found, key=lambda migration: migration.version))


def migrate(connection: sqlite3.Connection, now: int, migrations: tuple[Migration, ...]) -> None:
    """Bring a database to the newest version. Each migration is one transaction with the note that it was done.

    The connection must be in autocommit mode (`isolation_level=None`). Safe when several processes start at once:
    each looks for what is missing only when it holds the write lock. Raises SchemaTooNew.
    """
    newest = migrations[-1].version
    done = False
    while not done:
        connection.execute("BEGIN IMMEDIATE")
        try:
            done = _one_step(connection, now, migrations)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    if schema_version(connection) > newest:
        raise SchemaTooNew(f"the database has schema {schema_version(connection)}, this release knows {newest}")


def schema_version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchone()
    return int(version)


def _one_step(connection: sqlite3.Connection, now: int, migrations: tuple[Migration, ...]) -> bool:
    connection.execute(_VERSIONS)
    have = schema_version(connection)
    step = next((migration for migration in migrations if migration.version > have), None)
    if step is None:
        return True
    for statement in step.statements:
        connection.execute(statement)
    connection.execute("INSERT INTO schema_version VALUES (?, ?, ?)", (step.version, step.name, now))
    return False


def _split(script: str) -> Iterator[str]:
    """Statement by statement, because sqlite3's own executescript would commit in between."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
