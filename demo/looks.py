"""What the demo school has chosen for itself."""

from __future__ import annotations

from datetime import datetime

from administration.school import service
from school.models import SchoolSettings

SETTINGS = SchoolSettings(name="Marsh House", accent_colour="#2f4f8f")


def choose(now: datetime) -> None:
    """Give the school its name and its colour."""
    service.change(SETTINGS, now=now)
