"""Lists of bookings: whose they are, filters, order, pages, headers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from bookings.statuses import BookingStatus
from tests.bookings.rows import insert_booking
from tests.conftest import SATURDAY
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOON = SATURDAY + timedelta(days=1)
STATES = [str(status) for status in BookingStatus]
# A query, and the parameter that the answer complains about.
BAD_QUERIES = [
    ("status=done", "status"),
    ("status=", "status"),
    ("status=pending,accepted", "status"),
    ("from=yesterday", "from"),
    ("from=2026-12-01", "from"),
    ("from=2026-12-01T10:00:00", "from"),
    ("to=2026-12-01T10:00:00", "to"),
    ("from=2026-12-01T10:00:00Z&to=2026-12-01T10:00:00Z", "from"),
    ("from=2026-12-01T10:00:01Z&to=2026-12-01T10:00:00Z", "from"),
    ("order=id", "order"),
    ("order=", "order"),
    ("limit=0", "limit"),
    ("limit=101", "limit"),
    ("limit=-1", "limit"),
    ("limit=ten", "limit"),
    ("limit=99999999999999999999999", "limit"),
    ("cursor=abc", "cursor"),
    ("cursor=%00", "cursor"),
    ("cursor=W10", "cursor"),
    ("student_id=1", "student_id"),
    ("page=2", "page"),
]


def test_students_and_teachers_see_their_own_and_administrators_all(world: World) -> None:
    ada, ben, grace, hal, admin = world.student(), world.student(), world.teacher(), world.teacher(), world.admin()
    first = world.booking(ada, world.gig(grace), starts_at=world.at(days=1))["id"]
    second = world.booking(ben, world.gig(grace), starts_at=world.at(days=2))["id"]
    third = world.booking(ben, world.gig(hal), starts_at=world.at(days=3))["id"]

    assert _ids(ada) == [first]
    assert _ids(ben) == [third, second]
    assert _ids(grace) == [second, first]
    assert _ids(hal) == [third]
    assert _ids(admin) == [third, second, first]
    assert _ids(world.student()) == []
    assert world.anyone.get("/api/bookings").status_code == 401


def test_a_booking_in_a_list_is_the_one_of_its_own_page_without_what_depends_on_the_moment(world: World) -> None:
    student, gig = world.student(), world.gig(world.teacher())
    booking = world.booking(student, gig, note="Für Elise")

    listed = student.get("/api/bookings").json["data"]

    of_its_own_page = {"allowed_transitions", "requested_by", "series_id", "unread_messages"}
    assert listed == [{name: value for name, value in booking.items() if name not in of_its_own_page}]


@on_sqlite
def test_a_new_role_shows_the_other_side_at_once(world: World) -> None:
    person, other = world.student(), world.student()
    world.booking(person, world.gig(world.teacher()))
    before = _ids(person)

    world.operator("accounts", "set-role", person.email, "teacher")
    as_teacher = _ids(person)
    world.operator("accounts", "set-role", person.email, "admin")
    world.booking(other, world.gig(world.teacher()))

    assert (before, as_teacher) == ([1], [])
    assert len(_ids(person)) == 2


def test_status_can_be_given_several_times_in_any_order(world: World) -> None:
    student, gig = world.student(), world.gig(world.teacher())
    ids = {
        status: insert_booking(world.app, student, gig, NOON + timedelta(hours=number), status=status)
        for number, status in enumerate(STATES)
    }

    for status in STATES:
        assert _ids(student, f"status={status}") == [ids[status]]
    several = student.get("/api/bookings?status=pending&status=expired&status=pending")
    same = student.get("/api/bookings?status=expired&status=pending")

    assert [row["id"] for row in several.json["data"]] == [ids["expired"], ids["pending"]]
    # Equal questions are one question.
    assert same.json["cached"] is True


def test_from_is_included_and_to_is_not(world: World) -> None:
    student, gig = world.student(), world.gig(world.teacher())
    hours = [insert_booking(world.app, student, gig, NOON + timedelta(hours=number)) for number in range(4)]

    assert _ids(student, f"order=starts_at&from={_at(1)}&to={_at(3)}") == hours[1:3]
    assert _ids(student, f"order=starts_at&from={_at(3)}") == hours[3:]
    assert _ids(student, f"order=starts_at&to={_at(1)}") == hours[:1]
    # The same instant in another zone, its plus sign escaped or not.
    noon_in_berlin = "2026-11-22T10:30:00+01:00"
    assert _ids(student, f"order=starts_at&from={quote(noon_in_berlin)}&to={_at(1)}") == hours[:1]
    assert _ids(student, f"order=starts_at&from={noon_in_berlin}&to={_at(1)}") == hours[:1]


@on_sqlite
def test_a_bad_parameter_is_named(world: World) -> None:
    student = world.student()

    for query, parameter in BAD_QUERIES:
        answer = student.get(f"/api/bookings?{query}")

        assert (query, answer.status_code) == (query, 422)
        assert list(answer.json["errors"]) == [parameter]


@on_sqlite
def test_a_cursor_belongs_to_one_order(world: World) -> None:
    student, gig = world.student(), world.gig(world.teacher())
    for number in range(2):
        insert_booking(world.app, student, gig, NOON + timedelta(hours=number))
    cursor = student.get("/api/bookings?limit=1").json["next_cursor"]

    answer = student.get(f"/api/bookings?limit=1&order=starts_at&cursor={cursor}")

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["cursor"]


@pytest.mark.parametrize("order", ["-starts_at", "starts_at"])
def test_pages_follow_each_other_without_a_gap_even_where_starts_are_equal(world: World, order: str) -> None:
    student, admin = world.student(), world.admin()
    gigs = [world.gig(world.teacher()) for _ in range(5)]
    # Twenty-one hours with five lessons each, at the same time with five teachers; all but one student's are others'.
    others = [world.student() for _ in range(4)]
    rows = [
        (NOON + timedelta(hours=hour), insert_booking(world.app, person, gig, NOON + timedelta(hours=hour)))
        for hour in range(21)
        for person, gig in zip([student, *others], gigs, strict=True)
    ]
    expected = [booking_id for _, booking_id in sorted(rows, reverse=order.startswith("-"))]

    for limit in (7, 20, 100):
        assert _walk(admin, f"order={order}&limit={limit}") == expected
    own = set(_walk(student, f"order={order}&limit=4"))
    assert [booking_id for booking_id in expected if booking_id in own] == _walk(student, f"order={order}&limit=4")
    assert len(own) == 21


def test_a_page_that_ends_with_the_list_has_no_cursor(world: World) -> None:
    student, gig = world.student(), world.gig(world.teacher())
    for number in range(2):
        insert_booking(world.app, student, gig, NOON + timedelta(hours=number))

    assert student.get("/api/bookings?limit=2").json["next_cursor"] is None
    assert student.get("/api/bookings?limit=1").json["next_cursor"]


@on_sqlite
def test_a_cached_list_says_so_and_carries_honest_headers(world: World) -> None:
    student = world.student()
    world.booking(student, world.gig(world.teacher()))

    first, second = student.get("/api/bookings"), student.get("/api/bookings")

    assert (first.headers["X-Cache"], first.json["cached"]) == ("MISS", False)
    assert (second.headers["X-Cache"], second.json["cached"]) == ("HIT", True)
    assert first.json["data"] == second.json["data"]
    for answer in (first, second):
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["Vary"] == "Authorization, Cookie"
        assert answer.headers["ETag"].startswith('W/"')
        assert "Set-Cookie" not in answer.headers
    assert first.headers["ETag"] == second.headers["ETag"]


@on_sqlite
def test_an_unchanged_list_is_not_sent_again(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    booking = world.booking(student, world.gig(teacher))
    known = {"If-None-Match": student.get("/api/bookings").headers["ETag"]}

    unchanged = student.get("/api/bookings", headers=known)
    teacher.patch(f"/api/bookings/{booking['id']}", {"status": "accepted"})
    changed = student.get("/api/bookings", headers=known)

    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert unchanged.headers["ETag"] == known["If-None-Match"]
    assert changed.status_code == 200
    assert changed.headers["ETag"] != known["If-None-Match"]


@on_sqlite
def test_one_booking_and_its_history_are_never_cached(world: World) -> None:
    student = world.student()
    booking = world.booking(student, world.gig(world.teacher()))

    for path in (f"/api/bookings/{booking['id']}", f"/api/bookings/{booking['id']}/history"):
        answer = student.get(path)

        assert answer.headers["Cache-Control"] == "no-store"
        assert "X-Cache" not in answer.headers
        assert student.get(f"{path}?limit=1").status_code == 422


def _ids(person: Person, query: str = "") -> list[int]:
    answer = person.get(f"/api/bookings?{query}")
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json["data"]]


def _walk(person: Person, query: str) -> list[int]:
    ids: list[int] = []
    page: dict[str, Any] = person.get(f"/api/bookings?{query}").json
    while True:
        ids += [row["id"] for row in page["data"]]
        if page["next_cursor"] is None:
            return ids
        page = person.get(f"/api/bookings?{query}&cursor={page['next_cursor']}").json


def _at(hours: int) -> str:
    instant: datetime = NOON + timedelta(hours=hours)
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
