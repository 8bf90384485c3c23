"""Processes that give and take places at the same moment: the database decides, and no process knows more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config import Settings
from tests.enrolment.test_places import applied, taken
from tests.support.racers import Attempt, Racers, racers
from tests.support.world import Person, World

pytestmark = pytest.mark.middleware_not_compared


@pytest.fixture
def processes(world: World, settings: Settings) -> Iterator[Racers]:
    with racers(3, settings, world.clock()) as running:
        yield running


def accepting(teacher: Person, application_id: int) -> Attempt:
    return teacher, "PATCH", f"/api/applications/{application_id}", {"status": "accepted"}


def test_the_last_place_is_given_once_and_again_when_it_is_given_back(world: World, processes: Racers) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher, enrolment="application")
    waiting = applied(world, gig, 3)

    accepted = processes.at_once(*(accepting(teacher, id_) for _, id_ in waiting))
    after_accepting = taken(world, gig)
    winner, _ = waiting.pop(accepted.index(200))
    course = winner.get("/api/assignments").json["data"][0]["id"]
    leaving: Attempt = (winner, "PATCH", f"/api/assignments/{course}", {"status": "dropped", "reason": "No time."})
    dropped, *accepted_next = processes.at_once(leaving, *(accepting(teacher, id_) for _, id_ in waiting))

    assert (sorted(accepted), after_accepting) == ([200, 409, 409], (1, 1))
    assert dropped == 200
    assert accepted_next.count(200) <= 1
    assert taken(world, gig) == (accepted_next.count(200),) * 2


def test_who_applies_while_being_accepted_has_one_place_and_no_second_application(
    world: World, processes: Racers
) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher, enrolment="application", capacity=3)
    ((student, application_id),) = applied(world, gig, 1)
    applying: Attempt = (student, "POST", f"/api/gigs/{gig['id']}/applications", {"message": "Once more."})

    statuses = processes.at_once(accepting(teacher, application_id), applying, applying)

    assert statuses == [200, 409, 409]
    assert taken(world, gig) == (1, 1)
    assert [one["status"] for one in student.get("/api/applications").json["data"]] == ["accepted"]
