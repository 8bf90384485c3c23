"""Booking, answering, moving and calling off in any order: the product does what a small model of it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.bookings.rows import delete_bookings, overlapping_pairs
from tests.conftest import SATURDAY, FakeClock
from tests.support.world import Person, World

HOUR = timedelta(hours=1)
# Lessons last an hour and begin on half hours, so that they overlap, touch or keep clear of each other.
PLACES = st.integers(0, 11).map(lambda number: SATURDAY + timedelta(days=1, minutes=30 * number))
STUDENTS, TEACHER = ("ada", "ben"), "grace"
MOST = 4
ANSWERS = st.sampled_from(["accepted", "accepted", "rejected", "cancelled"])
WHO = st.sampled_from(["its student", "its student", "its teacher", "its teacher", "somebody else"])
PRICE, FREE_HOURS = 3000, 27


@dataclass
class Lesson:
    """What the model knows of a booking."""

    student: str
    gig: int
    starts_at: datetime
    status: str = "pending"
    asker: str = "student"
    wish: datetime | None = None
    waived: bool = False
    fee: int | None = None

    @property
    def active(self) -> bool:
        return self.status in ("pending", "accepted")


class Plans(RuleBasedStateMachine):
    """Two students, a teacher with a gig for one student and one for two, and six hours of a day."""

    world: World
    clock: FakeClock
    people: dict[str, Person]
    gigs: list[dict[str, Any]]

    @initialize()
    def begin(self) -> None:
        self.clock.instant = SATURDAY
        delete_bookings(self.world.app)
        self.lessons: dict[int, Lesson] = {}
        # One lesson is agreed on already, so that there is something to change.
        self.book("ada", 0, SATURDAY + timedelta(days=1, hours=2))
        self.people[TEACHER].patch(f"/api/bookings/{self.latest}", {"status": "accepted"})
        self.lessons[self.latest].status = "accepted"

    @precondition(lambda self: len(self.lessons) < MOST)
    @rule(student=st.sampled_from(STUDENTS), gig=st.integers(0, 1), at=PLACES)
    def book(self, student: str, gig: int, at: datetime) -> None:
        body = {"gig_id": self.gigs[gig]["id"], "starts_at": at.isoformat()}
        answer = self.people[student].post("/api/bookings", body)

        free = self._is_free(Lesson(student, gig, at), None)
        assert (answer.status_code == 201) == free, answer.text
        if free:
            self.latest = answer.json["id"]
            self.lessons[self.latest] = Lesson(student, gig, at)

    @rule(data=st.data(), who=WHO, to=ANSWERS)
    def answer(self, data: st.DataObject, who: str, to: str) -> None:
        booking_id, lesson, person = self._any(data, who)
        expected = self._answers(person, lesson, to)
        fee = self._fee(lesson) if person != TEACHER else 0

        answer = self.people[person].patch(f"/api/bookings/{booking_id}", {"status": to})

        assert answer.status_code == expected, (lesson, answer.text)
        if expected == 200:
            lesson.status = to
            lesson.fee, lesson.wish = fee if to in ("cancelled", "rejected") else None, None

    @rule(data=st.data(), who=WHO, reply=st.sampled_from(["accept", "decline", "withdraw"]))
    def reply(self, data: st.DataObject, who: str, reply: str) -> None:
        booking_id, lesson, person = self._any(data, who)
        answer = self.people[person].patch(f"/api/bookings/{booking_id}", {"move": reply})

        expected = self._replies(person, lesson, reply)
        assert answer.status_code == expected, (lesson, answer.text)
        if expected == 200:
            lesson.starts_at = (lesson.wish or lesson.starts_at) if reply == "accept" else lesson.starts_at
            lesson.wish = None

    @rule(data=st.data(), who=WHO, at=PLACES)
    def move(self, data: st.DataObject, who: str, at: datetime) -> None:
        booking_id, lesson, person = self._any(data, who)
        answer = self.people[person].patch(f"/api/bookings/{booking_id}", {"starts_at": at.isoformat()})

        if person not in (lesson.student, TEACHER):
            assert answer.status_code == 404
        elif not lesson.active:
            assert answer.status_code == 409
        elif at == lesson.starts_at or (at == lesson.wish and person != TEACHER):
            assert answer.status_code == 200
        else:
            free = self._is_free(Lesson(lesson.student, lesson.gig, at), booking_id)
            assert (answer.status_code == 200) == free, answer.text
            if free:
                self._moved(lesson, person, at)

    @rule(minutes=st.sampled_from([1, 30]))
    def wait(self, minutes: int) -> None:
        # Nobody's sign-in and no lesson's day is outlived.
        if self.clock.instant + timedelta(minutes=minutes) < SATURDAY + timedelta(minutes=14):
            self.clock.advance(minutes=minutes)

    @invariant()
    def everybody_sees_the_model(self) -> None:
        if not getattr(self, "lessons", None):
            return
        assert overlapping_pairs(self.world.app) == self._groups()
        listed = self.people[TEACHER].get("/api/bookings?limit=100").json["data"]
        shown = {row["id"]: (row["status"], *map(_instant, (row, row["move"]))) for row in listed}
        assert shown == {
            booking_id: (lesson.status, lesson.starts_at, lesson.wish) for booking_id, lesson in self.lessons.items()
        }
        booking_id, lesson = self.latest, self.lessons[self.latest]
        student = self.people[lesson.student]
        found = student.get(f"/api/bookings/{booking_id}").json
        assert (found["requested_by"], found.get("cancellation_fee_cents")) == (lesson.asker, lesson.fee)
        costs = student.get(f"/api/bookings/{booking_id}/cancellation").json
        allowed, declines = (self._answers(lesson.student, lesson, to) == 200 for to in ("cancelled", "rejected"))
        assert (costs["allowed"], costs["fee_cents"]) == (allowed, self._fee(lesson) if allowed or declines else 0)

    def _any(self, data: st.DataObject, who: str) -> tuple[int, Lesson, str]:
        """Choose a booking and whoever acts; what comes of it is looked at afterwards."""
        self.latest = booking_id = data.draw(st.sampled_from(sorted(self.lessons)))
        lesson = self.lessons[booking_id]
        strangers = (name for name in STUDENTS if name != lesson.student)
        return booking_id, lesson, {"its student": lesson.student, "its teacher": TEACHER}.get(who) or next(strangers)

    def _is_free(self, wanted: Lesson, moved: int | None) -> bool:
        others = [it for booking_id, it in self.lessons.items() if it.active and booking_id != moved]
        held = [(it, at) for it in others for at in (it.starts_at, it.wish) if at]
        others = [it for it, at in held if abs(at - wanted.starts_at) < HOUR]
        group = [it for it, at in held if (it.gig, at) == (wanted.gig, wanted.starts_at)]
        alone = all(it.student != wanted.student for it in others)
        return alone and len(group) == len(others) < (1, 2)[wanted.gig]

    def _answers(self, person: str, lesson: Lesson, to: str) -> int:
        if person not in (lesson.student, TEACHER):
            return 404
        asks = (person == TEACHER) == (lesson.asker == "teacher")
        allowed = {
            "pending": {"cancelled"} if asks else {"accepted", "rejected"},
            "accepted": {"cancelled"},
        }
        if to in allowed.get(lesson.status, ()):
            return 200
        # The wrong person at a state from which somebody else may, or nobody any more.
        if lesson.status == "pending":
            return 403
        once = {"cancelled"} | (set() if asks else {"accepted", "rejected"})
        return 409 if to in once else 403

    def _replies(self, person: str, lesson: Lesson, reply: str) -> int:
        if person not in (lesson.student, TEACHER):
            return 404
        if lesson.wish is None:
            return 409
        return 200 if (reply == "withdraw") == (person != TEACHER) else 403

    def _fee(self, lesson: Lesson) -> int:
        late = self.clock.instant > lesson.starts_at - FREE_HOURS * HOUR
        return PRICE // 2 if late and lesson.status == "accepted" and not lesson.waived else 0

    def _moved(self, lesson: Lesson, person: str, at: datetime) -> None:
        if person != TEACHER and lesson.status == "accepted":
            lesson.wish = at
            return
        lesson.waived |= lesson.status == "accepted"
        if lesson.status == "pending":
            lesson.asker = "teacher" if person == TEACHER else "student"
        lesson.starts_at, lesson.wish = at, None

    def _groups(self) -> int:
        """The pairs that share a lesson of the gig for two: the only ones that may coincide."""
        taken = [it for it in self.lessons.values() if it.active]
        return sum(a is not b and (a.gig, a.starts_at) == (b.gig, b.starts_at) for a in taken for b in taken) // 2


def _instant(row: dict[str, Any] | None) -> datetime | None:
    return datetime.fromisoformat(row["starts_at"]) if row else None


@pytest.fixture
def machine(world: World, clock: FakeClock) -> type[Plans]:
    teacher = world.teacher()
    terms: dict[str, Any] = {
        "price_cents": PRICE,
        "free_cancellation_hours": FREE_HOURS,
        "late_cancellation_percent": 50,
    }

    class Machine(Plans):
        pass

    Machine.world, Machine.clock = world, clock
    Machine.people = {name: world.student() for name in STUDENTS} | {TEACHER: teacher}
    Machine.gigs = [world.gig(teacher, duration_minutes=60, capacity=capacity, **terms) for capacity in (1, 2)]
    return Machine


def test_plans_change_as_the_model_says(machine: type[Plans]) -> None:
    steps = settings(max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=steps)
