"""What happens to applications, courses and tasks, and who is to be told of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from enrolment.tasks import reminders
from events import EventType
from tests.notifications.telling.conftest import School

Told = dict[str, str]


def _gig(school: School) -> dict[str, Any]:
    return school.world.gig(school.teacher, enrolment="application", title="Counterpoint")


def _apply(school: School, gig: dict[str, Any]) -> int:
    made = school.student.post(f"/api/gigs/{gig['id']}/applications", {"message": "I would like to learn."})
    return int(made.json["id"])


def _answer(school: School, **decision: str) -> None:
    application_id = _apply(school, _gig(school))
    school.post.forget()
    assert school.teacher.patch(f"/api/applications/{application_id}", decision).status_code == 200


def _place(school: School) -> int:
    place = school.world.place(school.student, school.teacher, _gig(school))
    school.post.forget()
    return place


def _task(school: School) -> int:
    place = _place(school)
    due_at = school.world.at(days=3)
    task_id = int(school.world.task(school.teacher, place, title="Two voices", due_at=due_at)["id"])
    school.post.forget()
    return task_id


def _hand_in(school: School) -> int:
    made = school.student.post(f"/api/tasks/{_task(school)}/submissions", {"text": "Here it is."})
    return int(made.json["id"])


def received(school: School) -> Told:
    _apply(school, _gig(school))
    return {"teacher": "Ada Lovelace applies for a place."}


def accepted(school: School) -> Told:
    _answer(school, status="accepted")
    return {"student": "You have a place."}


def rejected(school: School) -> Told:
    _answer(school, status="rejected", reason="It is for beginners.")
    return {"student": "Your application was declined."}


def place_free(school: School) -> Told:
    gig = _gig(school)
    mary = school.world.student(name="Mary Shelley")
    school.post.confirm(mary)
    place = school.world.place(mary, school.teacher, gig)
    _apply(school, gig)
    school.post.forget()
    ended = school.teacher.patch(f"/api/assignments/{place}", {"status": "completed"})
    assert ended.status_code == 200, ended.text
    school.mary = mary
    return {
        "student": "A place has become free in a course that you applied for.",
        "mary": "Grace Hopper has completed",
    }


def completed(school: School) -> Told:
    school.teacher.patch(f"/api/assignments/{_place(school)}", {"status": "completed"})
    return {"student": "Grace Hopper has completed the course."}


def dropped(school: School) -> Told:
    school.student.patch(f"/api/assignments/{_place(school)}", {"status": "dropped", "reason": "No time."})
    return {"teacher": "Ada Lovelace has ended the course early."}


def task_set(school: School) -> Told:
    school.world.task(school.teacher, _place(school))
    return {"student": "Grace Hopper has set you a task."}


def task_due(school: School) -> Told:
    task_id = _task(school)
    with school.world.app.app_context():
        clock: Any = school.world.clock
        due_at = _due(school, task_id)
        clock.advance(days=2, hours=1)
        reminders.remind(task_id, due_at, clock())
        # A second call finds it noted.
        reminders.remind(task_id, due_at, clock())
    return {"student": "A task has to be handed in within a day."}


def handed_in(school: School) -> Told:
    _hand_in(school)
    return {"teacher": "Ada Lovelace has handed in their work."}


def reviewed(school: School) -> Told:
    submission_id = _hand_in(school)
    school.post.forget()
    school.teacher.patch(f"/api/submissions/{submission_id}", {"status": "approved", "feedback": "Lovely."})
    return {"student": "Grace Hopper has approved your work."}


def _due(school: School, task_id: int) -> Any:
    return datetime.fromisoformat(school.student.get(f"/api/tasks/{task_id}").json["due_at"])


COURSES: dict[EventType, Callable[[School], Told]] = {
    EventType.APPLICATION_CREATED: received,
    EventType.APPLICATION_ACCEPTED: accepted,
    EventType.APPLICATION_REJECTED: rejected,
    EventType.APPLICATION_PLACE_FREE: place_free,
    EventType.ASSIGNMENT_COMPLETED: completed,
    EventType.ASSIGNMENT_DROPPED: dropped,
    EventType.TASK_CREATED: task_set,
    EventType.TASK_DUE: task_due,
    EventType.SUBMISSION_CREATED: handed_in,
    EventType.SUBMISSION_REVIEWED: reviewed,
}
