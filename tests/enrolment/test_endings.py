"""Nobody waits for ever: what becomes of applications and courses when a gig or an account ends."""

from __future__ import annotations

import pytest

from jobs import steps
from tests.support.world import Person, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

APPLY = {"message": "I would like to learn."}


def statuses(person: Person, what: str) -> list[tuple[str, str]]:
    """Where a user's applications or assignments stand, and why."""
    return [(row["status"], row["reason"]) for row in person.get(f"/api/{what}").json["data"]]


@pytest.mark.parametrize("by", ["teacher", "admin"])
def test_archiving_a_gig_declines_who_waits_and_lets_courses_go_on(world: World, by: str) -> None:
    teacher, student, waiting = world.teacher(), world.student(), world.student()
    people = {"teacher": teacher, "admin": world.admin()}
    gig = world.gig(teacher, enrolment="application")
    world.place(student, teacher, gig)
    waiting.post(f"/api/gigs/{gig['id']}/applications", APPLY)

    archived = people[by].post(f"/api/gigs/{gig['id']}/status", {"status": "archived"})

    assert archived.status_code == 200, archived.text
    assert statuses(waiting, "applications") == [("rejected", "This gig is no longer offered.")]
    assert statuses(student, "assignments") == [("active", "")]
    steps.drain(world.app)
    told = waiting.get("/api/notifications").json["data"]
    assert [one["type"] for one in told] == ["application-decided"]


def test_who_waits_for_a_gig_that_is_paused_can_still_be_accepted(world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher, enrolment="application")
    application = student.post(f"/api/gigs/{gig['id']}/applications", APPLY).json["id"]

    teacher.post(f"/api/gigs/{gig['id']}/status", {"status": "paused"})

    assert teacher.patch(f"/api/applications/{application}", {"status": "accepted"}).status_code == 200


def test_closing_a_teachers_account_declines_who_waits_and_ends_their_courses(world: World) -> None:
    teacher, student, waiting = world.teacher(), world.student(), world.student()
    gig = world.gig(teacher, enrolment="application")
    course = world.place(student, teacher, gig)
    task = world.task(teacher, course)["id"]
    waiting.post(f"/api/gigs/{gig['id']}/applications", APPLY)

    world.operator("accounts", "deactivate", teacher.email)

    reason = "This account was closed."
    assert statuses(waiting, "applications") == [("rejected", reason)]
    assert statuses(student, "assignments") == [("dropped", reason)]
    assert student.get("/api/tasks").json["data"] == []
    assert student.post(f"/api/tasks/{task}/submissions", {"text": "Here."}).status_code == 409


def test_a_student_applies_again_once_their_course_is_over_and_not_before(world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher, enrolment="application")
    course = world.place(student, teacher, gig)

    during = student.post(f"/api/gigs/{gig['id']}/applications", APPLY)
    teacher.patch(f"/api/assignments/{course}", {"status": "completed"})
    afterwards = student.post(f"/api/gigs/{gig['id']}/applications", APPLY)

    assert (during.status_code, during.json["type"]) == (409, "/problems/already-applied")
    assert afterwards.status_code == 201
    assert [status for status, _ in statuses(student, "applications")] == ["pending", "accepted"]
