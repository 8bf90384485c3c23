"""Cached reads of what is open between people, with the lessons that it is open for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Subquery, func, or_, select

import tags
from accounts.models import Role, User
from bookings.models import Booking
from bookings.shown import own_side
from caching import cache
from gigs.models import Gig
from jsontext import JsonObject
from payments import sums
from payments.models import Payment, PaymentMethod
from payments.owing.references import reference_of

# Of so many lessons the oldest are named; the sums are those of all.
SHOWN = 200


# Invalidated by: every payment of this person, what is decided about it and given back of it; every change of one of
# their bookings; names; titles of gigs.
@cache.stamped("owing", ttl=600, tag=tags.user_bookings, by="user_id")
def owing(connection: Connection, user_id: int, role: str) -> JsonObject:
    """List what is open with each teacher of a student, or with each student of a teacher, by currency."""
    other = Booking.student_id if role == Role.TEACHER else Booking.teacher_id
    balances = sums.each(own_side(role) == user_id)
    lessons: dict[tuple[int, str], list[JsonObject]] = defaultdict(list)
    for row in _open_lessons(connection, balances, other):
        lessons[row.other_id, row.currency].append(_show_lesson(row))
    return {"data": [_show(row, lessons[row.id, row.currency]) for row in _people(connection, balances, other)]}


def next_reference(payments: Iterable[JsonObject], booking_id: int) -> str:
    """Return what to write into the next transfer for a booking, whose payments so far are these."""
    return reference_of(booking_id, sum(1 for payment in payments if payment["method"] != PaymentMethod.CREDIT))


def _people(connection: Connection, balances: Subquery, other: Any) -> list[Row[Any]]:
    """Add up what is open with each person, those with whom nothing is left out."""
    totals = [sums.total(balances.c[name]).label(name) for name in sums.TOTALS]
    open_lessons = func.count().filter(balances.c.open_cents > 0).label("open_lessons")
    found = select(User.id, User.name, balances.c.currency, *totals, open_lessons).select_from(balances)
    found = found.join(Booking, Booking.id == balances.c.booking_id).join(User, User.id == other)
    found = found.where(_matters(balances)).group_by(User.id, User.name, balances.c.currency)
    return list(connection.execute(found.order_by(User.name, User.id, balances.c.currency)).all())


def _matters(balances: Subquery) -> ColumnElement[bool]:
    return or_(*(balances.c[name] > 0 for name in ("open_cents", "submitted_cents", "spare_cents")))


def _open_lessons(connection: Connection, balances: Subquery, other: Any) -> Iterable[Row[Any]]:
    """Select the lessons for which something is open, the first lesson first."""
    it = balances.c
    earlier = select(func.count()).where(Payment.booking_id == it.booking_id, Payment.method != PaymentMethod.CREDIT)
    columns = (it.booking_id, it.currency, it.due_cents, it.open_cents, it.submitted_cents)
    more = (other.label("other_id"), Booking.starts_at, Booking.gig_id, Gig.title)
    found = select(*columns, *more, earlier.scalar_subquery().label("earlier")).select_from(balances)
    found = found.join(Booking, Booking.id == it.booking_id).join(Gig, Gig.id == Booking.gig_id)
    found = found.where(it.open_cents > 0).order_by(Booking.starts_at, Booking.id).limit(SHOWN)
    return connection.execute(found).all()


def _show(row: Row[Any], lessons: list[JsonObject]) -> JsonObject:
    return {
        "person": {"id": row.id, "name": row.name},
        "currency": row.currency,
        "open_cents": row.open_cents,
        "submitted_cents": row.submitted_cents,
        "credit_cents": row.spare_cents,
        "open_lessons": row.open_lessons,
        "lessons": lessons,
    }


def _show_lesson(row: Row[Any]) -> JsonObject:
    gig = {"id": row.gig_id, "title": row.title}
    return {
        "booking": {"id": row.booking_id, "starts_at": row.starts_at, "gig": gig},
        "due_cents": row.due_cents,
        "open_cents": row.open_cents,
        "submitted_cents": row.submitted_cents,
        "reference": reference_of(row.booking_id, row.earlier),
    }
