"""Write a backup while the server runs: all tables as they were at one moment, then the kept files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, TableClause, text

from operators.backup import archive, tables
from operators.backup.archive import Manifest, StoredTable, UnusableBackup, Writer
from revisions import engine_for_migrating, present

# What else belongs to an installation, below its folder. Everything that people upload is in the database.
KEPT_FILES = ("secret_key", "mail/*.eml")


def save(url: str, file: Path, now: datetime, *, instance: Path | None = None) -> Manifest:
    """Write a backup of the database `url`, and of the files of `instance`.

    Raises UnusableBackup if the database has no tables.
    """
    engine = engine_for_migrating(url)
    with engine.connect() as opened:
        connection = _snapshot(opened)
        manifest = Manifest(made_at=now.isoformat(), database=engine.name, revision=_revision(connection))
        with archive.create(file, manifest) as writer:
            for table in tables.of(connection):
                _save_table(connection, table, writer)
            for path in _kept_files(instance):
                writer.add(f"files/{path.relative_to(instance or path)}", [path.read_bytes()])
    return manifest


def _snapshot(opened: Connection) -> Connection:
    """See one state of the database to the end, and keep no writer waiting."""
    options = {"lectern_reading": True}
    if opened.dialect.name == "postgresql":
        return opened.execution_options(**options, isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return opened.execution_options(**options)


def _revision(connection: Connection) -> str:
    found = present(connection)
    if len(found) != 1:
        raise UnusableBackup("The database has no tables of Lectern.")
    return found.pop()


def _save_table(connection: Connection, table: TableClause, writer: Writer) -> None:
    content = tables.Content()

    def lines() -> Iterator[bytes]:
        for line in tables.lines_of(connection, table):
            content.add(line)
            yield line + b"\n"

    writer.add(f"tables/{table.name}.jsonl", lines())
    writer.manifest.tables.append(
        StoredTable(
            name=table.name,
            columns=[column.name for column in table.columns],
            rows=content.number,
            content=content.digest,
            last_id=_last_id(connection, table),
        )
    )


def _last_id(connection: Connection, table: TableClause) -> int | None:
    """Return the last id that the database gave, where it remembers that."""
    if "id" not in table.columns:
        return None
    if connection.dialect.name == "sqlite":
        if not sa.inspect(connection).has_table("sqlite_sequence"):
            return None
        return _number(connection, "SELECT seq FROM sqlite_sequence WHERE name = :name", name=table.name)
    sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table.name})
    if sequence is None:
        return None
    return _number(connection, f"SELECT CASE WHEN is_called THEN last_value END FROM {sequence}")  # noqa: S608


def _number(connection: Connection, query: str, **parameters: str) -> int | None:
    found: int | None = connection.scalar(text(query), parameters)
    return found


def _kept_files(instance: Path | None) -> list[Path]:
    return [path for kept in KEPT_FILES for path in sorted(instance.glob(kept))] if instance else []
