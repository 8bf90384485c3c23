"""What lists show of bookings: one statement for all of them, and one form."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, and_, null, select
from sqlalchemy.orm import InstrumentedAttribute

from accounts.models import Role, User
from bookings import marks
from bookings.models import Booking, UnseenChange
from bookings.records import COLUMNS
from database import alias_of
from gigs.models import Gig
from jsontext import JsonObject

# What lists show of a booking's own columns.
_OWN = (
    *("id", "gig_id", "student_id", "teacher_id", "status", "starts_at", "ends_at", "note"),
    *("price_cents", "currency", "offered_until", "created_at", "updated_at"),
    *("move_starts_at", "move_ends_at", "move_asked_by", "move_asked_at"),
)

# What makes a row of `select_bookings` a record, too.
RECORD_COLUMNS = tuple(column for column in COLUMNS if column.key not in _OWN)
_Student, _Teacher = alias_of(User), alias_of(User)

_MARKS = (
    UnseenChange.what.label("changed_what"),
    UnseenChange.at.label("changed_at"),
    UnseenChange.from_starts_at.label("changed_from"),
)
_NO_MARKS = tuple(null().label(mark.name) for mark in _MARKS)
PEOPLE = (("student", _Student), ("teacher", _Teacher))


def select_bookings(*more: Any, reader: Any = None) -> Select[Any]:
    """Select what `show_booking` needs, and `more`, in one statement.

    `reader` is the person whose unseen changes are marked; without one nothing is.
    """
    own = [getattr(Booking, name) for name in _OWN]
    joined = (Gig.title, _Student.name.label("student_name"), _Teacher.name.label("teacher_name"))
    people = (_Student, _Student.id == Booking.student_id), (_Teacher, _Teacher.id == Booking.teacher_id)
    marks = _NO_MARKS if reader is None else _MARKS
    statement = select(*own, *joined, *marks, *more).select_from(Booking).join(Gig)
    statement = statement.join(*people[0]).join(*people[1])
    if reader is None:
        return statement
    unseen = (UnseenChange.booking_id == Booking.id, UnseenChange.user_id == reader)
    return statement.outerjoin(UnseenChange, and_(*unseen))


def show_booking(row: Row[Any]) -> JsonObject:
    """Describe a booking as lists do.

    It is written out, because it runs for each row of each list.
    """
    return {
        "id": row.id,
        "status": row.status,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "note": row.note,
        "price_cents": row.price_cents,
        "currency": row.currency,
        "offered_until": row.offered_until,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "move": show_move(row),
        "changed_for_you": marks.show(row),
        "gig": {"id": row.gig_id, "title": row.title},
        "student": {"id": row.student_id, "name": row.student_name},
        "teacher": {"id": row.teacher_id, "name": row.teacher_name},
    }


def show_move(row: Row[Any]) -> JsonObject | None:
    """Describe the other time that is asked for, if one is."""
    if row.move_starts_at is None:
        return None
    return {
        "starts_at": row.move_starts_at,
        "ends_at": row.move_ends_at,
        "asked_by": row.move_asked_by,
        "asked_at": row.move_asked_at,
    }


def own_side(role: str) -> InstrumentedAttribute[int]:
    """Name the column that makes a booking one's own.

    Teachers see their lessons, other users what they booked.
    """
    return Booking.teacher_id if role == Role.TEACHER else Booking.student_id
