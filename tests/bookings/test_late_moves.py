"""Requests that were moved late, before moves were only asked for: only an explicit yes waives the fee.

Databases have such requests: once a student who moved an agreed lesson gave up its old time, and asked anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bookings.service import expire_due
from tests.bookings.rows import set_booking
from tests.conftest import FakeClock
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FEE = 1667


@dataclass
class Late:
    """A lesson that its student has moved an hour before it began, when calling it off would have cost them a fee."""

    world: World
    clock: FakeClock
    teacher: Person
    student: Person
    path: str
    old_time: str

    def patch(self, person: Person, **body: Any) -> None:
        answer = person.patch(self.path, body)
        assert answer.status_code == 200, answer.text

    def teacher_does(self, **body: Any) -> None:
        self.patch(self.teacher, **body)

    def student_does(self, **body: Any) -> None:
        self.patch(self.student, **body)

    def time_passes(self) -> None:
        with self.world.app.app_context():
            assert expire_due(self.clock() + timedelta(days=999)) == 1

    @property
    def owed(self) -> int:
        return int(self.student.get(self.path).json["cancellation_fee_cents"])


@pytest.fixture
def late(world: World, clock: FakeClock) -> Late:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher, price_cents=3333, free_cancellation_hours=24, late_cancellation_percent=50)
    booking = world.accepted(student, teacher, gig, starts_at=world.at(hours=1))
    old, new = clock() + timedelta(hours=1), clock() + timedelta(days=700)
    request = {"status": "pending", "starts_at": new, "ends_at": new + timedelta(minutes=45)}
    set_booking(world.app, booking["id"], **request, fee_since=old - timedelta(hours=24))
    return Late(world, clock, teacher, student, f"/api/bookings/{booking['id']}", booking["starts_at"])


def teacher_declines(it: Late) -> None:
    it.teacher_does(status="rejected")


def teacher_declines_and_waives(it: Late) -> None:
    it.teacher_does(status="rejected", waive_fee=True)


def teacher_moves_it_back_and_the_student_declines(it: Late) -> None:
    it.teacher_does(starts_at=it.old_time)
    it.student_does(status="rejected")


def teacher_moves_it_back_and_nobody_answers(it: Late) -> None:
    it.teacher_does(starts_at=it.old_time)
    it.time_passes()


def teacher_moves_it_and_takes_that_back(it: Late) -> None:
    it.teacher_does(starts_at=it.world.at(days=9))
    it.teacher_does(status="cancelled")


def teacher_moves_it_and_lets_the_student_off(it: Late) -> None:
    it.teacher_does(starts_at=it.world.at(days=9))
    it.teacher_does(status="cancelled", waive_fee=True)


def teacher_moves_it_and_the_student_accepts_and_cancels(it: Late) -> None:
    it.teacher_does(starts_at=it.world.at(days=9))
    it.student_does(status="accepted")
    it.student_does(status="cancelled")


def teacher_accepts_and_the_student_cancels(it: Late) -> None:
    it.teacher_does(status="accepted")
    it.student_does(status="cancelled")


def teacher_accepts_and_waives_and_the_student_cancels_in_time(it: Late) -> None:
    it.teacher_does(status="accepted", waive_fee=True)
    it.student_does(status="cancelled")


def teacher_accepts_and_calls_it_off(it: Late) -> None:
    it.teacher_does(status="accepted")
    it.teacher_does(status="cancelled")


def teacher_accepts_and_moves_it_alone(it: Late) -> None:
    it.teacher_does(status="accepted")
    it.teacher_does(starts_at=it.world.at(days=9))
    it.student_does(status="cancelled")


def student_takes_it_back(it: Late) -> None:
    it.student_does(status="cancelled")


def student_moves_it_once_more_and_takes_it_back(it: Late) -> None:
    it.student_does(starts_at=it.world.at(days=500))
    it.student_does(status="cancelled")


def nobody_answers(it: Late) -> None:
    it.time_passes()


def an_administrator_declines(it: Late) -> None:
    it.patch(it.world.admin(), status="rejected")


@on_sqlite
@pytest.mark.parametrize(
    ("story", "owed"),
    [
        (teacher_declines, FEE),
        (teacher_declines_and_waives, 0),
        (teacher_moves_it_back_and_the_student_declines, FEE),
        (teacher_moves_it_back_and_nobody_answers, FEE),
        (teacher_moves_it_and_takes_that_back, FEE),
        (teacher_moves_it_and_lets_the_student_off, 0),
        (teacher_moves_it_and_the_student_accepts_and_cancels, FEE),
        (teacher_accepts_and_the_student_cancels, FEE),
        (teacher_accepts_and_waives_and_the_student_cancels_in_time, 0),
        # What the teacher calls off or moves alone, once it is agreed on again, costs nothing.
        (teacher_accepts_and_calls_it_off, 0),
        (teacher_accepts_and_moves_it_alone, 0),
        (student_takes_it_back, FEE),
        (student_moves_it_once_more_and_takes_it_back, FEE),
        (nobody_answers, FEE),
        (an_administrator_declines, FEE),
    ],
)
def test_who_owes_what_after_a_late_move(late: Late, story: Callable[[Late], None], owed: int) -> None:
    story(late)

    assert late.owed == owed


def test_what_nobody_has_answered_is_written_down_on_both_databases(late: Late) -> None:
    nobody_answers(late)

    assert (late.student.get(late.path).json["status"], late.owed) == ("expired", FEE)


@on_sqlite
def test_both_are_told_beforehand_what_stays_owed(late: Late) -> None:
    shown = [person.get(f"{late.path}/cancellation").json for person in (late.student, late.teacher)]
    late.teacher_does(starts_at=late.old_time)
    asked = late.student.get(f"{late.path}/cancellation").json

    # The teacher was asked first, and then the student: who was asked declines instead of cancelling.
    assert [(each["allowed"], each["fee_cents"]) for each in (*shown, asked)] == [
        (True, FEE),
        (False, FEE),
        (False, FEE),
    ]


@on_sqlite
def test_a_student_does_not_let_themselves_off(late: Late) -> None:
    refused = late.student.patch(late.path, {"status": "cancelled", "waive_fee": True})

    assert refused.status_code == 403
    assert late.student.get(late.path).json["status"] == "pending"


@on_sqlite
def test_a_request_that_was_never_late_is_declined_for_nothing(world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher, free_cancellation_hours=24, late_cancellation_percent=50)
    path = f"/api/bookings/{world.booking(student, gig, starts_at=world.at(hours=1))['id']}"

    declined = teacher.patch(path, {"status": "rejected", "fee_cents": 0})

    assert (declined.status_code, declined.json["cancellation_fee_cents"]) == (200, 0)


@on_sqlite
def test_the_fee_of_a_series_is_that_of_all_its_lessons(world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher, price_cents=1000, free_cancellation_hours=720, late_cancellation_percent=50)
    body = {"gig_id": gig["id"], "starts_at": world.at(days=2), "weeks": 3}
    first = student.post("/api/bookings/series", body).json["data"][0]["id"]
    path = f"/api/bookings/{first}/series"
    assert teacher.patch(path, {"status": "accepted"}).status_code == 200

    refused = student.patch(path, {"status": "cancelled", "fee_cents": 500})

    assert (refused.status_code, refused.json["current"]) == (409, {"fee_cents": 1500})
    assert student.get(f"/api/bookings/{first}").json["status"] == "accepted"
    assert student.patch(path, {"status": "cancelled", "fee_cents": 1500}).status_code == 200
