"""Commands that need the database.

Where it cannot be used, they end with one sentence instead of a traceback.
"""

from __future__ import annotations

from typing import Any

import click
from flask.cli import ScriptInfo
from sqlalchemy.exc import SQLAlchemyError

from extensions import db
from outages import reason_of
from revisions import why_unusable


class DatabaseCommand(click.Command):
    """A command that needs a database with the tables of this Lectern."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command.

        Without such a database a sentence and exit code 1 come of it.
        """
        with context.ensure_object(ScriptInfo).load_app().app_context():
            reason = _why_impossible()
        if reason:
            raise click.ClickException(reason)
        return super().invoke(context)


def _why_impossible() -> str | None:
    try:
        with db.engine.connect().execution_options(lectern_reading=True) as connection:
            return why_unusable(connection)
    except SQLAlchemyError as error:
        return f"The database cannot be used: {reason_of(error)}"
