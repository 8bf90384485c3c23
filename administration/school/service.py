"""Change the school's settings."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import tags
from caching import invalidate
from database import writing
from school.models import ONLY, School, SchoolSettings


def change(settings: SchoolSettings, *, now: datetime) -> None:
    """Replace the school's settings, effective at once on every page and in every process."""
    with writing() as session:
        session.merge(School(id=ONLY, changed_at=now, **asdict(settings)))
        # Its holidays are days of its time zone.
        invalidate(tags.school(), tags.holidays())
