"""Make a database out of a backup: all of it, or nothing.

The tables are made by the migrations up to the backup's revision, filled, and migrated to this Lectern's. On PostgreSQL
that is one transaction. On SQLite it happens in a file beside the database, and what came of that is then written over
the database, in one transaction, too.
"""

from __future__ import annotations

import logging
import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, make_url, text

import revisions
from config import writable_folder
from operators.backup import archive, loading
from operators.backup.archive import Reader, UnusableBackup
from operators.backup.saving import KEPT_FILES

# What the schema of an installation has, but for what extensions have brought.
_TABLES = """
SELECT oid::regclass::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
"""
_FUNCTIONS = """
SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""


def restore(file: Path, url: str, *, instance: Path | None = None, replace: bool = False) -> None:
    """Make the database `url` what it was when the backup was made, and put kept files into `instance`.

    Raises UnusableBackup, and then nothing was changed: if the file is damaged, or people are in the database and are
    not to be replaced.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with archive.read(file) as backup:
        if backup.manifest.revision not in revisions.known():
            raise UnusableBackup("The backup was made by a newer Lectern: restore it with that one.")
        if not replace and has_people(url):
            raise UnusableBackup("People are in the database already: --replace gives them up for those of the backup.")
        if make_url(url).get_backend_name() == "sqlite":
            _restore_sqlite(backup, Path(make_url(url).database or ""))
        else:
            _restore_postgresql(backup, url)
        if instance:
            _restore_files(backup, instance)


def has_people(url: str) -> bool:
    """Tell whether the database is in use."""
    if _is_missing(url):
        return False
    with revisions.engine_for_migrating(url).connect().execution_options(lectern_reading=True) as connection:
        if not sa.inspect(connection).has_table("users"):
            return False
        return connection.scalar(text("SELECT id FROM users LIMIT 1")) is not None


def _is_missing(url: str) -> bool:
    """Tell whether there is no file, which connecting would make."""
    place = make_url(url)
    return place.get_backend_name() == "sqlite" and not Path(place.database or "").exists()


def _restore_postgresql(backup: Reader, url: str) -> None:
    with revisions.engine_for_migrating(url).begin() as connection:
        if found := connection.scalars(text(_TABLES)).all():
            connection.execute(text(f"DROP TABLE {', '.join(found)} CASCADE"))
        for function in connection.scalars(text(_FUNCTIONS)).all():
            connection.execute(text(f"DROP FUNCTION {function} CASCADE"))
        _make(connection, backup)


def _restore_sqlite(backup: Reader, file: Path) -> None:
    aside = writable_folder(file.parent) / f".{file.name}.{secrets.token_hex(4)}"
    os.close(os.open(aside, os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with revisions.engine_for_migrating(f"sqlite:///{aside}").begin() as connection:
            _make(connection, backup)
        with closing(sqlite3.connect(aside)) as made, closing(sqlite3.connect(file)) as target:
            if made.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                raise UnusableBackup("The rows of the backup do not make a sound database; nothing was changed.")
            made.backup(target)
        file.chmod(0o600)
    finally:
        for left in aside.parent.glob(f"{aside.name}*"):
            left.unlink()


def _make(connection: Connection, backup: Reader) -> None:
    revisions.upgrade(connection, backup.manifest.revision)
    loading.load(connection, backup)
    revisions.upgrade(connection)


def _restore_files(backup: Reader, instance: Path) -> None:
    for path, content in backup.files():
        if not any(path.match(kept) for kept in KEPT_FILES) or ".." in path.parts:
            raise UnusableBackup(f"The backup has a file that no backup has: {path}.")
        _write(writable_folder(instance / path.parent) / path.name, content)


def _write(file: Path, content: bytes) -> None:
    """Write a file for its owner alone, which appears whole."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(content)
    draft.replace(file)
