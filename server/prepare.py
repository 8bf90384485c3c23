"""Make the database ready for serving: `python -m server.prepare`, which the supervisor runs at every start."""

from __future__ import annotations

import logging

import flask_migrate

from app import create_app
from config import ROOT, Settings, load_settings


def prepare(settings: Settings) -> None:
    """Migrate the database to the newest form of its tables."""
    app = create_app(settings)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it would tell at every start what kind of database this is
    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))


if __name__ == "__main__":
    prepare(load_settings())
