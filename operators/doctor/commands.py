"""`flask doctor`: whether what the database holds is right."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from database import reading
from operators.doctor.checks import CHECKS
from web.commands import DatabaseCommand

# Of a mistake that was made ten thousand times the first ones say enough.
SHOWN = 20


@click.command("doctor", cls=DatabaseCommand)
@with_appcontext
def examine() -> None:
    """Check whether what the database holds is right: a line for each check.

    It changes nothing, and works while the server runs. Exit code 1 if something is wrong.
    """
    wrong = 0
    for check in CHECKS:
        # Each check has one snapshot, and a slow one keeps no other waiting.
        with reading() as connection:
            found = [*check.find(connection)]
        wrong += len(found)
        click.echo(f"{check.name}: {_number(len(found)) if found else f'ok ({check.says})'}")
        for sentence in found[:SHOWN]:
            click.echo(f"    {sentence}")
        if len(found) > SHOWN:
            click.echo(f"    … and {len(found) - SHOWN} more.")
    if wrong:
        sys.exit(1)


def _number(wrong: int) -> str:
    return "one problem" if wrong == 1 else f"{wrong} problems"
