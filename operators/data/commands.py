"""`flask data …`: everything about one person, and all data into another database."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup, with_appcontext
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from config import ConfigError, database_address
from errors import NotFound
from operators.backup.archive import UnusableBackup
from operators.data import copying, erasing, exporting
from outages import reason_of
from web import clock
from web.commands import DatabaseCommand
from web.settings import chosen

group = AppGroup("data", help="Give out, erase and copy data.")

_USER = click.option("--user", "user_id", type=click.IntRange(1, 2**63 - 1), required=True, help="The person's id.")


@group.command("export", cls=DatabaseCommand)
@_USER
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), help="Where to; by default user-ID.zip.")
def export(user_id: int, file: Path | None) -> None:
    """Write everything about a person into a zip: their rows as JSON, and their files."""
    place = file or Path(f"user-{user_id}.zip")
    if place.exists():
        raise click.ClickException(f"{place} exists already.")
    try:
        rows = exporting.export(user_id, place)
    except NotFound:
        raise click.ClickException(f"There is no user {user_id}.") from None
    click.echo(f"Wrote {rows} rows about user {user_id} into {place}.")


@group.command("erase", cls=DatabaseCommand)
@_USER
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(user_id: int, yes: bool) -> None:
    """Close an account and erase the person: there is no way back but a backup.

    Lessons, payments and invoices stay, without names.
    """
    if not yes:
        click.confirm(f"Erase user {user_id} for good?", abort=True)
    try:
        erasing.erase(user_id, url=chosen().database_url, instance=chosen().instance, now=clock.now())
    except RedisError as error:
        raise click.ClickException(f"Redis has to be there, because it has names as well: {error}") from None
    except NotFound:
        raise click.ClickException(f"There is no user {user_id}.") from None
    click.echo(f"User {user_id} is erased. Backups and log files still have what was in them.")


@group.command("copy")
@click.option("--from", "source", required=True, help="The address of a database, as in DATABASE_URL.")
@click.option("--to", "target", required=True, help="That of an empty one, SQLite or PostgreSQL.")
@with_appcontext
def copy(source: str, target: str) -> None:
    """Copy all tables, compare them, and migrate the copy to this version."""
    try:
        copied = copying.copy(database_address(source), database_address(target), clock.now())
    except (UnusableBackup, ConfigError) as error:
        raise click.ClickException(str(error)) from None
    except SQLAlchemyError as error:
        raise click.ClickException(f"A database cannot be used: {reason_of(error)}") from None
    for table in copied.tables:
        click.echo(f"{table.name}: {table.rows}")
    click.echo(f"Copied {sum(table.rows for table in copied.tables)} rows, all of them compared.")
