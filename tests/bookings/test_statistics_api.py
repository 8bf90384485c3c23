"""How a gig and a person are doing, by the API."""

from __future__ import annotations

import pytest

from gigs.traces import notebook
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
