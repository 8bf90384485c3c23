"""How a gig and a person are doing, by the API."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import tags
from bookings.models import Booking
from caching import invalidate
from database import writing
from gigs.traces import notebook
from support.queries import count_queries
from tests.conftest import FakeClock
from tests.support.world import World


def test_a_gigs_figures_are_its_teachers_and_are_exact(world: World, clock: FakeClock) -> None:
    ada, mia, olga = world.teacher(), world.student(), world.student()
    gig, other = world.gig(ada), world.gig(ada)
    for reader in (mia, mia, olga, world.anyone):
        reader.get(f"/api/gigs/{gig['id']}")
    mia.get(f"/api/gigs/{other['id']}")
    with world.app.app_context():
        notebook.write_down()
    world.booking(mia, gig)
    world.past_lesson(mia, gig)

    stats = ada.get(f"/api/gigs/{gig['id']}/stats?period=week").json

    assert (stats["views"], stats["viewers"], stats["bookings_completed"]) == (3, 3, 1)
    # The lesson of the past was asked for in this week, too: one of three viewers asked for two.
    assert (stats["bookings_requested"], stats["conversion"]) == (2, 0.3333)
    assert stats["earned"] == [{"currency": "EUR", "cents": 3000}]
    assert (stats["from"], stats["to"], len(stats["by_day"])) == ("2026-11-15", "2026-11-21", 7)
    assert stats["by_day"][-1] == {"day": "2026-11-21", "views": 3, "bookings_requested": 1}
    assert ada.get(f"/api/gigs/{gig['id']}/stats?period=week").json["cached"] is True


def test_figures_are_fresh_after_a_view_and_after_a_booking(world: World, clock: FakeClock) -> None:
    ada, mia = world.teacher(), world.student()
    gig = world.gig(ada)
    path = f"/api/gigs/{gig['id']}/stats"
    assert (ada.get(path).json["views"], ada.get(path).json["conversion"]) == (0, None)

    mia.get(f"/api/gigs/{gig['id']}")
    with world.app.app_context():
        notebook.write_down()
    world.booking(mia, gig)

    assert (ada.get(path).json["views"], ada.get(path).json["bookings_requested"]) == (1, 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_more_than_all_viewers_ask_for_a_lesson(world: World, clock: FakeClock) -> None:
    ada, mia, olga = world.teacher(), world.student(), world.student()
    gig = world.gig(ada)
    mia.get(f"/api/gigs/{gig['id']}")
    with world.app.app_context():
        notebook.write_down()
    for number, student in enumerate((mia, mia, olga), start=1):
        world.booking(student, gig, starts_at=world.at(days=number))

    stats = ada.get(f"/api/gigs/{gig['id']}/stats").json

    assert (stats["viewers"], stats["bookings_requested"], stats["conversion"]) == (1, 3, 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_persons_figures_are_those_of_their_side(world: World) -> None:
    ada, mia = world.teacher(), world.student()
    gig = world.gig(ada)
    world.past_lesson(mia, gig)
    world.booking(mia, gig)

    teacher, student = (person.get("/api/users/me/stats").json for person in (ada, mia))

    assert (teacher["hours"], teacher["people"], teacher["money"]) == (0.75, 1, [{"currency": "EUR", "cents": 3000}])
    assert (student["bookings"]["completed"], student["bookings"]["pending"]) == (1, 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_unknown_period_is_refused(world: World) -> None:
    ada = world.teacher()

    assert ada.get(f"/api/gigs/{world.gig(ada)['id']}/stats?period=century").status_code == 422


def test_figures_are_those_of_the_rows_whatever_the_hour_and_the_currency(world: World, clock: FakeClock) -> None:
    ada, mia, olga = world.teacher(), world.student(), world.student()
    in_euros, in_pounds = world.gig(ada), world.gig(ada, currency="GBP", price_cents=10_000_000, duration_minutes=90)
    lessons = [world.past_lesson(mia, in_euros), world.past_lesson(olga, in_pounds), world.past_lesson(mia, in_pounds)]
    starts = [datetime(2026, month, day, hour, tzinfo=UTC) for month, day, hour in ((1, 31, 22), (2, 1, 0), (2, 1, 9))]
    with world.app.app_context(), writing() as session:
        for lesson_id, start in zip(lessons, starts, strict=True):
            lesson = session.get_one(Booking, lesson_id)
            lesson.starts_at, lesson.ends_at = start, start + (lesson.ends_at - lesson.starts_at)
        invalidate(*(tags.user_bookings(person.id) for person in (ada, mia, olga)), tags.all_bookings())
        invalidate(tags.teacher_slots(ada.id), *(tags.gig_sessions(gig["id"]) for gig in (in_euros, in_pounds)))

    with count_queries() as statements:
        stats = ada.get("/api/users/me/stats").json

    assert (stats["hours"], stats["people"]) == (3.75, 2)
    assert stats["by_month"] == {"2026-01": 1, "2026-02": 2}
    assert stats["money"] == [{"currency": "EUR", "cents": 3000}, {"currency": "GBP", "cents": 20_000_000}]
    # One of them looks the sign-in up, and none reads single lessons.
    assert len(statements) <= 4
