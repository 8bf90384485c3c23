"""Cached reads of a month: its sums, by student and by teacher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)

import tags
from accounts.models import User
from accounts.rights import runs_school
from bookings.models import Booking
from bookings.statuses import BookingStatus
from caching import BoundRead, cache
from jsontext import JsonObject
from payments import sums
from payments.months import Month
from payments.packages.models import Package
from payments.packages.money import in_advance

# So many of the people with the largest sums are named; the totals are those of all.
SHOWN = 200

PACKAGES = "packages_cents"
_PARTS: Mapping[str, str] = {
    "submitted_cents": "submitted_cents",
    "paid_cents": "paid_cents",
    "refunded_cents": "refunded_cents",
    "open_cents": "open_cents",
    "credit_cents": "spare_cents",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The lessons that begin at or after `start` and before `end`."""

    start: datetime
    end: datetime

    @classmethod
    def of(cls, month: Month) -> Span:
        """Return the lessons of a month of a reader's clock."""
        return cls(start=month.start.astimezone(UTC), end=month.end.astimezone(UTC))


# Invalidated by: every payment and package of this teacher, what is decided about it and given back of it; every change
# of one of their bookings; names.
@cache.stamped("income", ttl=900, tag=tags.user_bookings, by="teacher_id", shape=2)
def income_of_teacher(connection: Connection, teacher_id: int, query: Span) -> JsonObject:
    """Add up a teacher's lessons of a month, all of them and by student."""
    balances = sums.each(and_(Booking.teacher_id == teacher_id, *_begin_in(query)))
    totals = _shown(connection, totals_of_teacher(teacher_id, query))
    return {"totals": totals, "students": _by(connection, balances, Booking.student_id)}


# Invalidated by: the same of everybody.
@cache.stamped("income", ttl=900, tag=tags.all_bookings, shape=2)
def income_of_school(connection: Connection, query: Span) -> JsonObject:
    """Add up all lessons of a month, all of them, by teacher and by student."""
    balances = sums.each(and_(*_begin_in(query)))
    return {
        "totals": _shown(connection, _totals(balances, _paid_in_advance(query))),
        "teachers": _by(connection, balances, Booking.teacher_id),
        "students": _by(connection, balances, Booking.student_id),
    }


def income_for(user_id: int, role: str, query: Span) -> BoundRead:
    """Name the month that a teacher or an administrator gets to see."""
    return income_of_school.at(query) if runs_school(role) else income_of_teacher.at(user_id, query)


def totals_of_teacher(teacher_id: int, query: Span) -> Select[Any]:
    """Select a teacher's lessons and packages of this time added up, each currency by itself."""
    balances = sums.each(and_(Booking.teacher_id == teacher_id, *_begin_in(query)))
    return _totals(balances, _paid_in_advance(query, Package.teacher_id == teacher_id))


def _begin_in(query: Span) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Booking.starts_at >= query.start, Booking.starts_at < query.end


def _columns(balances: Subquery) -> list[ColumnElement[int]]:
    """Select the sums: what is due of lessons that are over is earned, that of agreed ones is planned."""
    it, planned = balances.c, Booking.status == BookingStatus.ACCEPTED
    parts = [sums.total(it[column]).label(name) for name, column in _PARTS.items()]
    return [
        func.count().filter(or_(it.due_cents > 0, sums.COVERED)).label("lessons"),
        sums.total(case((planned, 0), else_=it.due_cents)).label("earned_cents"),
        sums.total(case((planned, it.due_cents), else_=0)).label("planned_cents"),
        *parts,
    ]


def _totals(balances: Subquery, in_advance: Select[Any]) -> Select[Any]:
    """Select the sums of each currency, with what was paid for packages beside what lessons have brought."""
    columns = _columns(balances)
    of_lessons = select(balances.c.currency, *columns, literal(0).label(PACKAGES)).select_from(balances)
    of_lessons = of_lessons.join(Booking, Booking.id == balances.c.booking_id).group_by(balances.c.currency)
    advance = in_advance.subquery()
    of_packages = select(advance.c.currency, *(literal(0).label(column.name) for column in columns), advance.c.cents)
    both = union_all(of_lessons, of_packages).subquery()
    added = [sums.total(both.c[name]).label(name) for name in (*(column.name for column in columns), PACKAGES)]
    return select(both.c.currency, *added).group_by(both.c.currency).order_by(both.c.currency)


def _shown(connection: Connection, totals: Select[Any]) -> list[JsonObject]:
    return [shown for row in connection.execute(totals) if _matters(shown := _plain(row))]


def _paid_in_advance(query: Span, *whose: ColumnElement[bool]) -> Select[Any]:
    """Select what was paid in this time for packages, less what was given back, by currency.

    The lessons of a package bring nothing themselves, so nothing is counted twice.
    """
    advance = in_advance(query.start, query.end, *whose)
    found: Any = select(Package.currency, sums.total(advance.c.cents).label("cents"))
    found = found.join(advance, advance.c.package_id == Package.id)
    selected: Select[Any] = found.group_by(Package.currency)
    return selected


def _by(connection: Connection, balances: Subquery, person: Any) -> list[JsonObject]:
    """Add up by person and currency, the largest sums first."""
    columns = _columns(balances)
    found = select(User.id, User.name, balances.c.currency, *columns).select_from(balances)
    found = found.join(Booking, Booking.id == balances.c.booking_id).join(User, User.id == person)
    found = found.group_by(User.id, User.name, balances.c.currency)
    largest = sums.total(balances.c.due_cents).desc()
    rows = connection.execute(found.order_by(largest, User.name, User.id, balances.c.currency).limit(SHOWN))
    return [shown for row in rows if _matters(shown := _show(row))]


def _show(row: Row[Any]) -> JsonObject:
    shown = _plain(row)
    return {"person": {"id": shown.pop("id"), "name": shown.pop("name")}, **shown}


def _plain(row: Row[Any]) -> JsonObject:
    # SQLAlchemy's names of columns are a class of their own, which is no key of JSON.
    return {str(name): value for name, value in row._mapping.items()}


def _matters(shown: JsonObject) -> bool:
    """Leave out those whose lessons were all declined or came to nothing."""
    return any(value for name, value in shown.items() if name == "lessons" or name.endswith("_cents"))
