"""One statement for all that is counted of a teacher's lessons of a period.

A miss would be three statements otherwise. Rows of three kinds stand one below the other, and what a kind does not have
is 0 or nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    select,
    union_all,
)

from bookings.history import ONCE_ACCEPTED, select_answers
from bookings.models import Booking
from bookings.statistics.queries import length_in_seconds
from bookings.statuses import BookingStatus
from database import Instant, alias_of
from payments.income.queries import PACKAGES, Span, totals_of_teacher
from reports.periods import Between

_NUMBERS = ("number", "seconds", "students", "new", "called_off")
_INSTANTS = ("at", "asked_at")
_Before = alias_of(Booking)
_CALLED_OFF = and_(Booking.status == BookingStatus.CANCELLED, ONCE_ACCEPTED)


class Kind(StrEnum):
    """What a row is about: the lessons of a status, the money of a currency, or one answer to a student."""

    LESSONS = "lessons"
    EARNED = "earned"
    ANSWER = "answer"


def figures_of(dialect: str, teacher_id: int, when: Between) -> CompoundSelect[Any]:
    """Select what there is to count of a teacher's lessons that begin in this time.

    The columns are kind, name (the status or the currency), numbers (of money `number` is the cents), at and asked_at.
    """
    theirs = lessons_within(teacher_id, when)
    answers = select_answers(*theirs).subquery()
    totals = totals_of_teacher(teacher_id, Span(start=when.start, end=when.end)).order_by(None).subquery()
    cents = totals.c.earned_cents + totals.c[PACKAGES]
    return union_all(
        _lessons(dialect, when).where(*theirs).group_by(Booking.status),
        _row(Kind.EARNED, totals.c.currency, {"number": cents}).where(cents != 0),
        _row(Kind.ANSWER, literal(""), {"at": answers.c.at, "asked_at": answers.c.asked_at}),
    )


def lessons_within(teacher_id: int, when: Between) -> tuple[ColumnElement[bool], ...]:
    """Match a teacher's lessons that begin in this time."""
    return (Booking.teacher_id == teacher_id, Booking.starts_at >= when.start, Booking.starts_at < when.end)


def _lessons(dialect: str, when: Between) -> Select[Any]:
    completed = Booking.status == BookingStatus.COMPLETED
    counted = {
        "number": func.count(),
        "seconds": func.sum(length_in_seconds(dialect)),
        "students": func.count(Booking.student_id.distinct()),
        "new": func.count(case((and_(completed, _is_new(when)), Booking.student_id)).distinct()),
        "called_off": func.sum(case((_CALLED_OFF, 1), else_=0)),
    }
    return _row(Kind.LESSONS, Booking.status, counted)


def _row(kind: Kind, name: Any, values: dict[str, Any]) -> Select[Any]:
    """Select one kind of row with the columns of all."""
    numbers = [cast(values.get(it, literal(0)), BigInteger).label(it) for it in _NUMBERS]
    instants = [values.get(it, cast(null(), Instant)).label(it) for it in _INSTANTS]
    columns: list[Any] = [literal(str(kind)).label("kind"), cast(name, String).label("name"), *numbers, *instants]
    return select(*columns)


def _is_new(when: Between) -> ColumnElement[bool]:
    """Match the lessons of students who had none with the same teacher before."""
    same = (_Before.student_id == Booking.student_id, _Before.teacher_id == Booking.teacher_id)
    return ~exists().where(*same, _Before.status == BookingStatus.COMPLETED, _Before.starts_at < when.start)
