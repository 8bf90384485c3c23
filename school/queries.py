"""Reads of the school's settings.

The cached one names its family, its life time and the tag that makes it old.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy.orm import Session

import tags
from caching import cache, invalidation_check
from database import reading
from errors import NotFound
from jsontext import JsonObject
from school.models import FIELDS, NO_ZONE, NOTHING_CHOSEN, ONLY, Registration, School, SchoolLogo, Teaching
from web.pictures import Picture

invalidation_check.watch(SchoolLogo, {tags.school: ()})
# The instants of the holidays are by its time zone.
invalidation_check.watch(School, {tags.school: (), tags.holidays: ()})


# Invalidated by: every change of the settings.
@cache.stamped("school", ttl=86_400, tag=tags.school, kind="entity", shape=3)
def school(connection: Connection) -> JsonObject:
    """Describe the school, as every page shows it."""
    columns = (getattr(School, name) for name in FIELDS)
    logo = select(SchoolLogo.digest).where(SchoolLogo.id == ONLY).scalar_subquery().label("logo")
    row = connection.execute(select(*columns, logo).where(School.id == ONLY)).one_or_none()
    return dict(row._mapping) if row else NOTHING_CHOSEN


def logo(digest: str) -> Picture:
    """Read the logo with this digest, which is not cached because browsers keep it.

    Raises NotFound if it is not the present one.
    """
    one = select(SchoolLogo.media_type, SchoolLogo.content).where(SchoolLogo.id == ONLY, SchoolLogo.digest == digest)
    with reading() as connection:
        found = connection.execute(one).one_or_none()
    if found is None:
        raise NotFound
    return Picture(found.media_type, found.content)


def school_name() -> str:
    """Return what the school is called, where there is no page."""
    return str(school().json()["name"])


def time_zone() -> ColumnElement[str]:
    """Select the school's time zone, beside whatever else a statement reads."""
    chosen = select(School.time_zone).where(School.id == ONLY).scalar_subquery()
    return func.coalesce(chosen, NO_ZONE)


def registration(session: Session) -> Registration:
    """Return who can make an account, in the caller's transaction."""
    return session.scalar(select(School.registration).where(School.id == ONLY)) or Registration.OPEN


def teaching(session: Session) -> Teaching:
    """Return which teachers can publish gigs, in the caller's transaction."""
    return session.scalar(select(School.teaching).where(School.id == ONLY)) or Teaching.OPEN
