"""`flask jobs …`: look at jobs, have them tried again, run them."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from jobs import steps
from web.commands import DatabaseCommand

group = AppGroup("jobs", help="Look at jobs, have dead ones tried again, run them by hand.")


@group.command("drain", cls=DatabaseCommand)
def drain() -> None:
    """Run the jobs that are due, then stop."""
    number = steps.drain(current_app._get_current_object())  # type: ignore[attr-defined]
    click.echo(f"{number} {'job was' if number == 1 else 'jobs were'} run.")
