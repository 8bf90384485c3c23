"""`flask import …`: lists from elsewhere."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from administration.importing import service
from administration.importing.lines import Kind
from administration.importing.service import What
from errors import Invalid, LecternError
from web.clock import now
from web.commands import DatabaseCommand

group = AppGroup("import", help="Import people or gigs from a CSV file.")
_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_dry = click.option("--dry-run", is_flag=True, help="Say what each line would do, and change nothing.")


@group.command("people", cls=DatabaseCommand)
@_file
@_dry
@click.option("--invite", is_flag=True, help="Write each new person a mail with which they choose a password.")
def import_people(file: Path, dry_run: bool, invite: bool) -> None:
    """Make an account for each address of FILE that has none."""
    _run(What.PEOPLE, file, dry_run=dry_run, invite=invite)


@group.command("gigs", cls=DatabaseCommand)
@_file
@_dry
def import_gigs(file: Path, dry_run: bool) -> None:
    """Make a draft of each gig of FILE that its teacher does not have yet."""
    _run(What.GIGS, file, dry_run=dry_run)


def _run(what: What, file: Path, *, dry_run: bool, invite: bool = False) -> None:
    try:
        outcome = service.run(what, file.read_bytes(), apply=not dry_run, invite=invite, now=now())
    except Invalid as error:
        raise click.ClickException(" ".join(str(each) for words in error.errors.values() for each in words)) from None
    except LecternError as error:
        raise click.ClickException(error.detail) from None
    for one in outcome.planned:
        wrong = "; ".join(f"{name}: {' '.join(map(str, words))}" for name, words in one.errors.items())
        click.echo(f"{one.line.number}: {one.kind}  {one.shown}{f'  ({wrong})' if wrong else ''}")
    click.echo(", ".join(f"{outcome.count(kind)} {kind}" for kind in Kind))
    if outcome.count(Kind.INVALID):
        raise click.ClickException("Nothing is imported until no line is wrong.")
