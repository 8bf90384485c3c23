"""Waiting for a place: who may wait, who gets what becomes free, and what becomes of an offer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bookings import service
from bookings.waitlist import sweep
from tests.bookings.rows import count_bookings, overlapping_pairs
from tests.conftest import FakeClock
from tests.schedule.bodies import weekly
from tests.support.races import at_once
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

AVAILABILITY = "/api/teachers/me/availability"


class Class:
    """A teacher's gig at one time, full, and students who wait for it."""

    def __init__(self, world: World, *, capacity: int = 1, waiting: int = 2, days: int = 1) -> None:
        self.world = world
        self.teacher = world.teacher()
        self.gig = world.gig(self.teacher, capacity=capacity)
        self.at = world.at(days=days)
        self.owners = [world.student() for _ in range(capacity)]
        self.bookings = [world.booking(owner, self.gig, starts_at=self.at)["id"] for owner in self.owners]
        self.waiting = [world.student() for _ in range(waiting)]
        self.entries = [self.join(student).json["id"] for student in self.waiting]

    def join(self, student: Person, **changes: Any) -> TestResponse:
        return student.post("/api/waitlist", {"gig_id": self.gig["id"], "starts_at": self.at} | changes)

    def book(self, student: Person) -> TestResponse:
        return student.post("/api/bookings", {"gig_id": self.gig["id"], "starts_at": self.at})

    def free(self, number: int = 0) -> TestResponse:
        return self.owners[number].patch(f"/api/bookings/{self.bookings[number]}", {"status": "cancelled"})

    def statuses(self) -> list[str]:
        return [_entry(student)["status"] for student in self.waiting]


@pytest.fixture
def lesson(world: World) -> Class:
    return Class(world)


def test_who_joins_waits(world: World, lesson: Class) -> None:
    student = world.student()

    joined, again = lesson.join(student), lesson.join(student)

    assert joined.status_code == 201, joined.text
    assert joined.json == {
        "id": joined.json["id"],
        "status": "waiting",
        "starts_at": lesson.at,
        "gig": {"id": lesson.gig["id"], "title": lesson.gig["title"]},
        "teacher": {"id": lesson.teacher.id, "name": lesson.teacher.name},
        "booking_id": None,
        "offered_until": None,
        "created_at": "2026-11-21T09:30:00Z",
    }
    assert (again.status_code, again.json) == (201, joined.json)
    assert student.get("/api/waitlist").json["data"] == [joined.json]


@on_sqlite
def test_nobody_waits_for_what_they_can_have_or_never_get(world: World, lesson: Class) -> None:
    busy = world.student()
    world.booking(busy, world.gig(world.teacher()), starts_at=lesson.at)
    lesson.teacher.put(AVAILABILITY, {"weekly": weekly("sunday 10:30-12:00")})

    answers = {
        "free": lesson.join(world.student(), starts_at=world.at(days=8)),
        "never offered": lesson.join(world.student(), starts_at=world.at(days=2)),
        "over": lesson.join(world.student(), starts_at=world.at(hours=-1)),
        "a lesson of one's own": lesson.join(busy),
        "sitting in it": lesson.join(lesson.owners[0]),
        "a teacher": lesson.join(lesson.teacher),
        "no such gig": lesson.join(busy, gig_id=10**6),
    }

    assert {why: (answer.status_code, answer.json["type"].rpartition("/")[2]) for why, answer in answers.items()} == {
        "free": (409, "slot-free"),
        "never offered": (409, "slot-unavailable"),
        "over": (422, "invalid"),
        "a lesson of one's own": (409, "slot-taken"),
        "sitting in it": (409, "slot-taken"),
        "a teacher": (403, "forbidden"),
        "no such gig": (404, "not-found"),
    }


@pytest.mark.parametrize("how", ["cancelled", "rejected", "moved"])
def test_the_first_in_line_is_offered_the_place_and_nobody_else_gets_it(world: World, lesson: Class, how: str) -> None:
    path = f"/api/bookings/{lesson.bookings[0]}"
    change = {
        "cancelled": partial(lesson.owners[0].patch, path, {"status": "cancelled"}),
        "rejected": partial(lesson.teacher.patch, path, {"status": "rejected"}),
        "moved": partial(lesson.owners[0].patch, path, {"starts_at": world.at(days=3)}),
    }[how]

    assert change().status_code == 200

    assert lesson.statuses() == ["offered", "waiting"]
    entry = _entry(lesson.waiting[0])
    assert entry["offered_until"] == world.at(hours=2)
    assert lesson.book(world.student()).json["type"] == "/problems/slot-taken"
    booking = lesson.waiting[0].get(f"/api/bookings/{entry['booking_id']}").json
    assert (booking["status"], booking["offered_until"]) == ("pending", entry["offered_until"])
    # The place is theirs to take or to leave, and nobody answers before that.
    assert booking["allowed_transitions"] == ["rejected"]
    teachers = lesson.teacher.get(f"/api/bookings/{entry['booking_id']}").json
    assert teachers["allowed_transitions"] == ["cancelled"]
    moved = lesson.waiting[0].patch(f"/api/bookings/{entry['booking_id']}", {"starts_at": world.at(days=5)})
    assert moved.status_code == 409


@on_sqlite
def test_who_takes_an_offer_asks_the_teacher(world: World, lesson: Class) -> None:
    lesson.free()
    student, entry = lesson.waiting[0], lesson.entries[0]

    taken, again = student.post(f"/api/waitlist/{entry}/accept"), student.post(f"/api/waitlist/{entry}/accept")

    assert taken.status_code == 200, taken.text
    assert (taken.json["status"], taken.json["requested_by"], taken.json["offered_until"]) == (
        "pending",
        "student",
        None,
    )
    assert taken.json["allowed_transitions"] == ["cancelled"]
    assert (again.status_code, again.json["current"]) == (409, "accepted")
    assert lesson.statuses() == ["accepted", "waiting"]
    accepted = lesson.teacher.patch(f"/api/bookings/{taken.json['id']}", {"status": "accepted"})
    assert accepted.status_code == 200
    history = student.get(f"/api/bookings/{taken.json['id']}/history").json["data"]
    assert [(event["from"], event["to"]) for event in history] == [
        (None, "pending"),
        ("pending", "pending"),
        ("pending", "accepted"),
    ]


@on_sqlite
@pytest.mark.parametrize("how", ["decline", "leave", "reject the booking"])
def test_what_is_declined_goes_to_the_next(lesson: Class, how: str) -> None:
    lesson.free()
    student, entry = lesson.waiting[0], lesson.entries[0]
    booking = _entry(student)["booking_id"]

    answer = {
        "decline": partial(student.post, f"/api/waitlist/{entry}/decline"),
        "leave": partial(student.delete, f"/api/waitlist/{entry}"),
        "reject the booking": partial(student.patch, f"/api/bookings/{booking}", {"status": "rejected"}),
    }[how]()

    assert answer.status_code in (200, 204), answer.text
    assert lesson.statuses() == ["declined", "offered"]


@on_sqlite
def test_a_teacher_takes_an_offer_back(lesson: Class) -> None:
    lesson.free()
    booking = _entry(lesson.waiting[0])["booking_id"]

    answer = lesson.teacher.patch(f"/api/bookings/{booking}", {"status": "cancelled"})

    assert answer.status_code == 200
    assert lesson.statuses() == ["lapsed", "offered"]


def test_an_offer_that_nobody_takes_goes_to_the_next(world: World, lesson: Class, clock: FakeClock) -> None:
    lesson.free()
    clock.advance(hours=2)

    late = _again(world, lesson.waiting[0]).post(f"/api/waitlist/{lesson.entries[0]}/accept")
    _sweep(world, clock)
    _sweep(world, clock)

    assert late.status_code == 409
    lesson.waiting = [_again(world, student) for student in lesson.waiting]
    assert lesson.statuses() == ["expired", "offered"]
    clock.advance(hours=2)
    _sweep(world, clock)
    lesson.waiting = [_again(world, student) for student in lesson.waiting]
    assert lesson.statuses() == ["expired", "expired"]
    assert lesson.book(world.student()).status_code == 201


@on_sqlite
def test_an_offer_ends_when_the_lesson_begins(world: World, clock: FakeClock) -> None:
    lesson = Class(world, waiting=1)
    clock.advance(hours=23)
    lesson.owners = [_again(world, student) for student in lesson.owners]
    lesson.waiting = [_again(world, student) for student in lesson.waiting]
    lesson.free()

    assert _entry(lesson.waiting[0])["offered_until"] == lesson.at
    clock.advance(hours=1)
    with world.app.app_context():
        assert service.expire_due(clock()) == 0
    _sweep(world, clock)
    lesson.waiting = [_again(world, student) for student in lesson.waiting]
    assert lesson.statuses() == ["expired"]


def test_who_waits_until_the_lesson_begins_waits_no_more(world: World, lesson: Class, clock: FakeClock) -> None:
    assert lesson.waiting[1].delete(f"/api/waitlist/{lesson.entries[1]}").status_code == 204
    clock.advance(days=1)
    _sweep(world, clock)

    lesson.waiting = [_again(world, student) for student in lesson.waiting]
    assert lesson.statuses() == ["lapsed", "left"]
    gone = lesson.waiting[1].delete(f"/api/waitlist/{lesson.entries[1]}")
    assert (gone.status_code, gone.json["current"]) == (409, "left")


@on_sqlite
def test_who_cannot_come_is_passed_over_and_stays_in_line(world: World, lesson: Class) -> None:
    world.booking(lesson.waiting[0], world.gig(world.teacher()), starts_at=lesson.at)

    lesson.free()

    assert lesson.statuses() == ["waiting", "offered"]


@on_sqlite
def test_a_lesson_of_another_gig_makes_room_for_who_waits_for_this_one(world: World) -> None:
    teacher, owner, student = world.teacher(), world.student(), world.student()
    other, wanted = world.gig(teacher, duration_minutes=120), world.gig(teacher)
    booking = world.booking(owner, other)
    body = {"gig_id": wanted["id"], "starts_at": world.at(days=1, hours=1)}
    assert student.post("/api/waitlist", body).status_code == 201

    owner.patch(f"/api/bookings/{booking['id']}", {"status": "cancelled"})

    assert _entry(student)["status"] == "offered"


def test_what_becomes_free_by_other_rules_is_found_by_the_sweep(world: World, clock: FakeClock) -> None:
    lesson = Class(world, capacity=2, waiting=3)
    assert lesson.teacher.patch(f"/api/gigs/{lesson.gig['id']}", {"capacity": 4}).status_code == 200
    assert lesson.statuses() == ["waiting"] * 3

    _sweep(world, clock)

    assert lesson.statuses() == ["offered", "offered", "waiting"]


@on_sqlite
def test_the_teacher_sees_how_many_wait(world: World) -> None:
    lesson = Class(world, capacity=2, waiting=3)
    path = f"/api/gigs/{lesson.gig['id']}/waitlist"
    lesson.free()

    seen = lesson.teacher.get(path)

    assert seen.json == {"data": [{"starts_at": lesson.at, "waiting": 2, "offered": 1}]}
    assert lesson.waiting[0].get(path).status_code == 403


@on_sqlite
def test_entries_are_private(world: World, lesson: Class) -> None:
    stranger, entry = world.student(), lesson.entries[0]
    lesson.free()

    answers = [
        stranger.post(f"/api/waitlist/{entry}/accept"),
        stranger.post(f"/api/waitlist/{entry}/decline"),
        lesson.teacher.delete(f"/api/waitlist/{entry}"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert stranger.get("/api/waitlist").json["data"] == []


def test_lists_are_fresh_at_every_step(world: World, lesson: Class) -> None:
    first, second = lesson.waiting
    slots = f"/api/teachers/{lesson.teacher.id}/slots?gig_id={lesson.gig['id']}&from={lesson.at}&to={world.at(days=2)}"
    assert lesson.statuses() == ["waiting", "waiting"]
    assert first.get("/api/bookings").json["data"] == lesson.teacher.get("/api/bookings?status=cancelled").json["data"]

    lesson.free()
    assert lesson.statuses() == ["offered", "waiting"]
    assert first.get("/api/waitlist").json["cached"] is True
    assert len(first.get("/api/bookings").json["data"]) == 1
    assert lesson.at not in [slot["starts_at"] for slot in first.get(slots).json["data"]]

    lesson.teacher.patch(f"/api/gigs/{lesson.gig['id']}", {"title": "Organ for the brave"})
    assert _entry(second)["gig"]["title"] == "Organ for the brave"
    lesson.teacher.patch("/api/users/me", {"name": "Grace Again"})
    assert _entry(second)["teacher"]["name"] == "Grace Again"

    second.delete(f"/api/waitlist/{lesson.entries[1]}")
    first.post(f"/api/waitlist/{lesson.entries[0]}/decline")
    assert lesson.statuses() == ["declined", "left"]
    assert lesson.at in [slot["starts_at"] for slot in first.get(slots).json["data"]]


def test_the_list_has_pages_and_a_filter(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)
    for day in range(1, 6):
        world.booking(world.student(), gig, starts_at=world.at(days=day))
        body = {"gig_id": gig["id"], "starts_at": world.at(days=day)}
        assert student.post("/api/waitlist", body).status_code == 201
    student.delete(f"/api/waitlist/{student.get('/api/waitlist?limit=1').json['data'][0]['id']}")

    pages, cursor = [], ""
    while cursor is not None:
        page = student.get(f"/api/waitlist?limit=2&status=waiting{cursor and '&cursor=' + cursor}").json
        pages.append([entry["starts_at"] for entry in page["data"]])
        cursor = page["next_cursor"]

    assert pages == [[world.at(days=4), world.at(days=3)], [world.at(days=2), world.at(days=1)]]


def test_two_places_that_become_free_at_once_go_to_the_first_two(world: World) -> None:
    lesson = Class(world, capacity=3, waiting=4)
    strangers = [world.student() for _ in range(4)]

    def book(person: Person) -> TestResponse:
        body = {"gig_id": lesson.gig["id"], "starts_at": lesson.at}
        return world.anyone.post("/api/bookings", json=body, headers=person.headers)

    def cancel(number: int) -> TestResponse:
        path = f"/api/bookings/{lesson.bookings[number]}"
        headers = lesson.owners[number].headers
        return world.anyone.patch(path, json={"status": "cancelled"}, headers=headers)

    attempts: list[Callable[[], TestResponse]] = [partial(cancel, 0), partial(cancel, 1)]
    answers = at_once([*attempts, *(partial(book, person) for person in strangers)])

    assert [answer.status_code for answer in answers] == [200, 200, 409, 409, 409, 409]
    assert lesson.statuses() == ["offered", "offered", "waiting", "waiting"]


def test_an_offer_is_taken_or_expires_and_never_both(world: World, clock: FakeClock) -> None:
    for day in range(1, 5):
        lesson = Class(world, waiting=2, days=day)
        lesson.free()
        student, entry = lesson.waiting[0], lesson.entries[0]
        before = clock.instant
        # One clock says that there is a second left, the other that there is none.
        expired = partial(_expire_offers, world, clock, 7200)
        taken = partial(world.anyone.post, f"/api/waitlist/{entry}/accept", headers=student.headers)

        answers = at_once([expired, taken, expired])

        assert clock.instant == before
        status = answers[1].status_code
        assert status in (200, 409)
        assert lesson.statuses() == (["accepted", "waiting"] if status == 200 else ["expired", "offered"])
        assert overlapping_pairs(world.app) == 0


@on_sqlite
def test_nobody_waits_for_everything(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bookings.waitlist.service.MOST_WAITING", 1)
    first, second = Class(world, waiting=0), Class(world, waiting=0, days=2)
    student = world.student()

    answers = [first.join(student), second.join(student), first.join(student)]

    assert [answer.status_code for answer in answers] == [201, 409, 201]
    assert answers[1].json["type"] == "/problems/waitlist-full"
    assert count_bookings(world.app) == 2


def _entry(student: Person) -> dict[str, Any]:
    """The student's newest entry."""
    return student.get("/api/waitlist").json["data"][0]


def _again(world: World, person: Person) -> Person:
    return world.sign_in(person)


def _sweep(world: World, clock: FakeClock) -> None:
    with world.app.app_context():
        sweep.sweep(clock())


def _expire_offers(world: World, clock: FakeClock, later: int) -> int:
    with world.app.app_context():
        return sweep.expire_offers(clock() + timedelta(seconds=later))
