"""Booking a lesson over the API, in the right way and in all the wrong ones."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.bookings.rows import count_bookings, count_events
from tests.conftest import SATURDAY, FakeClock
from tests.support.world import World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# What a body is changed by, and the field that the answer complains about.
BAD_BODIES: list[tuple[dict[str, object], str | None]] = [
    ({"starts_at": None}, "starts_at"),
    ({"starts_at": "2026-11-20T09:00:00Z"}, "starts_at"),
    # The present minute has begun.
    ({"starts_at": "2026-11-21T09:30:00Z"}, "starts_at"),
    ({"starts_at": "2026-12-01T10:00:30Z"}, "starts_at"),
    ({"starts_at": "2026-12-01T10:00:00.5Z"}, "starts_at"),
    ({"starts_at": "2026-12-01T10:00:00"}, "starts_at"),
    ({"starts_at": "2026-12-01"}, "starts_at"),
    ({"starts_at": "2026-02-30T10:00:00Z"}, "starts_at"),
    ({"starts_at": "2026-12-01T25:00:00Z"}, "starts_at"),
    ({"starts_at": "2028-11-20T09:31:00Z"}, "starts_at"),
    ({"starts_at": "9999-12-31T23:59:00Z"}, "starts_at"),
    ({"starts_at": "9999-12-31T23:59:00-23:00"}, "starts_at"),
    ({"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at"),
    ({"starts_at": 1796119200}, "starts_at"),
    ({"starts_at": ["2026-12-01T10:00:00Z"]}, "starts_at"),
    ({"starts_at": "tomorrow"}, "starts_at"),
    ({"gig_id": None}, "gig_id"),
    ({"gig_id": "1"}, "gig_id"),
    ({"gig_id": True}, "gig_id"),
    ({"gig_id": 1.5}, "gig_id"),
    ({"gig_id": 0}, "gig_id"),
    ({"gig_id": -1}, "gig_id"),
    ({"gig_id": 2**63}, "gig_id"),
    # Beyond what JSON numbers can be read as.
    ({"gig_id": 10**400}, None),
    ({"gig_id": {"id": 1}}, "gig_id"),
    ({"note": "x" * 2001}, "note"),
    ({"note": "a\0b"}, "note"),
    ({"note": "\ud800"}, None),
    ({"note": None}, "note"),
    ({"note": 7}, "note"),
    ({"student_id": 2**64}, "student_id"),
    ({"student_id": "me"}, "student_id"),
    ({"price_cents": 1}, "price_cents"),
    ({"teacher_id": 1}, "teacher_id"),
    ({"status": "accepted"}, "status"),
    ({"seat": 2}, "seat"),
]


def test_a_booking_is_answered_with_all_that_was_agreed(world: World) -> None:
    student, teacher = world.student(name="Ada"), world.teacher(name="Grace")
    gig = world.gig(teacher, title="Piano", price_cents=4200, currency="CHF", duration_minutes=50)

    answer = student.post(
        "/api/bookings", {"gig_id": gig["id"], "starts_at": "2026-12-01T18:00:00+01:00", "note": "  Für Elise 🎹 "}
    )

    assert answer.status_code == 201
    assert answer.json == {
        "id": 1,
        "status": "pending",
        "starts_at": "2026-12-01T17:00:00Z",
        "ends_at": "2026-12-01T17:50:00Z",
        "note": "Für Elise 🎹",
        "price_cents": 4200,
        "currency": "CHF",
        "gig": {"id": gig["id"], "title": "Piano"},
        "student": {"id": student.id, "name": "Ada"},
        "teacher": {"id": teacher.id, "name": "Grace"},
        "created_at": "2026-11-21T09:30:00Z",
        "updated_at": "2026-11-21T09:30:00Z",
        "offered_until": None,
        "series_id": None,
        "requested_by": "student",
        "allowed_transitions": ["cancelled"],
        "move": None,
        "changed_for_you": None,
        "unread_messages": 0,
    }


@on_sqlite
def test_price_and_length_stay_what_they_were_when_the_lesson_was_booked(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher, price_cents=3000, duration_minutes=45)
    booking = world.booking(student, gig)

    changed = teacher.patch(f"/api/gigs/{gig['id']}", {"price_cents": 9900, "duration_minutes": 90})
    after = student.get(f"/api/bookings/{booking['id']}").json

    assert changed.status_code == 200
    assert (after["price_cents"], after["ends_at"]) == (3000, booking["ends_at"])


@on_sqlite
def test_a_bad_value_is_named_and_changes_nothing(world: World) -> None:
    student, gig = world.student(), world.gig(world.teacher())

    for change, field in BAD_BODIES:
        # The standard library's encoder writes what ours refuses to.
        body = json.dumps({"gig_id": gig["id"], "starts_at": world.at(days=1)} | change)
        answer = student.post("/api/bookings", data=body, content_type="application/json")

        assert (change, answer.status_code) == (change, 422 if field else 400)
        assert field is None or list(answer.json["errors"]) == [field]
    assert (count_bookings(world.app), count_events(world.app)) == (0, 0)


@on_sqlite
@pytest.mark.parametrize("field", ["gig_id", "starts_at"])
def test_what_is_needed_is_asked_for(world: World, field: str) -> None:
    body = {"gig_id": 1, "starts_at": world.at(days=1)}
    del body[field]

    answer = world.student().post("/api/bookings", body)

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]


def test_the_next_whole_minute_can_be_booked_and_the_last_one_in_two_years(world: World, clock: FakeClock) -> None:
    student, gig = world.student(), world.gig(world.teacher())
    clock.advance(seconds=12)

    assert world.booking(student, gig, starts_at="2026-11-21T09:31:00Z")
    assert world.booking(student, gig, starts_at="2028-11-20T09:30:00Z")


@on_sqlite
def test_only_students_book_and_only_for_themselves(world: World) -> None:
    student, other, teacher, admin = world.student(), world.student(), world.teacher(), world.admin()
    body = {"gig_id": world.gig(teacher)["id"], "starts_at": world.at(days=1)}

    assert world.anyone.post("/api/bookings", json=body).status_code == 401
    assert teacher.post("/api/bookings", body).status_code == 403
    assert student.post("/api/bookings", body | {"student_id": other.id}).status_code == 403
    assert admin.post("/api/bookings", body).status_code == 403
    assert count_bookings(world.app) == 0

    assert student.post("/api/bookings", body | {"student_id": student.id}).status_code == 201


def test_an_administrator_books_for_a_student(world: World) -> None:
    student, admin = world.student(), world.admin()
    gig = world.gig(world.teacher())

    booking = world.booking(admin, gig, student_id=student.id)
    history = student.get(f"/api/bookings/{booking['id']}/history").json["data"]

    assert booking["student"]["id"] == student.id
    assert booking["allowed_transitions"] == ["accepted", "rejected", "cancelled"]
    assert history[0]["actor"]["id"] == admin.id


@on_sqlite
def test_an_administrator_books_for_active_students_only(world: World) -> None:
    teacher, left, admin = world.teacher(), world.student(), world.admin()
    body = {"gig_id": world.gig(teacher)["id"], "starts_at": world.at(days=1)}
    world.operator("accounts", "deactivate", left.email)

    for nobody in (999, teacher.id, left.id, admin.id):
        answer = admin.post("/api/bookings", body | {"student_id": nobody})

        assert answer.status_code == 422
        assert list(answer.json["errors"]) == ["student_id"]
    assert count_bookings(world.app) == 0


@on_sqlite
def test_what_one_may_not_see_is_not_found(world: World) -> None:
    student, teacher, left = world.student(), world.teacher(), world.teacher()
    private = world.gig(teacher)
    teacher.post(f"/api/gigs/{private['id']}/visibility", {"visibility": "private"})
    gone = world.gig(left)
    world.operator("accounts", "deactivate", left.email)

    for gig_id in (world.gig(teacher, status="draft")["id"], private["id"], gone["id"], 999, 2**63 - 1):
        answer = student.post("/api/bookings", {"gig_id": gig_id, "starts_at": world.at(days=1)})

        assert answer.status_code == 404
    assert count_bookings(world.app) == 0


@on_sqlite
def test_a_gig_without_a_place_in_the_list_can_be_booked_by_whoever_has_its_link(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    gig = world.gig(teacher)
    teacher.post(f"/api/gigs/{gig['id']}/visibility", {"visibility": "unlisted"})

    assert world.booking(student, gig)


@on_sqlite
def test_a_gig_that_cannot_be_booked_now_says_why(world: World) -> None:
    student, teacher, admin = world.student(), world.teacher(), world.admin()
    paused, archived, draft = world.gig(teacher), world.gig(teacher), world.gig(teacher, status="draft")
    teacher.post(f"/api/gigs/{paused['id']}/status", {"status": "paused"})
    teacher.delete(f"/api/gigs/{archived['id']}")
    applications = world.gig(teacher, enrolment="application")
    private = world.gig(teacher)
    teacher.post(f"/api/gigs/{private['id']}/visibility", {"visibility": "private"})

    for person, gig, current in (
        (student, paused, "paused"),
        (student, applications, "application"),
        (admin, paused, "paused"),
        (admin, archived, "archived"),
        (admin, draft, "draft"),
        (admin, private, "private"),
    ):
        body = {"gig_id": gig["id"], "starts_at": world.at(days=1)}
        answer = person.post("/api/bookings", body | ({"student_id": student.id} if person is admin else {}))

        assert answer.status_code == 409
        assert answer.json["type"].endswith("/wrong-state")
        assert answer.json["current"] == current
    assert count_bookings(world.app) == 0


@on_sqlite
def test_teachers_see_the_profiles_of_their_students(world: World) -> None:
    student, teacher, other = world.student(), world.teacher(), world.teacher()
    path = f"/api/users/{student.id}"
    before = teacher.get(path).status_code

    world.booking(student, world.gig(teacher))

    assert before == 404
    assert teacher.get(path).status_code == 200
    assert other.get(path).status_code == 404
    assert world.student().get(path).status_code == 404


def test_a_lesson_can_be_booked_at_the_hour_that_comes_twice(world: World, clock: FakeClock) -> None:
    student, gig = world.student(), world.gig(world.teacher(), duration_minutes=60)
    clock.instant = SATURDAY + timedelta(days=300)
    student = world.sign_in(student)

    first = world.booking(student, gig, starts_at="2027-10-31T02:00:00+02:00")
    second = world.booking(student, gig, starts_at="2027-10-31T02:00:00+01:00")

    assert (first["starts_at"], second["starts_at"]) == ("2027-10-31T00:00:00Z", "2027-10-31T01:00:00Z")
