"""`flask gigs …`: work on the search's index."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from gigs.search import index
from web.commands import DatabaseCommand

group = AppGroup("gigs", help="Work on what the search looks into.")


@group.command("index", cls=DatabaseCommand)
def write_index() -> None:
    """Write anew what the search knows of every gig, and its counts, and forget words that no gig has.

    Needed only after the rules for words have changed, or if the doctor finds wrong counts. Searches go on meanwhile.
    """
    click.echo(f"Written for {index.write_all()} gigs.")
