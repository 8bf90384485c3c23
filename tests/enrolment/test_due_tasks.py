"""What the time does to tasks: they become overdue, and are reminded of once, a day before."""

from __future__ import annotations

from typing import Any

import pytest

from jobs import steps
from tests.conftest import FakeClock
from tests.support.world import Person, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def overdue(person: Person) -> list[int]:
    """The ids of a user's tasks that are overdue, and that each list of tasks marks as such."""
    listed = [task["id"] for task in person.get("/api/tasks?status=overdue").json["data"]]
    marked = [task["id"] for task in person.get("/api/tasks").json["data"] if task["overdue"]]
    assert listed == marked
    return listed


def reminders(world: World, person: Person) -> list[dict[str, Any]]:
    """Run what is due, and return which reminders a user has got."""
    steps.drain(world.app)
    told = person.get("/api/notifications").json["data"]
    return [one for one in told if one["type"] == "task-due"]


def test_a_task_is_overdue_from_its_moment_on_though_its_list_was_cached(world: World, clock: FakeClock) -> None:
    teacher, student = world.teacher(), world.student()
    place = world.place(student, teacher, world.gig(teacher, enrolment="application"))
    task = world.task(teacher, place, due_at=world.at(minutes=5))["id"]
    handed_in = world.task(teacher, place, due_at=world.at(minutes=5))["id"]
    student.post(f"/api/tasks/{handed_in}/submissions", {"text": "Here."})
    early = overdue(student)

    clock.advance(minutes=5, seconds=1)

    assert (early, overdue(student), overdue(teacher)) == ([], [task], [task])
    assert student.get("/api/tasks").json["cached"] is True
    student.post(f"/api/tasks/{task}/submissions", {"text": "Late."})
    assert overdue(student) == []


def test_an_ended_course_leaves_nothing_overdue(world: World, clock: FakeClock) -> None:
    teacher, student = world.teacher(), world.student()
    place = world.place(student, teacher, world.gig(teacher, enrolment="application"))
    world.task(teacher, place, due_at=world.at(minutes=5))
    clock.advance(minutes=6)

    teacher.patch(f"/api/assignments/{place}", {"status": "completed"})

    assert overdue(student) == []


def test_a_reminder_moves_with_the_day_on_which_a_task_is_due(world: World, clock: FakeClock) -> None:
    teacher, student = world.teacher(), world.student()
    place = world.place(student, teacher, world.gig(teacher, enrolment="application"))
    task = world.task(teacher, place, due_at=world.at(days=3))["id"]
    assert teacher.patch(f"/api/tasks/{task}", {"due_at": world.at(days=6)}).status_code == 200

    clock.advance(days=2, minutes=1)
    at_the_old_time = reminders(world, world.sign_in(student))
    clock.advance(days=3)
    at_the_new_time = reminders(world, world.sign_in(student))
    clock.advance(hours=1)

    assert (at_the_old_time, len(at_the_new_time)) == ([], 1)
    assert len(reminders(world, world.sign_in(student))) == 1


@pytest.mark.parametrize("why", ["approved", "taken back", "no date any more", "course over"])
def test_nobody_is_reminded_of_what_need_not_be_done(world: World, clock: FakeClock, why: str) -> None:
    teacher, student = world.teacher(), world.student()
    place = world.place(student, teacher, world.gig(teacher, enrolment="application"))
    task = world.task(teacher, place, due_at=world.at(days=3))["id"]

    if why == "approved":
        made = student.post(f"/api/tasks/{task}/submissions", {"text": "Here."})
        done = teacher.patch(f"/api/submissions/{made.json['id']}", {"status": "approved", "feedback": ""})
    elif why == "taken back":
        done = teacher.delete(f"/api/tasks/{task}")
    elif why == "no date any more":
        done = teacher.patch(f"/api/tasks/{task}", {"due_at": None})
    else:
        done = teacher.patch(f"/api/assignments/{place}", {"status": "completed"})
    clock.advance(days=2, minutes=1)

    assert done.status_code in (200, 204), done.text
    assert reminders(world, world.sign_in(student)) == []
