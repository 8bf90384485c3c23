"""A full-time teacher's week, made through the services: forty lessons, thirty students and a choir.

It is Monday morning, and the application's clock is the test's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import insert, select

import events
import tags
from accounts import service as accounts
from accounts.actors import Actor
from accounts.models import NewAccount, Role
from bookings import service as bookings
from bookings.models import Booking
from bookings.moves import service as moves
from bookings.rules.agreement import LessonRequest, NewTime
from bookings.sessions import service as sessions
from bookings.sessions.plan import NewSessions
from caching import invalidate
from database import writing
from demo.choir import CHOIR
from demo.week import GIG, STUDENTS, TEACHER
from gigs import service as gigs
from gigs.models import Gig, GigDraft, GigStatus, Times
from schedule import service as schedule
from schedule.models import Hours
from schedule.schemas import AvailabilitySchema
from tests.support.world import PASSWORD

BERLIN = ZoneInfo("Europe/Berlin")
CLOCKS = ("09:00", "09:45", "10:30", "11:15", "14:00", "14:45", "15:30", "16:15")
THURSDAY = 3
# So many want to sing, and on so many days somebody asks for the last lesson.
SINGERS, REQUESTS = 4, 4


@dataclass(frozen=True, slots=True)
class Someone:
    """Who acts."""

    id: int
    role: str


@dataclass(frozen=True, slots=True)
class Week:
    """Whose week it is, when it begins, its students' addresses, and a few of its lessons.

    The second lesson of Monday is asked to be moved, the third one is free to be.
    """

    email: str
    monday: datetime
    students: tuple[str, ...]
    asked: int
    other: int


def make(app: Flask, monday: datetime) -> Week:
    """Make the week that begins on this day, as it is found early on its Monday."""
    with app.app_context(), writing() as session, events.unheard(session):
        return _make(monday)


def _make(monday: datetime) -> Week:
    now = _at(monday, 0, "07:30")
    teacher = _register(TEACHER.name, TEACHER.key, Role.TEACHER, now)
    students = [_register(it.name, it.key, Role.STUDENT, now) for it in STUDENTS]
    schedule.replace_schedule(teacher.id, None, Hours(rules=AvailabilitySchema().load({"weekly": None})), now=now)
    violin = replace(CHOIR, title=GIG.title, times=Times.OPEN, capacity=1, duration_minutes=GIG.minutes)
    gig_id = _publish(teacher, violin, now)
    ids = _lessons(gig_id, teacher, students, monday, now)
    wanted = NewTime(starts_at=_at(monday, 0, "18:00"), reason="My train is late.")
    moves.move(ids[1], wanted, actor=students[1], now=now)
    _begin_choir(teacher, students[:SINGERS], _at(monday, THURSDAY, "20:00"), now)
    return Week(_address(TEACHER.key), monday, tuple(_address(it.key) for it in STUDENTS), ids[1], ids[2])


def _address(key: str) -> str:
    return f"{key}@example.org"


def _register(name: str, key: str, role: Role, now: datetime) -> Someone:
    account = NewAccount(name=name, email=_address(key), password=PASSWORD, role=role, time_zone="Europe/Berlin")
    return Someone(accounts.register(account, now=now, confirmed=True), role)


def _publish(teacher: Actor, draft: GigDraft, now: datetime) -> int:
    gig_id = gigs.create(teacher.id, draft, now=now)
    gigs.set_status(gig_id, GigStatus.PUBLISHED, actor=teacher, now=now)
    return gig_id


def _begin_choir(teacher: Actor, singers: list[Someone], starts_at: datetime, now: datetime) -> None:
    gig_id = _publish(teacher, CHOIR, now)
    sessions.create(gig_id, NewSessions(starts_at=starts_at), actor=teacher, now=now)
    for singer in singers:
        bookings.create_booking(LessonRequest(gig_id=gig_id, starts_at=starts_at), actor=singer, now=now)


def _lessons(gig_id: int, teacher: Actor, students: list[Someone], monday: datetime, now: datetime) -> list[int]:
    """Write what is agreed on, forty lessons and those of the next Monday, and four requests; return their ids."""
    week = [(_at(monday, day, clock), "accepted") for day in (0, 1, 2, 3, 4, 7) for clock in CLOCKS]
    asked = [(_at(monday, day, "18:45"), "pending") for day in range(REQUESTS)]
    rows = [
        {
            "gig_id": gig_id,
            "student_id": students[number % len(students)].id,
            "teacher_id": teacher.id,
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=GIG.minutes),
            "status": status,
            "price_cents": GIG.price_cents,
            "currency": "EUR",
            "created_at": now,
            "updated_at": now,
        }
        for number, (starts_at, status) in enumerate((*week, *asked))
    ]
    with writing() as session:
        session.execute(insert(Booking), rows)
        invalidate(*(tags.user_bookings(each.id) for each in (teacher, *students)), tags.all_bookings())
        invalidate(tags.teacher_slots(teacher.id), tags.gig_sessions(gig_id))
        mine = select(Booking.id).join(Gig).where(Gig.id == gig_id).order_by(Booking.id)
        return list(session.scalars(mine))


def _at(monday: datetime, day: int, clock: str) -> datetime:
    return datetime.combine(monday.date() + timedelta(days=day), time.fromisoformat(clock), BERLIN)
