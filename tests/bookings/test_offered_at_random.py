"""What is offered can be booked, and nothing else: a teacher's week at random, with all that takes up its time.

Several schedules with zones, breaks, limits, pauses, time off and blocks of their own; holidays of the school; a
calendar from elsewhere; gigs with open times, with a timetable, and such that confirm at once; lessons that hold two
times while they are asked to move. After each step the list of slots is compared with what an attempt to book, or to
move, is answered.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from bookings.models import Booking, HeldTime
from bookings.sessions.models import GroupSession
from bookings.slots.queries import Moved, bookable_now, free_starts
from calendars.busy.expansion import Found
from calendars.busy.looking import Seen
from calendars.busy.queries import calendars_of
from calendars.busy.schemas import Feed
from calendars.busy.service import note_seen, replace_calendars
from database import reading
from schedule.holidays.queries import closed_times, holidays
from tests.conftest import SATURDAY, FakeClock
from tests.schedule.bodies import exception, weekly
from tests.support.world import Person, World

AVAILABILITY = "/api/teachers/me/availability"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu")
MINUTE = timedelta(minutes=1)
ELSEWHERE = "https://93.184.216.34/a.ics"
# Clocks change in Berlin, in Cairo and on Lord Howe Island within a week after one of these, and in New York after two.
STARTS = (SATURDAY, *(datetime.fromisoformat(f"{day}T09:30:00Z") for day in ("2027-03-26", "2027-04-01", "2027-10-29")))
# So far ahead the slots are looked at.
LOOK = timedelta(days=12)


@pytest.mark.parametrize("seed", range(8))
def test_offered_and_bookable_are_the_same(world: World, clock: FakeClock, seed: int) -> None:
    clock.instant = STARTS[seed % len(STARTS)]
    week = Week(world, clock, random.Random(seed), ZONES[seed % len(ZONES)])

    for step in range(40):
        # Sign-ins last for a quarter of an hour.
        clock.advance(seconds=week.chance.choice((0, 4, 11)))
        if step % 2:
            week.something_happens()
        else:
            week.compare_with_an_attempt()

    assert week.compared.keys() == {True, False}


class Week:
    """A teacher with gigs and schedules, students who book, and the promise that is tested."""

    def __init__(self, world: World, clock: FakeClock, chance: random.Random, zone: str) -> None:
        self.world, self.clock, self.chance = world, clock, chance
        self.teacher = world.teacher(time_zone=zone)
        self.office = world.admin()
        self.ok(self.office.put("/api/admin/school", {"name": "School", "time_zone": chance.choice(ZONES)}))
        self.students = {person.id: person for person in (world.student() for _ in range(4))}
        self.ok(self.teacher.put(AVAILABILITY, self.hours()))
        elsewhere = {"name": "Elsewhere", "time_zone": chance.choice(ZONES)}
        self.schedules = [
            None,
            self.ok(self.teacher.post("/api/teachers/me/schedules", self.hours() | elsewhere))["id"],
        ]
        kinds: tuple[dict[str, Any], ...] = (
            {"capacity": chance.choice((1, 2)), "schedule_id": chance.choice(self.schedules)},
            {"confirmation": "instant", "schedule_id": self.schedules[1]},
            {"times": "timetable", "capacity": 2, "confirmation": chance.choice(("ask", "instant"))},
        )
        lengths = (25, 45, 60)
        self.gigs = [world.gig(self.teacher, duration_minutes=chance.choice(lengths), **kind) for kind in kinds]
        self.compared: dict[bool, int] = {}
        self.calendar: int | None = None
        self.busy_elsewhere()
        for _ in range(2):
            self.block()
            self.set_session()

    @property
    def now(self) -> datetime:
        return self.clock.instant

    def something_happens(self) -> None:
        """Do something that may or may not be possible: the promise has to hold after it."""
        deeds: tuple[Callable[[], object], ...] = (
            *(
                self.close_school,
                self.block,
                self.unblock,
                self.set_session,
                self.set_session,
                self.change_session,
                self.change_session,
            ),
            *(self.busy_elsewhere, self.other_hours, self.change_gig, self.answer, self.answer, self.answer),
        )
        self.chance.choice(deeds)()

    def compare_with_an_attempt(self) -> None:
        """Try to book or to move, at a time that is offered or near one, and expect what the list says."""
        lessons = [row for row in self.lessons() if row.status == "accepted" and row.starts_at > self.now]
        if lessons and self.chance.random() < 0.4:
            lesson = self.chance.choice(lessons)
            student, moved = self.students[lesson.student_id], lesson
            gig_id = lesson.gig_id
        else:
            student, moved = self.chance.choice(list(self.students.values())), None
            gig_id = self.chance.choice(self.gigs)["id"]
        offered = self.slots(gig_id, moved)
        at = self.chance.choice(offered) if offered and self.chance.random() < 0.5 else self.some_time(offered)
        if moved and at in (moved.starts_at, moved.move_starts_at):
            # To ask for what one has is no move.
            return
        busy = self.is_busy(student, gig_id, at, moved)

        answer = self.book(student, gig_id, at) if moved is None else self.move(student, moved, at)

        said = (gig_id, moved, at, at in offered, busy, answer.status_code, answer.text)
        expected = at in offered and not busy
        assert (answer.status_code in (200, 201)) == expected, said
        if not expected:
            # A time that is somebody's is called taken; any other that is not offered is called that.
            taken = answer.json["type"] == "/problems/slot-taken"
            assert taken or answer.json["type"] == "/problems/slot-unavailable", said
            assert not taken or self.held(gig_id, at, moved), said
        self.compared[expected] = self.compared.get(expected, 0) + 1

    def slots(self, gig_id: int, moved: Any) -> list[datetime]:
        """What pages offer to somebody who books, or who moves this lesson."""
        if moved is None:
            ends = self.now + LOOK
            query = {"gig_id": gig_id, "from": written(self.now), "to": written(ends), "time_zone": "UTC"}
            answer = self.world.anyone.get(f"/api/teachers/{self.teacher.id}/slots", query_string=query)
            return [datetime.fromisoformat(slot["starts_at"]) for slot in self.ok(answer)["data"]]
        minutes = (moved.ends_at - moved.starts_at) // MINUTE
        with self.world.app.app_context():
            found = free_starts(self.teacher.id, gig_id, self.now, self.now + LOOK, Moved(moved.id, minutes)).json()
            closed = closed_times(holidays().json())
        return [slot["starts_at"] for slot in bookable_now(found, closed, ZoneInfo("UTC"), self.now)]

    def book(self, student: Person, gig_id: int, at: datetime) -> TestResponse:
        return student.post("/api/bookings", {"gig_id": gig_id, "starts_at": written(at)})

    def move(self, student: Person, lesson: Any, at: datetime) -> TestResponse:
        return student.patch(f"/api/bookings/{lesson.id}", {"starts_at": written(at)})

    def is_busy(self, student: Person, gig_id: int, at: datetime, moved: Any) -> bool:
        """Tell whether the student has another lesson then, which the list of slots knows nothing of."""
        return any(row.student_id == student.id for row in self.held(gig_id, at, moved))

    def held(self, gig_id: int, at: datetime, moved: Any) -> list[Any]:
        """What is held of the time that a lesson would take, except by the one that is to be moved."""
        session = next((row for row in self.sessions() if (row.gig_id, row.starts_at) == (gig_id, at)), None)
        gig = next(gig for gig in self.gigs if gig["id"] == gig_id)
        length = gig["duration_minutes"] * MINUTE if moved is None else moved.ends_at - moved.starts_at
        length = session.ends_at - session.starts_at if session else length
        meanwhile = [HeldTime.starts_at < at + length, HeldTime.ends_at > at]
        if moved:
            meanwhile.append(HeldTime.booking_id.is_distinct_from(moved.id))
        with self.world.app.app_context(), reading() as connection:
            return list(connection.execute(select(HeldTime.__table__).where(*meanwhile)))

    def lessons(self) -> list[Any]:
        active = select(Booking.__table__).where(Booking.status.in_(("pending", "accepted")))
        with self.world.app.app_context(), reading() as connection:
            return list(connection.execute(active))

    def sessions(self) -> list[Any]:
        coming = select(GroupSession.__table__).where(GroupSession.status == "scheduled")
        with self.world.app.app_context(), reading() as connection:
            return list(connection.execute(coming))

    def hours(self) -> dict[str, Any]:
        chance = self.chance

        def window() -> str:
            start, end = chance.randrange(24), chance.randrange(24)
            return f"{chance.choice(DAYS)} {start:02}:{chance.choice((0, 7, 30)):02}-{end:02}:00"

        day = self.now + timedelta(days=chance.randrange(4))
        off = self.now + timedelta(hours=chance.randrange(96))
        weeks = weekly(*(window() for _ in range(chance.randrange(6, 12))), "daily 10:00-15:00")
        return {
            # Without windows any minute can be booked, and the list is a sample of them.
            "weekly": weeks,
            "exceptions": [exception(str(day.date()), *(["11:00-20:30"] if chance.random() < 0.7 else []))],
            "time_off": [{"from": written(off), "to": written(off + timedelta(hours=9))}],
            "buffer_before_minutes": chance.choice((0, 0, 10)),
            "buffer_after_minutes": chance.choice((0, 15)),
            "minimum_notice_minutes": chance.choice((0, 300)),
            "horizon_days": chance.choice((3, 730)),
            "max_per_day": chance.choice((None, 4)),
            "max_per_week": chance.choice((None, 15)),
            "slot_step_minutes": chance.choice((None, 15)),
        }

    def other_hours(self) -> None:
        which = self.chance.choice(self.schedules)
        path = AVAILABILITY if which is None else f"/api/teachers/me/schedules/{which}"
        name = {} if which is None else {"name": "Elsewhere", "time_zone": self.chance.choice(ZONES)}
        self.ok(self.teacher.put(path, self.hours() | name))

    def block(self) -> None:
        begins = self.now + self.chance.randrange(7 * 1440) * MINUTE
        ends = begins + self.chance.choice((20, 90, 600)) * MINUTE
        self.ok(self.teacher.post("/api/teachers/me/blocks", {"starts_at": written(begins), "ends_at": written(ends)}))

    def busy_elsewhere(self) -> None:
        """Let another calendar say anew when the teacher is busy."""
        begins = [int(self.now.timestamp()) // 60 * 60 + self.chance.randrange(7 * 1440) * 60 for _ in range(3)]
        found = Found([(start, start + 60 * self.chance.choice((7, 45, 300)), None) for start in begins])
        with self.world.app.app_context():
            if self.calendar is None:
                replace_calendars(self.teacher.id, [Feed(ELSEWHERE, "Private")], now=self.now)
                self.calendar = int(calendars_of(self.teacher.id)["data"][0]["id"])
            note_seen(self.calendar, ELSEWHERE, "UTC", Seen(digest=str(begins), found=found), now=self.now)

    def close_school(self) -> None:
        """Enter a holiday of a day, after taking the one before away."""
        for holiday in self.ok(self.office.get("/api/admin/holidays"))["data"]:
            assert self.office.delete(f"/api/admin/holidays/{holiday['id']}").status_code == 204
        if self.chance.random() < 0.7:
            day = str((self.now + timedelta(days=self.chance.randrange(4))).date())
            self.ok(self.office.post("/api/admin/holidays", {"name": "Closed", "first_day": day, "last_day": day}))

    def unblock(self) -> None:
        query = {"from": written(self.now), "to": written(self.now + LOOK)}
        for block in self.ok(self.teacher.get("/api/teachers/me/blocks", query_string=query))["data"][:1]:
            self.teacher.delete(f"/api/teachers/me/blocks/{block['id']}")

    def set_session(self) -> None:
        """Set one at any time, which may be taken."""
        gig = self.chance.choice([gig for gig in self.gigs if gig["times"] == "timetable"] or self.gigs)
        self.teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": written(self.some_time([]))})

    def change_session(self) -> None:
        if sessions := self.sessions():
            changes: tuple[dict[str, Any], ...] = (
                {"status": "cancelled", "reason": "I am ill."},
                {"starts_at": written(self.some_time([]))},
                {"capacity": self.chance.choice((1, 2, 3))},
            )
            self.teacher.patch(f"/api/sessions/{self.chance.choice(sessions).id}", self.chance.choice(changes))

    def change_gig(self) -> None:
        """Give a gig another length, number of places, schedule or kind of times."""
        place = self.chance.randrange(len(self.gigs))
        changes: tuple[dict[str, Any], ...] = (
            {"duration_minutes": self.chance.choice((25, 45, 60))},
            {"capacity": self.chance.choice((1, 2, 3))},
            {"schedule_id": self.chance.choice(self.schedules)},
            {"times": self.chance.choice(("open", "timetable"))},
            {"confirmation": self.chance.choice(("ask", "instant"))},
        )
        answer = self.teacher.patch(f"/api/gigs/{self.gigs[place]['id']}", self.chance.choice(changes))
        if answer.status_code == 200:
            self.gigs[place] = answer.json

    def answer(self) -> None:
        """Let the teacher answer a request or a wish, or somebody cancel a lesson."""
        if lessons := self.lessons():
            lesson = self.chance.choice(lessons)
            status = self.chance.choice(("accepted", "rejected") if lesson.status == "pending" else ("cancelled",))
            body = {"status": status}
            if lesson.move_starts_at:
                body = {"move": self.chance.choice(("accept", "decline"))}
            self.teacher.patch(f"/api/bookings/{lesson.id}", body)

    def some_time(self, offered: list[datetime]) -> datetime:
        """A whole minute near a slot or near what is held, or anywhere in the days to come."""
        kind = self.chance.random()
        near = self.now + self.chance.randrange(1, 7200) * MINUTE
        if offered and kind < 0.5:
            near = self.chance.choice(offered) + self.chance.choice((1, 5, 15, 30, 1440)) * MINUTE
        elif kind < 0.8:
            times = [row.starts_at for row in (*self.sessions(), *self.lessons())]
            times += [row.move_starts_at for row in self.lessons() if row.move_starts_at]
            near = self.chance.choice(times) if times else near
        near = near.replace(second=0, microsecond=0)
        return near if near > self.now else self.now.replace(second=0, microsecond=0) + 60 * MINUTE

    @staticmethod
    def ok(answer: TestResponse) -> Any:
        assert answer.status_code in (200, 201), answer.text
        return answer.json


def written(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"
