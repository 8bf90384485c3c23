"""Which revision of its tables a database has, and whether this Lectern can work with it."""

from __future__ import annotations

from typing import Any

from click import Command, Context
from flask import Flask, current_app
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, inspect, make_url, text

from config import ROOT
from connections import NO_LIMITS
from extensions import db
from later import alembic_command, flask_migrate, flask_migrate_cli

NEWER = "This database was made by a newer Lectern: go on with that one, or restore the backup from before its upgrade."
BEHIND = "The database has not got this Lectern's tables yet. Make or upgrade them with: flask --app app db upgrade"
NOT_UTF8 = "This database keeps text as {}. Make one with ENCODING 'UTF8', else names would be mixed up."

# How long another migration of the same SQLite file is waited for.
SQLITE_PATIENCE_MILLISECONDS = 600_000
# Under which name a migration finds the connection that it is to use, if it was given one.
CONNECTION = "lectern-connection"


# What each database has of its own for the search, and models cannot say. SQLite keeps what is in a virtual table in
# others, whose names begin like its own.
_SEARCH = ("gig_words", "gig_titles", "ix_gig_documents_words", "ix_listed_gigs_title")


def is_of_models(name: str | None, kind: str, _parents: object) -> bool:
    """Tell Alembic whether something in a database is to be compared with the models."""
    return kind not in ("table", "index") or name is None or not name.startswith(_SEARCH)


def present(connection: Connection) -> set[str]:
    """Return the revision that the database has, none if it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return set()
    return set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())


def why_unusable(connection: Connection) -> str | None:
    """Return a sentence for the operator of a database with other tables than this Lectern's.

    Returns None if all is well.
    """
    ours, found = known(), present(connection)
    if found - set(ours):
        return NEWER
    return None if found == {ours[-1]} else BEHIND


def known() -> list[str]:
    """Return the revisions that this Lectern knows, the oldest first."""
    return sorted(path.name.partition("_")[0] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))


def engine_for_migrating(url: str) -> Engine:
    """Connect as a migration needs it: it may take long, and SQLite's foreign keys are checked at its end."""
    limits = NO_LIMITS[make_url(url).get_backend_name()]
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=limits)
    if engine.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # To change a column SQLite writes its table anew and drops the old one. With foreign keys on, that would delete
    # what refers to its rows. Within a transaction this pragma does nothing, so it is said before there is one.
    connection.execute("PRAGMA foreign_keys = OFF")
    # The new table gets the old one's name while triggers of other tables speak of a table that is not there.
    connection.execute("PRAGMA legacy_alter_table = ON")
    connection.execute(f"PRAGMA busy_timeout = {SQLITE_PATIENCE_MILLISECONDS}")


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Migrate the database of a connection of `engine_for_migrating`, in its present transaction."""
    migrations: Any = current_app.extensions["migrate"]
    options = migrations.migrate.get_config(str(ROOT / "migrations"))
    options.attributes[CONNECTION] = connection
    alembic_command.upgrade(options, revision)


class _Migrations:
    """What `flask db` looks for in an application, made when it does: Alembic takes 6 MB in each process."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        # The library puts its own object in the place of this one. What a migration changes is changed in place: a
        # table that SQLite writes anew would lose its triggers.
        flask_migrate.Migrate(self._app, db, render_as_batch=False)
        return getattr(self._app.extensions["migrate"], name)


class _Commands(Command):
    """The group `flask db`, which is the library's as soon as it is called."""

    def make_context(self, *args: Any, **extra: Any) -> Context:
        context: Context = flask_migrate_cli.db.make_context(*args, **extra)
        return context


def init_app(app: Flask) -> None:
    """Let `flask db` work on the database of `app`."""
    app.extensions["migrate"] = _Migrations(app)
    app.cli.add_command(_Commands("db", help="Perform database migrations."))
