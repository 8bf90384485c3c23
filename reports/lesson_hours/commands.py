"""`flask reports …`: work on what figures are read from."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from reports.lesson_hours.upkeep import add_up_everything
from web.commands import DatabaseCommand

group = AppGroup("reports", help="Work on what figures are read from.")


@group.command("add-up", cls=DatabaseCommand)
def add_up() -> None:
    """Add the lessons of all hours up anew.

    Needed only if the doctor finds wrong ones. Reports are exact meanwhile.
    """
    click.echo(f"Added up {add_up_everything()} days.")
