"""Cached reads of leaderboards, and how they are shown to a reader."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, Connection, cast, exists, func, select

import tags
from accounts.models import Role, User
from accounts.names import short_name
from accounts.rights import runs_school
from bookings.models import Booking
from bookings.shown import own_side
from bookings.statistics.queries import length_in_seconds
from bookings.statuses import BookingStatus
from caching import Answer, cache
from jsontext import JsonObject
from reports.answers import together
from reports.periods import Between, Days, Period

# So many people are in one.
SHOWN = 100
HOUR = 3600


# Invalidated by: every change of a booking; the name of somebody with bookings, their leaving, and whether they want to
# be seen.
@cache.stamped("leaderboards", ttl=3600, tag=tags.all_bookings, kind="entity")
def board(connection: Connection, role: str, when: Between) -> JsonObject:
    """List those who have given, or taken, most lessons that begin in this time, if they want to be seen."""
    person, other = own_side(role), Booking.student_id if role == Role.TEACHER else Booking.teacher_id
    number, seconds = func.count(), cast(func.sum(length_in_seconds(connection.dialect.name)), BigInteger)
    columns: tuple[Any, ...] = (User.id, User.name, number.label("lessons"), seconds.label("seconds"))
    people = func.count(other.distinct()).label("people")
    given = (Booking.status == BookingStatus.COMPLETED, Booking.starts_at >= when.start, Booking.starts_at < when.end)
    wanted = (User.active, User.role == role, User.in_leaderboards)
    found = select(*columns, people).join(Booking, person == User.id).where(*wanted, *given)
    found = found.group_by(User.id, User.name)
    rows = connection.execute(found.order_by(number.desc(), seconds.desc(), User.id).limit(SHOWN)).all()
    return {
        "data": [
            {
                # Equal numbers of lessons share the better place.
                "rank": 1 + sum(earlier.lessons > row.lessons for earlier in rows),
                "person": {"id": row.id, "name": row.name},
                "lessons": row.lessons,
                "hours": round(row.seconds / HOUR, 2),
                "people": row.people,
            }
            for row in rows
        ]
    }


# Invalidated by: every change of one of the teacher's bookings.
@cache.stamped("leaderboards", ttl=3600, tag=tags.user_bookings, by="teacher_id", kind="entity")
def known_among(connection: Connection, teacher_id: int, student_ids: tuple[int, ...]) -> JsonObject:
    """List which of these students have had to do with a teacher, who may know their names."""
    shared = exists().where(Booking.student_id == User.id, Booking.teacher_id == teacher_id).correlate(User)
    found = select(User.id).where(User.id.in_(student_ids), shared).order_by(User.id)
    return {"ids": list(connection.scalars(found))}


def leaderboard(of: Role, reader_id: int, reader_role: str, period: Period, days: Days) -> Answer:
    """Return who has given or taken most lessons of a period, as one reader may see it."""
    answers = [cache.look_up(board.at(of, days.between).lasting(min(3600, period.lifetime)))[0].answer()]
    rows = answers[0].json()["data"]
    if of == Role.STUDENT and not runs_school(reader_role):
        known = {reader_id}
        if reader_role == Role.TEACHER:
            ids = tuple(sorted(row["person"]["id"] for row in rows))
            answers.append(cache.look_up(known_among.at(reader_id, ids))[0].answer())
            known.update(answers[1].json()["ids"])
        rows = [_as_seen_by(row, known) for row in rows]
    shown = {
        "period": str(period),
        "from": days.first.isoformat(),
        "to": days.end.isoformat(),
        "time_zone": days.zone,
        "data": rows,
    }
    return together(shown, answers)


def _as_seen_by(row: JsonObject, known: Collection[int]) -> JsonObject:
    """Show a student: to strangers by first name and initial, and without a number that leads to them."""
    person = row["person"]
    if person["id"] in known:
        return row
    return row | {"person": {"id": None, "name": short_name(person["name"])}}
