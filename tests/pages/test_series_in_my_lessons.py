"""The agreed lessons of a weekly series are one row of "My lessons", and none of them is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from bookings.my_lessons import lesson_list
from tests.bookings.rows import insert_booking
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.world import Person, World

Visit = Callable[..., Visitor]

WEEK = timedelta(days=7)


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher()


@pytest.fixture
def mia(world: World) -> Person:
    return world.student(name="Mia Lindqvist")


@pytest.fixture
def series(world: World, clock: FakeClock, teacher: Person, mia: Person) -> list[int]:
    """Five lessons of Mia's, one a week from the day after tomorrow on."""
    return book_weekly(world, clock, mia, world.gig(teacher, title="Violin"), number=5)


def book_weekly(world: World, clock: FakeClock, student: Person, gig: dict[str, object], *, number: int) -> list[int]:
    """Insert the agreed lessons of a series, and return their ids."""
    start = clock() + timedelta(days=2)
    return [
        insert_booking(world.app, student, gig, start + week * WEEK, status="accepted", series_id=900_001 + student.id)
        for week in range(number)
    ]


def shown(visitor: Visitor, path: str = "/lessons") -> list[int]:
    """List the lessons that have rows, in their order, on all pages of the list."""
    found: list[int] = []
    address: str | None = path
    while address:
        html = visitor.open(address).answer.text
        found += [int(lesson) for lesson in re.findall(r'data-lesson="(\d+)"', html)]
        following = re.search(r'href="([^"]*cursor=[^"]*)"[^>]*>\s*Later lessons', html)
        address = following[1].replace("&amp;", "&") if following else None
    return found


@pytest.mark.parametrize("role", ["teacher", "student"])
def test_the_next_lesson_of_a_series_says_how_many_come_after_it(
    visit: Visit, teacher: Person, mia: Person, series: list[int], role: str
) -> None:
    visitor = visit(teacher if role == "teacher" else mia)

    assert shown(visitor) == series[:1]
    assert "Weekly: 4 more lessons until" in visitor.text
    assert f'href="/lessons/{series[0]}#series"' in visitor.answer.text
    assert (
        len(
            re.findall(
                rf'<li.*href="/lessons/({"|".join(map(str, series[1:]))})"',
                visitor.open(f"/lessons/{series[0]}").answer.text,
            )
        )
        == 4
    )


def test_days_that_were_asked_for_show_the_lessons_of_these_days(
    visit: Visit, clock: FakeClock, teacher: Person, series: list[int]
) -> None:
    first_day = (clock() + timedelta(days=9)).date()

    assert shown(visit(teacher), f"/lessons?from={first_day}") == series[1:2]
    assert shown(visit(teacher), f"/lessons?from={first_day}&to={first_day}") == series[1:2]
    assert "Weekly" not in visit(teacher).open(f"/lessons?from={first_day}&to={first_day}").text


def test_what_waits_or_has_changed_is_a_row_of_its_own(
    visit: Visit, world: World, teacher: Person, mia: Person, series: list[int]
) -> None:
    for lesson, days in ((series[2], 16), (series[3], 23)):
        assert mia.patch(f"/api/bookings/{lesson}", {"starts_at": world.at(days=days, hours=5)}).status_code == 200
    assert teacher.patch(f"/api/bookings/{series[3]}", {"move": "decline"}).status_code == 200

    assert shown(visit(mia)) == [series[0], series[2], series[3]]
    assert "Weekly: 2 more lessons until" in visit(mia).open("/lessons").text


def test_a_lesson_that_has_begun_leaves_the_others_their_row(
    visit: Visit, clock: FakeClock, teacher: Person, series: list[int]
) -> None:
    clock.advance(days=2, minutes=50)

    assert shown(visit(teacher)) == series[:2]
    assert "Weekly: 3 more lessons until" in visit(teacher).open("/lessons").text


def test_a_cancelled_lesson_is_in_no_series_row_any_more(
    visit: Visit, teacher: Person, mia: Person, series: list[int]
) -> None:
    before = shown(visit(mia))
    assert mia.patch(f"/api/bookings/{series[0]}", {"status": "cancelled"}).status_code == 200

    assert (before, series[1] in shown(visit(mia))) == (series[:1], True)
    assert "Weekly: 3 more lessons until" in visit(mia).open("/lessons").text


def test_a_new_message_about_a_later_lesson_leads_there(
    visit: Visit, teacher: Person, mia: Person, series: list[int]
) -> None:
    assert mia.post(f"/api/bookings/{series[3]}/messages", {"text": "May I bring my cello?"}).status_code == 201

    assert f'href="/lessons/{series[3]}#talk"' in visit(teacher).open("/lessons").answer.text


def test_one_look_at_a_new_series_sees_all_of_it(visit: Visit, world: World, teacher: Person, mia: Person) -> None:
    wanted = {"gig_id": world.gig(teacher)["id"], "starts_at": world.at(days=2), "weeks": 3}
    ids = [lesson["id"] for lesson in mia.post("/api/bookings/series", wanted).json["data"]]
    for lesson in ids:
        teacher.patch(f"/api/bookings/{lesson}", {"status": "accepted"})

    assert shown(visit(mia)) == ids[:1]
    visit(mia).open(f"/lessons/{ids[0]}")
    assert not any(mia.get(f"/api/bookings/{lesson}").json["changed_for_you"] for lesson in ids)


def test_every_lesson_of_many_series_is_in_exactly_one_row(
    visit: Visit, world: World, clock: FakeClock, teacher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lesson_list, "ROWS", 3)
    gig = world.gig(teacher)
    firsts = []
    for hour in range(8):
        student = world.student()
        start = clock() + timedelta(days=2, hours=hour)
        ids = [
            insert_booking(world.app, student, gig, start + week * WEEK, status="accepted", series_id=900_000 + hour)
            for week in range(3)
        ]
        firsts.append(ids[0])

    assert shown(visit(teacher)) == firsts


def test_a_groups_lesson_names_all_of_its_students_each_week(
    visit: Visit, world: World, clock: FakeClock, teacher: Person, mia: Person
) -> None:
    gig = world.gig(teacher, capacity=3)
    weekly = book_weekly(world, clock, mia, gig, number=2)
    other = insert_booking(
        world.app, world.student(name="Ada King"), gig, clock() + timedelta(days=2) + WEEK, status="accepted", seat=2
    )

    assert shown(visit(teacher)) == weekly
    assert "Mia Lindqvist, Ada King" in visit(teacher).open("/lessons").text
    assert other not in weekly
    assert shown(visit(mia)) == weekly[:1]
