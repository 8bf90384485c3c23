"""Read how things stand between a teacher and the school."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, exists, func, select

import tags
from accounts.models import Role, User
from accounts.teaching.models import TeachingRecord, TeachingStatus
from caching import cache, invalidation_check
from jsontext import JsonObject
from school.models import Teaching
from school.queries import school

NOTHING: JsonObject = {"status": None, "message": "", "reason": "", "asked_at": None, "decided_at": None}

invalidation_check.watch(TeachingRecord, {tags.user_teaching: ("user_id",), tags.all_teaching: ()})


# Invalidated by: the teacher asks, the school decides, an administrator makes them a teacher, their first publishing.
@cache.stamped("teaching", ttl=3600, tag=tags.user_teaching, by="user_id", kind="entity")
def standing(connection: Connection, user_id: int) -> JsonObject:
    """Say whether the school has approved a teacher."""
    columns = (getattr(TeachingRecord, name) for name in NOTHING)
    row = connection.execute(select(*columns).where(TeachingRecord.user_id == user_id)).one_or_none()
    return dict(row._mapping) if row else NOTHING


# Invalidated by: the same, of any teacher, and by closed and reopened accounts.
@cache.stamped("teaching", ttl=3600, tag=tags.all_teaching, kind="entity")
def asking(connection: Connection) -> JsonObject:
    """Count the teachers who wait for the school's answer."""
    return {"number": connection.execute(select(func.count()).where(*waits())).scalar_one()}


def may_publish(user_id: int) -> bool:
    """Tell whether a teacher's gigs can be published: everybody's can, or the school has approved them."""
    if school().json()["teaching"] == Teaching.OPEN:
        return True
    return bool(standing(user_id).json()["status"] == TeachingStatus.APPROVED)


def waits() -> tuple[ColumnElement[bool], ...]:
    """Return what is true of the records of those who wait."""
    teaches = exists().where(User.id == TeachingRecord.user_id, User.active, User.role == Role.TEACHER)
    return TeachingRecord.status == TeachingStatus.ASKED, teaches
