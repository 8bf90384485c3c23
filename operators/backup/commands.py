"""`flask backup FILE` and `flask restore FILE`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
from flask.cli import with_appcontext
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from caching import maintenance
from caching.store import Store, current_store
from errors import Unavailable
from extensions import db
from operators.backup import restoring, saving
from operators.backup.archive import UnusableBackup
from outages import reason_of
from web import clock
from web.settings import chosen

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("file", type=_FILE)
@with_appcontext
def backup(file: Path) -> None:
    """Write everything that people entered into FILE, which must not exist.

    The server may run meanwhile: the backup has the state of one moment.
    """
    if file.exists():
        raise click.ClickException(f"{file} exists already.")
    with _one_sentence():
        manifest = saving.save(chosen().database_url, file, clock.now(), instance=chosen().instance)
    rows = sum(table.rows for table in manifest.tables)
    click.echo(f"Wrote {rows} rows of {len(manifest.tables)} tables into {file}. Keep it as safe as the database.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Give up what is in the database now.")
@with_appcontext
def restore(file: Path, replace: bool) -> None:
    """Make the database what it was when FILE was written.

    Stop the server before. A backup of an older version is migrated. Nothing is changed if the file is damaged.
    """
    before = _cache_before()
    db.engine.dispose()
    with _one_sentence():
        restoring.restore(file, chosen().database_url, instance=chosen().instance, replace=replace)
    # Nothing there counts for the restored database, which is another installation to the cache. It only takes up room.
    if before:
        store, prefix = before
        with suppress(RedisError):
            maintenance.clear_all(store.backend.client, prefix)
    click.echo("Restored. Start the server, and look with `flask doctor` whether all is well.")


def _cache_before() -> tuple[Store, str] | None:
    """Return the cache, and under which name the present database has its answers there."""
    store = current_store()
    with suppress(SQLAlchemyError, Unavailable):
        return (store, store.prefix) if store and restoring.has_people(chosen().database_url) else None
    return None


@contextmanager
def _one_sentence() -> Iterator[None]:
    """End a command with one sentence where it cannot do its work."""
    try:
        yield
    except UnusableBackup as error:
        raise click.ClickException(str(error)) from None
    except SQLAlchemyError as error:
        raise click.ClickException(f"The database cannot be used: {reason_of(error)}") from None
