"""Reads of sessions, the cached one with its family, life time and tag."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, tuple_
from sqlalchemy.orm import Session

import tags
from accounts.actors import Actor
from accounts.dependents import name_dependents
from accounts.models import Role, User
from bookings.models import Booking, HeldTime
from bookings.sessions.models import GroupSession, SessionStatus
from bookings.sessions.places import seats_of_session, taken_places
from bookings.sessions.records import COLUMNS, SessionRecord
from bookings.sessions.states import open_acts, targets
from bookings.statuses import ACTIVE, AGREED, COUNTED
from caching import BoundRead, Tag, cache, invalidation_check
from database import reading
from errors import NotFound
from gigs.dependents import gig_dependents
from gigs.models import Gig
from gigs.states import manager_of, shown_to_others
from jsontext import JsonObject
from schedule.holidays.queries import Closed, closed_days, holidays, name_of_holiday
from web.pagination import Position, from_microseconds, microseconds, page

# Lists of sessions have one order.
ORDER = "starts_at"

invalidation_check.watch(
    GroupSession,
    {
        tags.gig_sessions: ("gig_id",),
        tags.user_bookings: ("teacher_id",),
        tags.teacher_slots: ("teacher_id",),
        tags.all_bookings: (),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsQuery:
    """What the list of a gig's sessions can be narrowed to: start ≤ starts_at < end."""

    start: datetime | None = None
    end: datetime | None = None
    limit: int = 20
    after: Position | None = None


# Invalidated by: every change of a session or a booking of the gig; of the gig; its teacher's name, role, leaving.
@cache.stamped("sessions", ttl=600, tag=tags.gig_sessions, by="gig_id", shape=2)
def sessions_page(connection: Connection, gig_id: int, query: SessionsQuery) -> JsonObject | None:
    """List a gig's sessions in order of time, with their locations, and who may see that.

    None if there is no such gig, or if it is not taught any more.
    """
    gig = connection.execute(_gig(gig_id)).one_or_none()
    if gig is None:
        return None
    found = _sessions().where(GroupSession.gig_id == gig_id)
    if query.start:
        found = found.where(GroupSession.starts_at >= query.start)
    if query.end:
        found = found.where(GroupSession.starts_at < query.end)
    if query.after:
        last = (from_microseconds(query.after[0]), query.after[1])
        found = found.where(tuple_(GroupSession.starts_at, GroupSession.id) > tuple_(*last))
    rows = connection.execute(found.order_by(GroupSession.starts_at, GroupSession.id).limit(query.limit + 1)).all()
    listed = page(
        rows,
        limit=query.limit,
        order=ORDER,
        position=lambda row: (microseconds(row.starts_at), row.id),
        show=lambda row: _show(row, gig),
    )
    return listed | {"of": {"teacher_id": gig.teacher_id, "status": gig.status, "visibility": gig.visibility}}


# Invalidated by: every change of one of the student's bookings.
@cache.stamped("own-places", ttl=600, tag=tags.user_bookings, by="user_id")
def own_places(connection: Connection, user_id: int, gig_id: int) -> JsonObject:
    """List when a student has a place in a gig, or asks for one, in order of time.

    It is read beside what is the same for all, which knows nobody.
    """
    names = ("id", "session_id", "status", "starts_at", "offered_until")
    columns: list[Any] = [getattr(Booking, name) for name in names]
    theirs = (Booking.student_id == user_id, Booking.gig_id == gig_id, Booking.status.in_(ACTIVE))
    rows = connection.execute(select(*columns).where(*theirs).order_by(Booking.starts_at)).all()
    return {"data": [dict(row._mapping) for row in rows]}


def places_read(gig_id: int, viewer: Actor | None) -> list[BoundRead]:
    """Name the read of a viewer's places in a gig, none for a visitor or for those who book none."""
    return [own_places.at(viewer.id, gig_id)] if viewer is not None and viewer.role == Role.STUDENT else []


def shown_to(
    found: JsonObject | None, viewer: Actor | None, days: Sequence[Closed], own: Iterable[JsonObject] = ()
) -> JsonObject:
    """Return what of a page of `sessions_page` a viewer, or None for a visitor, gets to see.

    `days` are those on which the school is closed, and `own` the viewer's places. Raises NotFound if the gig is none of
    their business.
    """
    if found is None:
        raise NotFound
    of = found.pop("of")
    for row in found["data"]:
        times = (datetime.fromisoformat(row[name]) for name in ("starts_at", "ends_at"))
        row["holiday"] = name_of_holiday(days, *times)
    if viewer is not None and manager_of(of["teacher_id"], viewer.id, viewer.role):
        return found
    if not shown_to_others(of["status"], of["visibility"]):
        raise NotFound
    booked = {place["session_id"]: place["id"] for place in own}
    for row in found["data"]:
        row |= {"location": None, "own_booking_id": booked.get(row["id"])}
    return found


def session_detail(session_id: int, viewer: Actor | None, now: datetime) -> JsonObject:
    """Describe a session to a viewer, or None for a visitor, never from the cache.

    Raises NotFound if there is none, or if it is not visible to them.
    """
    with reading() as connection:
        row = connection.execute(_sessions(GroupSession.reason).where(GroupSession.id == session_id)).one_or_none()
        if row is None:
            raise NotFound
        gig = connection.execute(_gig(row.gig_id)).one_or_none()
        roster = connection.execute(_roster(session_id)).all()
        places = connection.execute(_places_of(session_id, viewer.id)).all() if viewer else []
    if gig is None:
        raise NotFound
    days = closed_days(holidays().json())
    shown = _show(row, gig) | {"reason": row.reason, "holiday": name_of_holiday(days, row.starts_at, row.ends_at)}
    if viewer is not None and manager_of(row.teacher_id, viewer.id, viewer.role):
        acts = open_acts(row, now)
        return shown | {"roster": [_show_place(place) for place in roster], "allowed_transitions": targets(acts)}
    own = {place.status for place in places}
    if not own & set(COUNTED) and not shown_to_others(gig.status, gig.visibility):
        raise NotFound
    shown["own_booking_id"] = next((place.id for place in places if place.status in ACTIVE), None)
    # A reason such as an illness is said to those whose lesson it ended, and to nobody else.
    return shown | ({} if own & set(AGREED) else {"location": None}) | ({} if own else {"reason": ""})


def several(session_ids: Iterable[int]) -> list[JsonObject]:
    """Describe sessions of one gig to the user who has just set them."""
    with reading() as connection:
        rows = connection.execute(
            _sessions().where(GroupSession.id.in_(session_ids)).order_by(GroupSession.starts_at)
        ).all()
        gig = connection.execute(_gig(rows[0].gig_id)).one()
    return [_show(row, gig) for row in rows]


def coming_sessions(gig_id: int, now: datetime) -> bool:
    """Tell whether a gig has sessions to come."""
    coming = (GroupSession.status == SessionStatus.SCHEDULED, GroupSession.starts_at > now)
    with reading() as connection:
        found = connection.execute(select(GroupSession.id).where(GroupSession.gig_id == gig_id, *coming).limit(1))
        return found.first() is not None


@name_dependents.add
def _sessions_of_teacher(session: Session, teacher_id: int) -> Iterable[Tag]:
    """Name the lists in which this teacher's name stands."""
    gigs = select(GroupSession.gig_id).distinct().where(GroupSession.teacher_id == teacher_id)
    return [tags.gig_sessions(gig_id) for gig_id in session.scalars(gigs)]


@gig_dependents.add
def _lists_with_sessions(session: Session, gig_id: int) -> Iterable[Tag]:
    """Name the lists in which this gig's title stands beside its sessions."""
    teachers = select(GroupSession.teacher_id).distinct().where(GroupSession.gig_id == gig_id)
    return [tags.user_bookings(teacher_id) for teacher_id in session.scalars(teachers)]


def _sessions(*more: Any) -> Select[Any]:
    """Select sessions with the number of their places that are taken."""
    statement = select(*COLUMNS, taken_places().label("taken"), *more)
    return statement.outerjoin(HeldTime, seats_of_session()).group_by(GroupSession.id)


def _gig(gig_id: int) -> Select[Any]:
    taught = (User.active, User.role == Role.TEACHER)
    columns: list[Any] = [Gig.id, Gig.title, Gig.location, Gig.status, Gig.visibility, Gig.teacher_id, User.name]
    return select(*columns).join(User, User.id == Gig.teacher_id).where(Gig.id == gig_id, *taught)


def _roster(session_id: int) -> Select[Any]:
    columns: list[Any] = [Booking.id, Booking.student_id, Booking.status, Booking.offered_until, User.name]
    places = select(*columns).join(User, User.id == Booking.student_id)
    return places.where(Booking.session_id == session_id, Booking.status.in_(COUNTED)).order_by(
        func.lower(User.name), Booking.id
    )


def _places_of(session_id: int, student_id: int) -> Select[Any]:
    """Select the places that a student has or had in a session, and how they stand."""
    columns: list[Any] = [Booking.id, Booking.status]
    return select(*columns).where(Booking.session_id == session_id, Booking.student_id == student_id)


def _show(row: Row[Any], gig: Row[Any]) -> JsonObject:
    record = SessionRecord(**{column.key: getattr(row, column.key) for column in COLUMNS})
    left = record.capacity - row.taken if record.status == SessionStatus.SCHEDULED else 0
    return {
        "id": record.id,
        "gig": {"id": gig.id, "title": gig.title},
        "teacher": {"id": gig.teacher_id, "name": gig.name},
        "status": record.status,
        "starts_at": record.starts_at,
        "ends_at": record.ends_at,
        "capacity": record.capacity,
        "seats_left": max(0, left),
        "location": gig.location if record.location is None else record.location,
        "own_booking_id": None,
    }


def _show_place(row: Row[Any]) -> JsonObject:
    student = {"id": row.student_id, "name": row.name}
    return {"booking_id": row.id, "student": student, "status": row.status, "offered_until": row.offered_until}
