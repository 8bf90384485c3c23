"""Run Alembic's migrations on the application's database, alone and as a whole.

All revisions of one upgrade are one transaction, on both databases: it happens, or it leaves everything as it was.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from alembic.operations.ops import MigrationScript
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from database import Instant
from extensions import db
from outages import reason_of
from revisions import CONNECTION, NEWER, NOT_UTF8, engine_for_migrating, is_of_models, present

# Any number will do, as long as nothing else in this database locks the same one.
LOCK = 7_268_411_093
# So long a migration waits for a table that others use. PostgreSQL looks for deadlocks after a second, so until then
# the migration has let go of all it held, and never is a request of a running server the one that is ended.
PATIENCE_MILLISECONDS = 300
ATTEMPTS = 60
PAUSE_SECONDS = 0.5
# What PostgreSQL says when that time is over, and if it found a deadlock all the same.
IN_USE = ("55P03", "40P01")


def run_migrations() -> None:
    """Do what the command asks for; a failure of the database ends it with one sentence.

    Where others use the tables all the time, it tries again from the beginning: nothing of an attempt is left.
    """
    for left in reversed(range(ATTEMPTS)):
        try:
            _migrate()
            break
        except OperationalError as error:
            if not left or getattr(error.orig, "sqlstate", None) not in IN_USE:
                raise CommandError(f"The database cannot be used: {reason_of(error)}") from error
        time.sleep(PAUSE_SECONDS)


def _migrate() -> None:
    options = current_app.extensions["migrate"].configure_args
    with _connection() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            transactional_ddl=True,
            process_revision_directives=_give_number,
            render_item=_render,
            include_name=is_of_models,
            **options,
        )
        with context.begin_transaction():
            _keep_others_out(connection)
            _refuse_newer(connection)
            _refuse_other_encodings(connection)
            guards = _triggers(connection)
            context.run_migrations()
            _check_references(connection)
            if lost := guards - _triggers(connection) - _replaced_triggers():
                raise CommandError(f"These triggers got lost: {', '.join(sorted(lost))}. Nothing was changed.")


@contextmanager
def _connection() -> Iterator[Connection]:
    """Take the connection that was given, whose transaction goes on afterwards, or make one."""
    if given := context.config.attributes.get(CONNECTION):
        yield given
        return
    with engine_for_migrating(db.engine.url.render_as_string(hide_password=False)).connect() as connection:
        yield connection


def _keep_others_out(connection: Connection) -> None:
    """Wait until no other process migrates. SQLite's transaction has taken the only write lock when it began."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        if CONNECTION not in context.config.attributes:
            connection.execute(text(f"SET LOCAL lock_timeout = {PATIENCE_MILLISECONDS}"))


def _refuse_newer(connection: Connection) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(context.config).walk_revisions()}
    if present(connection) - known:
        raise CommandError(NEWER)


def _refuse_other_encodings(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        encoding = connection.scalar(text("SHOW server_encoding"))
        if encoding != "UTF8":
            raise CommandError(NOT_UTF8.format(encoding))


def _check_references(connection: Connection) -> None:
    """Fail if a row refers to one that is not there: what SQLite did not look at while the migration ran."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            tables = ", ".join(sorted({f"{row[0]} → {row[2]}" for row in broken}))
            raise CommandError(f"{len(broken)} rows refer to rows that do not exist ({tables}). Nothing was changed.")


def _triggers(connection: Connection) -> set[str]:
    """Name SQLite's triggers: those of a table go with it when it is written anew."""
    if connection.dialect.name != "sqlite":
        return set()
    return set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars())


def _replaced_triggers() -> set[str]:
    """Name the triggers that a migration takes away on purpose, because it has put others in their place."""
    scripts = ScriptDirectory.from_config(context.config).walk_revisions()
    return {name for script in scripts for name in getattr(script.module, "replaced_triggers", ())}


def _give_number(migration: Any, _revision: Any, directives: list[MigrationScript]) -> None:
    """Number a new revision: one more than the last one."""
    numbers = (int(script.revision) for script in migration.script.walk_revisions() if script.revision.isdigit())
    for directive in directives:
        directive.rev_id = f"{max(numbers, default=0) + 1:04d}"


def _render(kind: str, item: object, _autogen: Any) -> str | bool:
    """Write our column types as those of SQLAlchemy that they are: a migration must not change when our code does."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


run_migrations()
