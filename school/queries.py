"""Reads of the school's settings.

The cached one names its family, its life time and the tag that makes it old.
"""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy.orm import Session

import tags
from caching import cache, invalidation_check
from jsontext import JsonObject
from school.models import FIELDS, NO_ZONE, ONLY, Registration, School, SchoolSettings, Teaching

# The instants of the holidays are by its time zone.
invalidation_check.watch(School, {tags.school: (), tags.holidays: ()})


# Invalidated by: every change of the settings.
@cache.stamped("school", ttl=86_400, tag=tags.school, kind="entity", shape=2)
def school(connection: Connection) -> JsonObject:
    """Describe the school, as every page shows it."""
    columns = (getattr(School, name) for name in FIELDS)
    row = connection.execute(select(*columns).where(School.id == ONLY)).one_or_none()
    return dict(row._mapping) if row else asdict(SchoolSettings())


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
