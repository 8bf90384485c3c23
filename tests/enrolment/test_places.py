"""A gig's places: never more students than its capacity, whatever happens at the same moment."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from database import reading, writing
from enrolment.assignments.models import Assignment
from enrolment.statuses import AssignmentStatus
from gigs.models import Gig
from tests.support.races import at_once
from tests.support.world import Person, World


def applied(world: World, gig: dict[str, Any], number: int) -> list[tuple[Person, int]]:
    """So many students, each with the id of their application."""
    found = []
    for _ in range(number):
        student = world.student()
        made = student.post(f"/api/gigs/{gig['id']}/applications", {"message": "I would like to learn."})
        assert made.status_code == 201, made.text
        found.append((student, int(made.json["id"])))
    return found


def taken(world: World, gig: dict[str, Any]) -> tuple[int, int]:
    """What the database has counted, and how many there are."""
    active = (Assignment.gig_id == gig["id"], Assignment.status == AssignmentStatus.ACTIVE)
    with world.app.app_context(), reading() as connection:
        counted = connection.scalar(select(Gig.places_taken).where(Gig.id == gig["id"])) or 0
        return counted, len(connection.execute(select(Assignment.id).where(*active)).all())


def test_of_many_accepted_at_once_as_many_get_a_place_as_there_are(world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher, enrolment="application", capacity=2)
    waiting = applied(world, gig, 6)

    answers = at_once(
        [partial(teacher.patch, f"/api/applications/{id_}", {"status": "accepted"}) for _, id_ in waiting]
    )

    assert sorted(answer.status_code for answer in answers) == [200, 200, 409, 409, 409, 409]
    assert {answer.json["type"] for answer in answers if answer.status_code == 409} <= {
        "/problems/gig-full",
        "/problems/busy",
    }
    assert taken(world, gig) == (2, 2)


def test_accepting_withdrawing_and_lowering_at_once_leave_one_truth(world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher, enrolment="application", capacity=2)
    (student, first), (_, second), (_, third) = applied(world, gig, 3)
    assert teacher.patch(f"/api/applications/{third}", {"status": "accepted"}).status_code == 200

    accepted, withdrawn, other, lowered = at_once(
        [
            partial(teacher.patch, f"/api/applications/{first}", {"status": "accepted"}),
            partial(student.patch, f"/api/applications/{first}", {"status": "withdrawn"}),
            partial(teacher.patch, f"/api/applications/{second}", {"status": "accepted"}),
            partial(teacher.patch, f"/api/gigs/{gig['id']}", {"capacity": 1}),
        ]
    )

    assert not (accepted.status_code == withdrawn.status_code == 200)
    given = 1 + [accepted.status_code, other.status_code].count(200)
    assert taken(world, gig) == (given, given)
    assert given <= (1 if lowered.status_code == 200 else 2)


def test_a_place_that_is_given_back_goes_to_one_of_those_who_wait(world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher, enrolment="application")
    place = world.place(student, teacher, gig)
    waiting = applied(world, gig, 3)

    at_once(
        [partial(student.patch, f"/api/assignments/{place}", {"status": "dropped", "reason": "No time."})]
        + [partial(teacher.patch, f"/api/applications/{id_}", {"status": "accepted"}) for _, id_ in waiting]
    )
    later = [teacher.patch(f"/api/applications/{id_}", {"status": "accepted"}).status_code for _, id_ in waiting]

    assert later.count(200) <= 1
    assert taken(world, gig) == (1, 1)


def test_the_same_student_applies_once_however_often_they_click(world: World) -> None:
    student, gig = world.student(), world.gig(world.teacher(), enrolment="application")

    answers = at_once([partial(student.post, f"/api/gigs/{gig['id']}/applications", {"message": "Hello"})] * 4)

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


def test_the_database_itself_refuses_a_place_too_many(world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher, enrolment="application")
    world.place(world.student(), teacher, gig)
    ((student, application_id),) = applied(world, gig, 1)
    ids = {"application_id": application_id, "gig_id": gig["id"], "student_id": student.id, "teacher_id": teacher.id}

    with world.app.app_context(), pytest.raises(IntegrityError), writing() as session:
        session.connection().execute(
            insert(Assignment).values(**ids, status="active", reason="", created_at=world.clock())
        )

    assert taken(world, gig) == (1, 1)


def test_a_gig_keeps_the_places_that_students_have_or_wait_for(world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher, enrolment="application", capacity=2)
    for person in (student, world.student()):
        world.place(person, teacher, gig)

    lowered = teacher.patch(f"/api/gigs/{gig['id']}", {"capacity": 1})
    changed = teacher.patch(f"/api/gigs/{gig['id']}", {"enrolment": "booking"})

    assert (lowered.status_code, list(lowered.json["errors"])) == (422, ["capacity"])
    assert (changed.status_code, list(changed.json["errors"])) == (422, ["enrolment"])


def test_a_closed_account_gives_its_places_back(world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher, enrolment="application")
    world.place(student, teacher, gig)
    ((_, waiting),) = applied(world, gig, 1)

    world.operator("accounts", "deactivate", student.email)
    accepted = teacher.patch(f"/api/applications/{waiting}", {"status": "accepted"})

    assert accepted.status_code == 200, accepted.text
    assert taken(world, gig) == (1, 1)
