"""Reads of standing wishes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select
from sqlalchemy.orm import Session

import tags
from accounts.dependents import name_dependents
from accounts.models import User
from bookings.standing.models import StandingWish, WishStatus
from caching import Tag, cache, invalidation_check
from database import reading
from gigs.dependents import gig_dependents
from gigs.models import Gig
from jsontext import JsonObject

invalidation_check.watch(StandingWish, {tags.user_waitlist: ("student_id", "teacher_id")})


# Invalidated by: wishing, leaving, an offer, the last day; the teacher's name; a change of the gig.
@cache.stamped("waitlist", tag=tags.user_waitlist, by="student_id")
def wishes(connection: Connection, student_id: int) -> JsonObject:
    """List the wishes of a student that wait, the newest first."""
    mine = (StandingWish.student_id == student_id, StandingWish.status == WishStatus.WAITING)
    rows = connection.execute(_wishes().where(*mine).order_by(StandingWish.id.desc())).all()
    return {"data": [_show(row) for row in rows], "next_cursor": None}


def wish(wish_id: int) -> JsonObject:
    """Describe a wish that exists."""
    with reading() as connection:
        return _show(connection.execute(_wishes().where(StandingWish.id == wish_id)).one())


def wishes_for(gig_id: int, now: datetime) -> list[JsonObject]:
    """List who waits for any suitable time of a gig, the first one first.

    The caller has to see to it that the reader may know.
    """
    columns: list[Any] = [StandingWish.student_id, StandingWish.times, User.name]
    waiting = (StandingWish.gig_id == gig_id, StandingWish.status == WishStatus.WAITING, StandingWish.ends_at > now)
    statement = select(*columns).join(User, User.id == StandingWish.student_id).where(*waiting)
    with reading() as connection:
        rows = connection.execute(statement.order_by(StandingWish.id)).all()
    return [{"student": {"id": row.student_id, "name": row.name}, **row.times} for row in rows]


@name_dependents.add
def _lists_with_teacher(session: Session, user_id: int) -> Iterable[Tag]:
    """Name the lists in which this teacher's name stands."""
    return _lists_with(session, StandingWish.teacher_id == user_id)


@gig_dependents.add
def _lists_with_gig(session: Session, gig_id: int) -> Iterable[Tag]:
    """Name the lists in which this gig's title stands."""
    return _lists_with(session, StandingWish.gig_id == gig_id)


def _lists_with(session: Session, condition: ColumnElement[bool]) -> list[Tag]:
    students = session.scalars(select(StandingWish.student_id).distinct().where(condition))
    return [tags.user_waitlist(student_id) for student_id in students]


def _wishes() -> Select[Any]:
    names = ("id", "status", "gig_id", "teacher_id", "times", "time_zone", "created_at")
    own = [getattr(StandingWish, name) for name in names]
    statement = select(*own, Gig.title, User.name).select_from(StandingWish)
    return statement.join(Gig, Gig.id == StandingWish.gig_id).join(User, User.id == StandingWish.teacher_id)


def _show(row: Row[Any]) -> JsonObject:
    return {
        "id": row.id,
        "status": row.status,
        "gig": {"id": row.gig_id, "title": row.title},
        "teacher": {"id": row.teacher_id, "name": row.name},
        **row.times,
        "time_zone": row.time_zone,
        "created_at": row.created_at,
    }
