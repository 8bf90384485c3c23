"""Reads of a teacher's students, the cached ones with their family, life time and tag.

What depends on the time is not kept: answers have the starts that it depends on, and `at_a_glance` looks at the clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, literal, or_, select, tuple_

import tags
from accounts.actors import Actor
from accounts.invitations.queries import shown_address
from accounts.models import Role, User
from accounts.names import fold
from accounts.rights import runs_school
from bookings.history import agreed_before, share_booking
from bookings.models import Booking
from bookings.shown import select_bookings, show_booking
from bookings.statuses import ACTIVE, AGREED, BookingStatus
from caching import BoundRead, cache
from database import Id, reading
from errors import NotFound
from jsontext import JsonObject
from web.pagination import Position, page

BY_NAME = "name"
# So many lessons of each sort a student's page has; all of them are in the list of lessons.
LESSONS_SHOWN = 10

_LESSONS = (BookingStatus.ACCEPTED, BookingStatus.COMPLETED)
_Conditions = tuple[ColumnElement[bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentsQuery:
    """What a list of students can be narrowed to.

    `q` is looked for in their names.
    """

    q: str | None = None
    limit: int = 20
    after: Position | None = None


# The tag is that of the teacher's own lists of lessons, because there is nothing else in this one: it becomes old with
# each change of their bookings, and with the names in them. Invalidated by: just that.
@cache.stamped("students", tag=tags.user_bookings, by="teacher_id")
def students_page(connection: Connection, teacher_id: int, query: StudentsQuery) -> JsonObject:
    """List by name the students who have, or had, a booking with a teacher."""
    return _page(connection, query, (Booking.teacher_id == teacher_id,))


# Invalidated by: every change of a booking, and of a name that stands in one.
@cache.stamped("students", tag=tags.all_bookings)
def all_students_page(connection: Connection, query: StudentsQuery) -> JsonObject:
    """List by name all students who have, or had, a booking, for an administrator."""
    return _page(connection, query, ())


# Invalidated by: a new booking of this teacher.
@cache.stamped("teaches", tag=tags.user_bookings, by="teacher_id", kind="entity")
def teaches(connection: Connection, teacher_id: int, student_id: int) -> bool:
    """Tell whether a teacher has, or had, a booking of a student."""
    theirs = (Booking.teacher_id == teacher_id, Booking.student_id == student_id)
    shared = select(Booking.id).where(*theirs).limit(1)
    return connection.scalar(shared) is not None


def list_for(user_id: int, role: str, query: StudentsQuery) -> BoundRead:
    """Name the list that a user with this role gets to see."""
    return all_students_page.at(query) if runs_school(role) else students_page.at(user_id, query)


def at_a_glance(student: JsonObject, now: datetime) -> JsonObject:
    """Say how things stand with a student now, from what `_figures` has counted.

    `next` is the first agreed lesson that has not begun, `last` the latest one that has, unless it did not take place.
    Open is what waits for the teacher: the student's requests, and begun lessons of which nobody has said whether they
    took place.
    """
    accepted = [_instant(text) for text in student["accepted"]]
    begun, coming = [at for at in accepted if at <= now], [at for at in accepted if at > now]
    completed = [_instant(student["completed"])] if student["completed"] else []
    return {
        "id": student["id"],
        "name": student["name"],
        "lessons": student["lessons"],
        "next": min(coming, default=None),
        "last": max(begun + completed, default=None),
        "open": student["asked"] + len(begun),
    }


def student_detail(student_id: int, viewer: Actor, now: datetime) -> JsonObject:
    """Describe a student with the next and the last lessons.

    Teachers see their lessons with the student, administrators all. It is never cached.
    Raises NotFound if there is no such student, or if a teacher never had a booking of theirs.
    """
    person = find_student(student_id, viewer)
    office = runs_school(viewer.role)
    theirs: _Conditions = () if office else (Booking.teacher_id == viewer.id,)
    known = person.active and (office or agreed_before(viewer.id, student_id))
    with reading() as connection:
        figures = _figures(connection, [student_id], theirs)[student_id]
        lessons = (Booking.student_id == student_id, *theirs)
        coming = (*lessons, Booking.status.in_(ACTIVE), Booking.starts_at > now)
        begun = (*lessons, Booking.status.in_(AGREED), Booking.starts_at <= now)
        return {
            **at_a_glance({"id": person.id, "name": person.name, **figures}, now),
            "time_zone": person.time_zone,
            "email": person.email if known else None,
            "active": person.active,
            "next_lessons": _lessons(connection, coming, Booking.starts_at, Booking.id),
            "last_lessons": _lessons(connection, begun, Booking.starts_at.desc(), Booking.id.desc()),
        }


def find_student(student_id: int, viewer: Actor) -> Row[Any]:
    """Read who a student is.

    Raises NotFound if the viewer may not see them as one: teachers see those who had a booking with them, and
    administrators all.
    """
    if not runs_school(viewer.role) and not share_booking(viewer.id, student_id):
        raise NotFound
    columns: list[Any] = [User.id, User.name, shown_address(), User.time_zone, User.active, User.role]
    with reading() as connection:
        person = connection.execute(select(*columns).where(User.id == student_id)).one_or_none()
        if person is None or (person.role != Role.STUDENT and not _has_been_student(connection, student_id)):
            raise NotFound
    return person


def _has_been_student(connection: Connection, user_id: int) -> bool:
    """Tell whether somebody who is no student any more has had lessons as one."""
    booked = select(Booking.id).where(Booking.student_id == user_id).limit(1)
    return connection.scalar(booked) is not None


def _page(connection: Connection, query: StudentsQuery, theirs: _Conditions) -> JsonObject:
    name = User.name_key
    found = select(User.id, User.name).where(User.id.in_(select(Booking.student_id).where(*theirs)))
    if query.q:
        found = found.where(name.contains(fold(query.q), autoescape=True))
    if query.after:
        # A name is no number, so a cursor has whose it is.
        last_id = literal(query.after[1], Id)
        last = select(name).where(User.id == last_id).scalar_subquery()
        found = found.where(tuple_(name, User.id) > tuple_(last, last_id))
    rows = connection.execute(found.order_by(name, User.id).limit(query.limit + 1)).all()
    figures = _figures(connection, [row.id for row in rows], theirs)
    return page(
        rows,
        limit=query.limit,
        order=BY_NAME,
        position=lambda row: (0, row.id),
        show=lambda row: {"id": row.id, "name": row.name, **figures[row.id]},
    )


def _figures(connection: Connection, ids: Collection[int], theirs: _Conditions) -> dict[int, JsonObject]:
    """Count students' lessons and requests, and name the starts that `at_a_glance` needs."""
    figures: dict[int, JsonObject] = {id_: {"lessons": 0, "asked": 0, "completed": None, "accepted": []} for id_ in ids}
    whose = (Booking.student_id.in_(ids), *theirs)
    counted = select(
        Booking.student_id,
        func.sum(_if(Booking.status.in_(_LESSONS))).label("lessons"),
        func.sum(_if(_ASKED)).label("asked"),
        func.max(case((Booking.status == BookingStatus.COMPLETED, Booking.starts_at))).label("completed"),
    )
    for row in connection.execute(counted.where(*whose).group_by(Booking.student_id)):
        figures[row.student_id] |= {"lessons": row.lessons, "asked": row.asked, "completed": row.completed}
    accepted = select(Booking.student_id, Booking.starts_at).where(*whose, Booking.status == BookingStatus.ACCEPTED)
    for row in connection.execute(accepted.order_by(Booking.starts_at)):
        figures[row.student_id]["accepted"].append(row.starts_at)
    return figures


# What a student has asked for and the teacher has to answer: a lesson, or another time for one that is agreed on. A
# place that the waitlist offers is the student's to take.
_ASKED = or_(
    and_(
        Booking.status == BookingStatus.PENDING,
        Booking.requested_by == Role.STUDENT,
        Booking.offered_until.is_(None),
    ),
    Booking.move_asked_by == Role.STUDENT,
)


def _if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _lessons(connection: Connection, conditions: Iterable[ColumnElement[bool]], *order: Any) -> list[JsonObject]:
    found = select_bookings().where(*conditions).order_by(*order).limit(LESSONS_SHOWN)
    return [show_booking(row) for row in connection.execute(found)]


def _instant(value: datetime | str) -> datetime:
    """Read a time, which an answer from the cache has as a text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
