"""Cached reads of dashboards.

Each has one tag, and what depends on the moment is found out when answering.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

import tags
from accounts.models import Role
from bookings.models import Booking
from bookings.my_lessons.queries import is_active_of
from bookings.shown import own_side
from bookings.statuses import BookingStatus
from caching import cache
from enrolment.applications.models import Application
from enrolment.assignments.models import Assignment
from enrolment.statuses import TO_DO, ApplicationStatus, AssignmentStatus, TaskStatus
from enrolment.tasks.models import Task
from jsontext import JsonObject
from payments.models import WaitingPayment
from reports.analytics import growth
from reports.dashboard.counts import lessons
from reports.periods import Between
from reviews.models import Review
from reviews.queries import SHOWN

TTL = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretches:
    """A day and its week, each beside the one before."""

    day: Between
    day_before: Between
    week: Between
    week_before: Between

    def named(self) -> dict[str, Between]:
        """Return them by name."""
        return {name: getattr(self, name) for name in ("day", "day_before", "week", "week_before")}


# Invalidated by: every change of one of the person's bookings.
@cache.stamped("dashboard", ttl=TTL, tag=tags.user_bookings, by="user_id", kind="entity")
def own_lessons(connection: Connection, user_id: int, role: str, day: Between, week: Between) -> JsonObject:
    """Count a person's lessons of a day and of its week.

    `begun` says of which lessons it has to be said whether they took place: how many began before the day, and when
    those of the day begin.
    """
    own = own_side(role) == user_id
    open_ones = (is_active_of(user_id, role), Booking.status == BookingStatus.ACCEPTED)
    before = select(func.count()).where(*open_ones, Booking.starts_at < day.start).scalar_subquery()
    starts = select(Booking.starts_at, before.label("before"))
    starts = starts.where(*open_ones, Booking.starts_at >= day.start, Booking.starts_at < day.end)
    of_day = connection.execute(starts.order_by(Booking.starts_at)).all()
    return {
        "day": lessons(connection, day, own),
        "week": lessons(connection, week, own),
        "begun": {
            "before": of_day[0].before if of_day else connection.scalar(select(before)),
            "starts": [row.starts_at for row in of_day],
        },
    }


# Invalidated by: every payment to the teacher, and what is decided about it.
@cache.stamped("dashboard", ttl=TTL, tag=tags.user_bookings, by="teacher_id", kind="entity")
def payments_to_check(connection: Connection, teacher_id: int) -> JsonObject:
    """Count the payments that students have reported and their teacher has not checked."""
    return {"number": connection.scalar(_waiting_payments(WaitingPayment.teacher_id == teacher_id))}


# Invalidated by: a review of the teacher, and that it was read.
@cache.stamped("dashboard", ttl=TTL, tag=tags.teacher_reviews, by="teacher_id", kind="entity")
def unread_reviews(connection: Connection, teacher_id: int) -> JsonObject:
    """Count the reviews that their teacher has not read."""
    unread = select(func.count()).where(Review.teacher_id == teacher_id, SHOWN, Review.read_at.is_(None))
    return {"number": connection.scalar(unread)}


# Invalidated by: every application to the teacher, and its answer.
@cache.stamped("dashboard", ttl=TTL, tag=tags.user_applications, by="teacher_id", kind="entity")
def applications_to_answer(connection: Connection, teacher_id: int) -> JsonObject:
    """Count the applications that wait for a teacher's answer."""
    waiting = (Application.teacher_id == teacher_id, Application.status == ApplicationStatus.PENDING)
    return {"number": connection.scalar(select(func.count()).where(*waiting))}


# Invalidated by: every task of this person, what is handed in and reviewed; the end of an assignment.
@cache.stamped("dashboard", ttl=TTL, tag=tags.user_tasks, by="user_id", kind="entity")
def own_tasks(connection: Connection, user_id: int, role: str) -> JsonObject:
    """Count what a student has to hand in, and what a teacher has to look at, with the ends of the first."""
    own = Task.teacher_id if role == Role.TEACHER else Task.student_id
    columns: tuple[Any, ...] = (Task.status, Task.due_at)
    active = (own == user_id, Assignment.status == AssignmentStatus.ACTIVE)
    found = select(*columns).join(Assignment, Assignment.id == Task.assignment_id).where(*active)
    rows = connection.execute(found.where(Task.status.in_([*TO_DO, TaskStatus.SUBMITTED])).order_by(Task.id)).all()
    open_ones = [row.due_at for row in rows if row.status in TO_DO]
    return {"handed_in": len(rows) - len(open_ones), "open": len(open_ones), "due": [at for at in open_ones if at]}


# Invalidated by: every change of a booking.
@cache.stamped("dashboard", ttl=TTL, tag=tags.all_bookings, kind="entity")
def lessons_of_school(connection: Connection, when: Stretches) -> JsonObject:
    """Count everybody's lessons."""
    return {name: lessons(connection, between) for name, between in when.named().items()}


# Invalidated by: a new account, and another role.
@cache.stamped("dashboard", ttl=TTL, tag=tags.users, kind="entity")
def newcomers(connection: Connection, when: Stretches) -> JsonObject:
    """Count who has registered, as a student or as a teacher, as the figures of a day do."""
    counted = growth.users(connection, [*when.named().values()])
    return {
        name: {"new_students": users["students"], "new_teachers": users["teachers"]}
        for name, users in zip(when.named(), counted, strict=True)
    }


# Invalidated by: every change of a booking and of a payment.
@cache.stamped("dashboard", ttl=TTL, tag=tags.all_bookings, kind="entity")
def overlooked(connection: Connection, before: datetime) -> JsonObject:
    """Count what has waited since before an instant.

    These are requests, and lessons of which it was not said how they went. Payments are counted that wait at all.
    """
    requests = select(func.count()).where(Booking.status == BookingStatus.PENDING, Booking.created_at < before)
    unrecorded = select(func.count()).where(Booking.status == BookingStatus.ACCEPTED, Booking.starts_at < before)
    counts = {"requests": requests, "unrecorded": unrecorded, "payments": _waiting_payments()}
    columns = [statement.scalar_subquery().label(name) for name, statement in counts.items()]
    return dict(connection.execute(select(*columns)).one()._mapping)


# Invalidated by: every application and its answer.
@cache.stamped("dashboard", ttl=TTL, tag=tags.all_applications, kind="entity")
def applications_of_school(connection: Connection) -> JsonObject:
    """Count the applications that wait for an answer."""
    waiting = Application.status == ApplicationStatus.PENDING
    return {"number": connection.scalar(select(func.count()).where(waiting))}


def _waiting_payments(*which: Any) -> Select[Any]:
    """Count payments about which nothing was decided."""
    return select(func.count()).select_from(WaitingPayment).where(*which)
