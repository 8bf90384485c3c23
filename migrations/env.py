"""Run Alembic's migrations on the application's database."""

from alembic import context
from flask import current_app

from extensions import db


def run_migrations() -> None:
    """Migrate in one transaction."""
    options = current_app.extensions["migrate"].configure_args
    with db.engine.connect() as connection:
        context.configure(connection=connection, target_metadata=db.metadata, **options)
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
