"""SQL in files, migrations forward only."""

import sqlite3
from pathlib import Path

import pytest

from gateway.store.statements import Migration, SchemaTooNew, load_migrations, load_queries, migrate, schema_version


def connect(path: Path | str = ":memory:") -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def schema(connection: sqlite3.Connection) -> list[tuple[str, str, str]]:
    return connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").fetchall()


def test_every_named_statement_is_one_that_the_newest_schema_understands() -> None:
    connection = connect()
    migrate(connection, 0, load_migrations())
    for name, statement in load_queries().items():
        values: object = dict.fromkeys(("kind", "now", "id", "state", "at", "error", "owner", "until", "destination"))
        if ":" not in statement:
            values = (None,) * statement.count("?")
        connection.execute("EXPLAIN " + statement, values), name  # type: ignore[arg-type]
    connection.close()


def test_a_migrated_database_is_the_same_as_a_fresh_one() -> None:
    fresh, migrated = connect(), connect()
    migrations = load_migrations()
    migrate(fresh, 0, migrations)
    for newest in range(1, len(migrations) + 1):
        migrate(migrated, 0, migrations[:newest])
    assert schema(fresh) == schema(migrated)
    fresh.close()
    migrated.close()


def test_migrations_are_numbered_without_gaps() -> None:
    migrations = load_migrations()
    assert [migration.version for migration in migrations] == list(range(1, len(migrations) + 1))


def test_migrating_again_changes_nothing_and_keeps_what_is_there() -> None:
    connection = connect()
    migrate(connection, 0, load_migrations())
    connection.execute("INSERT INTO destination_lease VALUES ('http://127.0.0.1/', 'me', 1)")
    migrate(connection, 1, load_migrations())
    assert connection.execute("SELECT count(*) FROM destination_lease").fetchone() == (1,)
    assert schema_version(connection) == len(load_migrations())
    connection.close()


def test_a_migration_that_fails_halfway_leaves_nothing_of_itself() -> None:
    connection = connect()
    migrate(connection, 0, load_migrations())
    before = schema(connection)
    broken = Migration(len(load_migrations()) + 1, "broken", ("CREATE TABLE half (a)", "CREATE TABLE half (b)"))
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, 0, (*load_migrations(), broken))
    assert schema(connection) == before
    connection.close()


def test_a_database_from_a_newer_release_is_refused() -> None:
    connection = connect()
    newer = Migration(len(load_migrations()) + 1, "newer", ("CREATE TABLE newer (a)",))
    migrate(connection, 0, (*load_migrations(), newer))
    with pytest.raises(SchemaTooNew):
        migrate(connection, 0, load_migrations())
    connection.close()


def test_what_is_claimed_is_found_by_index_and_not_by_looking_at_every_row() -> None:
    connection = connect()
    migrate(connection, 0, load_migrations())
    queries = load_queries()
    by_key = (
        "take_ready",
        "take_deferred",
        "abandoned",
        "free_leased",
        "parked_for",
        "addressed",
        "part",
        "reports_of",
    )
    for name in by_key:
        plan = connection.execute("EXPLAIN QUERY PLAN " + queries[name], (None,) * queries[name].count("?")).fetchall()
        assert all(step[3].startswith("SEARCH") for step in plan), (name, plan)
    plan = connection.execute("EXPLAIN QUERY PLAN " + queries["give_back_rows"], (None,)).fetchall()
    assert all("USING INDEX work_leased" in step[3] for step in plan), plan
    connection.close()
