"""A full-time teacher's week, made through the services: forty lessons, thirty students and a choir."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

import tags
from accounts import service as accounts
from accounts.actors import Actor
from accounts.models import NewAccount, Role, User
from bookings import service as bookings
from bookings.models import Booking
from bookings.moves import service as moves
from bookings.rules.agreement import LessonRequest, NewTime
from bookings.sessions import service as sessions
from bookings.sessions.plan import NewSessions
from caching import invalidate
from database import reading, writing
from demo.choir import CHOIR
from demo.week import CLARA, GIG, STUDENTS
from gigs import service as gigs
from gigs.models import Gig, GigDraft, GigStatus, Times
from schedule import service as schedule
from schedule.models import Hours
from schedule.schemas import AvailabilitySchema

BERLIN = ZoneInfo("Europe/Berlin")
CLOCKS = ("09:00", "09:45", "10:30", "11:15", "14:00", "14:45", "15:30", "16:15")


@dataclass(frozen=True, slots=True)
class Someone:
    """Who acts."""

    id: int
    role: str


@dataclass(frozen=True, slots=True)
class Week:
    """The week from next Monday on: whose it is, and a few of its lessons.

    The second lesson of Monday is asked to be moved, the third one is free to be.
    """

    email: str
    monday: datetime
    asked: int
    other: int
    student: int


def make(name: str, now: datetime) -> Week:
    """Make the week of a teacher with this name, in the application of the context."""
    with reading() as connection:
        # One password opens all accounts of the school.
        known = connection.scalar(select(User.password_hash).where(User.email == f"{CLARA}@example.org"))
    email = f"{name}@example.org"
    teacher = _register(name.title(), email, Role.TEACHER, known, now)
    students = [_register(it.name, f"{it.key}.{name}@example.org", it.role, known, now) for it in STUDENTS]
    schedule.replace_schedule(teacher.id, None, Hours(rules=AvailabilitySchema().load({"weekly": None})), now=now)
    violin = replace(CHOIR, title=GIG.title, times=Times.OPEN, capacity=1, duration_minutes=GIG.minutes)
    gig_id = _publish(teacher, violin, now)
    today = now.astimezone(BERLIN).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    monday = (today + timedelta(days=7 - today.weekday())).replace(tzinfo=BERLIN)
    ids = _lessons(gig_id, teacher, students, monday, now)
    wanted = NewTime(starts_at=_at(monday, 0, "18:00"), reason="My train is late.")
    moves.move(ids[1], wanted, actor=students[1], now=now)
    _begin_choir(teacher, students[:3], _at(monday, 3, "20:00"), now)
    return Week(email, monday, ids[1], ids[2], students[0].id)


def _register(name: str, email: str, role: Role, password_hash: str | None, now: datetime) -> Someone:
    account = NewAccount(name=name, email=email, password="", role=role, time_zone="Europe/Berlin")
    return Someone(accounts.register(account, now=now, confirmed=True, password_hash=password_hash), role)


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
    """Write forty lessons that are agreed on, three that are over, and four requests; return their ids."""
    week = [(_at(monday, day, clock), "accepted") for day in range(5) for clock in CLOCKS]
    hour = now.replace(minute=0, second=0, microsecond=0)
    over = [(hour - timedelta(hours=hours), "accepted") for hours in (5, 4, 3)]
    asked = [(_at(monday, day, "18:45"), "pending") for day in range(4)]
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
        for number, (starts_at, status) in enumerate((*week, *over, *asked))
    ]
    with writing() as session:
        session.execute(insert(Booking), rows)
        invalidate(*(tags.user_bookings(each.id) for each in (teacher, *students)), tags.all_bookings())
        invalidate(tags.teacher_slots(teacher.id), tags.gig_sessions(gig_id))
        mine = select(Booking.id).join(Gig).where(Gig.id == gig_id).order_by(Booking.id)
        return list(session.scalars(mine))


def _at(monday: datetime, day: int, clock: str) -> datetime:
    return datetime.combine(monday.date() + timedelta(days=day), time.fromisoformat(clock), BERLIN)
