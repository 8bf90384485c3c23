"""Make the database ready for serving, at every start: `python -m server.prepare`."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import click
import flask_migrate

import demo
from app import create_app
from caching.store import current_store
from config import ROOT, Settings, load_settings
from extensions import db
from jobs import periodic
from jobs.registry import current_registry
from server.checkpoint import checkpoint
from web import clock


def prepare(settings: Settings) -> None:
    """Prepare the database and the cache, and show how to sign in to the demo school.

    Migrates, agrees with other machines on the Redis server, and fills an empty database where that is wanted.
    """
    app = create_app(settings)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it would tell at every start what kind of database this is
    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
        if store := current_store():
            store.choose_server()
        periodic.begin_anew(current_registry())
        if settings.demo_data:
            _show(demo.load_if_empty(settings.instance, clock.now()))
        db.engine.dispose()
    checkpoint(settings)


def _show(sign_ins: Sequence[demo.SignIn]) -> None:
    if sign_ins:
        click.echo("\nDemo sign-ins:")
    for sign_in in sign_ins:
        click.echo(f"  {sign_in.role:<8} {sign_in.email:<32} {sign_in.password}")


if __name__ == "__main__":
    prepare(load_settings())
