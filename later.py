"""Libraries that few requests need, imported when something of them is first used.

Together they take some fifty megabytes in each process. They are typed like any import: `from later import requests`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any


class Later:
    """A module that is imported, once and for all threads, when something of it is first used."""

    def __init__(self, name: str) -> None:
        """Name the module."""
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        """Return what the module has under this name."""
        return getattr(import_module(self._name), attribute)


if TYPE_CHECKING:
    import alembic.command as alembic_command
    import flask_migrate
    import flask_migrate.cli as flask_migrate_cli
    import icalendar
    import kombu
    import pyotp
    import recurring_ical_events
    import requests
    import segno
    import segno.helpers as segno_helpers
    from PIL import Image, ImageOps

    import postgresql
else:
    alembic_command = Later("alembic.command")
    flask_migrate, flask_migrate_cli = Later("flask_migrate"), Later("flask_migrate.cli")
    icalendar, kombu = Later("icalendar"), Later("kombu")
    # Ours, and with it the driver.
    postgresql = Later("postgresql")
    recurring_ical_events = Later("recurring_ical_events")
    pyotp = Later("pyotp")
    requests = Later("requests")
    segno = Later("segno")
    segno_helpers = Later("segno.helpers")
    Image, ImageOps = Later("PIL.Image"), Later("PIL.ImageOps")

__all__ = [
    "Image",
    "ImageOps",
    "Later",
    "alembic_command",
    "flask_migrate",
    "flask_migrate_cli",
    "icalendar",
    "kombu",
    "postgresql",
    "pyotp",
    "recurring_ical_events",
    "requests",
    "segno",
    "segno_helpers",
]
