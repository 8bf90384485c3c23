"""Change the school's settings, and its logo."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import datetime

import tags
from caching import invalidate
from database import writing
from errors import NotFound, UnsupportedMediaType
from school.models import ONLY, School, SchoolLogo, SchoolSettings
from web import pictures
from web.pictures import PictureType

# It stands as high as a line of text; this is enough for the sharpest screens.
LOGO_PIXELS = 160_000


def change(settings: SchoolSettings, *, now: datetime) -> None:
    """Replace the school's settings, effective at once on every page and in every process."""
    with writing() as session:
        session.merge(School(id=ONLY, changed_at=now, **asdict(settings)))
        # Its holidays are days of its time zone.
        invalidate(tags.school(), tags.holidays())


def set_logo(content: bytes, *, now: datetime) -> None:
    """Show a picture as the school's logo from now on, in the place of the one before.

    What it is, its content says. It is drawn anew, small and without metadata. Raises UnsupportedMediaType, Invalid or
    Busy.
    """
    kind = pictures.type_of(content)
    if kind is None:
        raise UnsupportedMediaType(f"Send one of these: {', '.join(PictureType)}.")
    # To open a picture takes a while, in which nothing should be locked.
    kept = pictures.drawn_anew(content, kind, pixels=LOGO_PIXELS)
    digest = hashlib.sha256(kept.content).hexdigest()[:32]
    with writing() as session:
        if session.get(School, ONLY) is None:
            session.add(School(id=ONLY, changed_at=now, **asdict(SchoolSettings())))
        row = {"digest": digest, "media_type": kept.media_type, "stored_at": now, "content": kept.content}
        session.merge(SchoolLogo(id=ONLY, **row))
        invalidate(tags.school(), tags.holidays())


def remove_logo() -> None:
    """Show Lectern's own sign again.

    Raises NotFound if there is no logo.
    """
    with writing() as session:
        found = session.get(SchoolLogo, ONLY)
        if found is None:
            raise NotFound
        session.delete(found)
        invalidate(tags.school())
