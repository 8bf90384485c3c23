"""Run Alembic's migrations on the application's database, alone and as a whole.

All revisions of one upgrade are one transaction, on both databases: it happens, or it leaves everything as it was.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from alembic.operations.ops import MigrationScript
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import Connection, NullPool, create_engine, event, text
from sqlalchemy.exc import OperationalError

from connections import NO_LIMITS
from database import Instant
from extensions import db
from outages import reason_of
from revisions import NEWER, is_of_models, present

# Any number will do, as long as nothing else in this database locks the same one.
LOCK = 7_268_411_093
# How long another migration of the same SQLite file is waited for.
SQLITE_PATIENCE_MILLISECONDS = 600_000


def run_migrations() -> None:
    """Do what the command asks for; a failure of the database ends it with one sentence."""
    options = current_app.extensions["migrate"].configure_args
    try:
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
                guards = _triggers(connection)
                context.run_migrations()
                _check_references(connection)
                if lost := guards - _triggers(connection) - _replaced_triggers():
                    raise CommandError(f"These triggers got lost: {', '.join(sorted(lost))}. Nothing was changed.")
    except OperationalError as error:
        raise CommandError(f"The database cannot be used: {reason_of(error)}") from error


@contextmanager
def _connection() -> Iterator[Connection]:
    """Connect as a migration needs it: it may take long, and SQLite's foreign keys are checked at its end."""
    url = db.engine.url
    engine = create_engine(
        url, poolclass=NullPool, hide_parameters=True, connect_args=NO_LIMITS[url.get_backend_name()]
    )
    if engine.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    with engine.connect() as connection:
        yield connection


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # To change a column SQLite writes its table anew and drops the old one. With foreign keys on, that would delete
    # what refers to its rows. Within a transaction this pragma does nothing, so it is said before there is one.
    connection.execute("PRAGMA foreign_keys = OFF")
    # The new table gets the old one's name while triggers of other tables speak of a table that is not there.
    connection.execute("PRAGMA legacy_alter_table = ON")
    connection.execute(f"PRAGMA busy_timeout = {SQLITE_PATIENCE_MILLISECONDS}")


def _keep_others_out(connection: Connection) -> None:
    """Wait until no other process migrates. SQLite's transaction has taken the only write lock when it began."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def _refuse_newer(connection: Connection) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(context.config).walk_revisions()}
    if present(connection) - known:
        raise CommandError(NEWER)


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
