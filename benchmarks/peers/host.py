"""Let peers live in Lectern's own application: database, sign-in, rules and server are the same."""

from __future__ import annotations

from flask import Blueprint, Flask

from app import create_app
from config import load_settings


def host(blueprint: Blueprint) -> Flask:
    """Build Lectern with the peer's endpoints under `/peer`."""
    app = create_app(load_settings())
    app.register_blueprint(blueprint, url_prefix="/peer")
    return app
