"""The choir of the demo school: a group with a timetable, every Thursday evening."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.actors import Actor
from bookings import service as bookings
from bookings.rules.agreement import LessonRequest, StatusChange
from bookings.sessions import service as sessions
from bookings.sessions.plan import NewSessions, Repeat
from bookings.statuses import BookingStatus
from errors import SlotTaken
from gigs import service as gigs
from gigs.models import GigDraft, GigStatus, Times

ZONE = ZoneInfo("Europe/Berlin")
_THURSDAY, _BEGINS = 3, time(20, 45)
_WEEKS = 10
# There is no session on the fourth Thursday.
_LEFT_OUT = 3

CHOIR = GigDraft(
    title="Courtyard choir",
    summary="Every Thursday evening, for everyone who likes to sing.",
    description="We sing in four voices, from Purcell to Piazzolla, and have cake in the break. You need not read "
    "music: most of us learned it here. Come to one evening and see whether it suits you.",
    category="Music",
    skills=("singing", "choir"),
    price_cents=800,
    currency="EUR",
    duration_minutes=75,
    capacity=8,
    location="Kastanienallee 41, Berlin, the hall in the second courtyard",
    times=Times.TIMETABLE,
)


def begin(teacher: Actor, singers: list[Actor], now: datetime) -> None:
    """Write the gig, set its sessions, and let some students take places in the first one."""
    gig_id = gigs.create(teacher.id, CHOIR, now=now)
    gigs.set_status(gig_id, GigStatus.PUBLISHED, actor=teacher, now=now)
    first = _first_thursday(now)
    last, left_out = first.date() + timedelta(weeks=_WEEKS), first.date() + timedelta(weeks=_LEFT_OUT)
    row = Repeat(until=last, without=(left_out,))
    sessions.create(gig_id, NewSessions(starts_at=first, repeat=row), actor=teacher, now=now)
    for singer in singers:
        # Who has another lesson at that time does not come.
        with suppress(SlotTaken):
            wanted = LessonRequest(gig_id=gig_id, starts_at=first)
            booking_id = bookings.create_booking(wanted, actor=singer, now=now)
            if singer is not singers[-1]:
                yes = StatusChange(to=BookingStatus.ACCEPTED)
                bookings.change_status(booking_id, yes, actor=teacher, now=now + timedelta(minutes=30))


def _first_thursday(now: datetime) -> datetime:
    """Return the first Thursday evening that is two days away or more."""
    day = now.date() + timedelta(days=2)
    day += timedelta(days=(_THURSDAY - day.weekday()) % 7)
    return datetime.combine(day, _BEGINS, ZONE)
