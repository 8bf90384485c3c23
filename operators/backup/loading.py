"""Put the rows of a backup into a database whose tables have the backup's revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Integer, TableClause, delete, func, insert, select, text

from operators.backup import tables
from operators.backup.archive import Reader, StoredTable, UnusableBackup


def load(connection: Connection, backup: Reader) -> None:
    """Replace all rows by those of the backup, and make sure that they came to be what they were.

    Raises UnusableBackup, and then the transaction must not be committed.
    """
    present = {table.name: table for table in tables.of(connection)}
    stored = {table.name: table for table in backup.manifest.tables}
    if _shape(present.values()) != {name: sorted(table.columns) for name, table in stored.items()}:
        raise UnusableBackup("The backup's tables are not those of its revision.")
    with without_triggers(connection, present):
        for table in reversed(present.values()):
            connection.execute(delete(table))
        for name, table in present.items():
            _load_table(connection, table, stored[name], backup)
    _index_words(connection)


def _shape(found: Any) -> dict[str, list[str]]:
    return {table.name: sorted(column.name for column in table.columns) for table in found}


def _load_table(connection: Connection, table: TableClause, stored: StoredTable, backup: Reader) -> None:
    ordered = tables.in_order(table, stored.columns)
    for batch in tables.values_of(ordered, backup.lines(f"tables/{table.name}.jsonl")):
        connection.execute(insert(ordered), batch)
    written = tables.content_of(connection, ordered)
    if (written.number, written.digest) != (stored.rows, stored.content):
        raise UnusableBackup(f"The rows of {table.name} are not what they were; nothing was changed.")
    _count_on(connection, table, stored.last_id or 0)


def _count_on(connection: Connection, table: TableClause, last_id: int) -> None:
    """Let new ids begin after the last one that was ever given."""
    if "id" not in table.columns or not isinstance(table.c.id.type, Integer):
        return
    last = max(last_id, connection.scalar(select(func.max(table.c.id))) or 0)
    named = {"name": table.name, "last": last}
    if connection.dialect.name == "sqlite":
        _remember_last(connection, named)
    elif last:
        connection.execute(text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"), named)


def _remember_last(connection: Connection, named: dict[str, Any]) -> None:
    """Do the same with SQLite, which only remembers it of tables that say so."""
    remembers = text("SELECT 1 FROM sqlite_master WHERE name = :name AND sql LIKE '%AUTOINCREMENT%'")
    if connection.scalar(remembers, named):
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), named)
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), named)


@contextmanager
def without_triggers(connection: Connection, tables_of_it: Iterable[str]) -> Iterator[None]:
    """Let no trigger write or refuse anything.

    What they wrote is in a backup, too, and a ledger that only grows has words that are to be erased.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        for name in tables_of_it:
            connection.execute(text(f'ALTER TABLE "{name}" DISABLE TRIGGER USER'))
        yield
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        for name in tables_of_it:
            connection.execute(text(f'ALTER TABLE "{name}" ENABLE TRIGGER USER'))
        return
    triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _ in triggers:
        connection.execute(text(f'DROP TRIGGER "{name}"'))
    yield
    for _, statement in triggers:
        connection.exec_driver_sql(statement)


def _index_words(connection: Connection) -> None:
    """Fill SQLite's tables of words, which triggers would have done."""
    if connection.dialect.name == "sqlite":
        indexes = text("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%fts5%content=%'")
        for name in connection.scalars(indexes).all():
            connection.exec_driver_sql(f"INSERT INTO {name} ({name}) VALUES ('rebuild')")  # noqa: S608
