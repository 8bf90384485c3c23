"""`flask reports …`: work on what figures are read from."""

from __future__ import annotations

import click
from flask.cli import AppGroup

import payments.lesson_months.upkeep
import reports.lesson_hours.upkeep
from web.commands import DatabaseCommand

group = AppGroup("reports", help="Work on what figures are read from.")


@group.command("add-up", cls=DatabaseCommand)
def add_up() -> None:
    """Add the lessons of all hours up anew, and what those of all months come to.

    Needed only if the doctor finds wrong ones. Figures are exact meanwhile.
    """
    click.echo(f"Added up {reports.lesson_hours.upkeep.add_up_everything()} days.")
    click.echo(f"Added up {payments.lesson_months.upkeep.add_up_everything()} months of two people.")
