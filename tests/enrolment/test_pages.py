"""Pages of courses: from applying to approved work, without any script."""

from __future__ import annotations

import pytest

from tests.pages.visitor import Visitor
from tests.support.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_course_from_the_application_to_approved_work(world: World) -> None:
    teacher, student = world.teacher(name="Grace Hopper"), world.student(name="Anna Berg")
    gig = world.gig(teacher, enrolment="application", capacity=2, title="Counterpoint")
    at_teacher, at_student = (Visitor(world.app).sign_in(person) for person in (teacher, student))

    at_student.open(f"/gigs/{gig['id']}").send(f"/gigs/{gig['id']}/apply", message="I would like to learn.")
    assert "has your application" in at_student.text
    at_student.open("/applications")
    assert "Waiting for an answer" in at_student.text
    at_teacher.open("/applications")
    assert "I would like to learn." in at_teacher.text
    ids = [one["id"] for one in teacher.get("/api/applications").json["data"]]
    at_teacher.send("/applications/decide", having={"status": "accepted"}, ids=ids[0])
    assert "1 student has a place now." in at_teacher.text
    course = student.get("/api/assignments").json["data"][0]["id"]
    at_student.open(f"/courses/{course}")
    assert "There is nothing to do yet." in at_student.text
    at_teacher.open(f"/courses/{course}/tasks").send(
        f"/courses/{course}/tasks", title="Two voices", instructions="Eight bars.", day="2027-03-01", time="18:00"
    )
    task = student.get("/api/tasks").json["data"][0]
    assert task["due_at"] == "2027-03-01T17:00:00Z"
    at_student.open("/tasks")
    assert "Two voices" in at_student.text
    at_student.open(f"/tasks/{task['id']}")
    assert "Write something, give links, or both." in at_student.text
    assert "(optional)" not in at_student.text
    at_student.send(f"/tasks/{task['id']}/submissions", text="", links="http://no.example")
    assert "https://" in at_student.text
    at_student.send(f"/tasks/{task['id']}/submissions", text="First try", links="https://example.org/a")
    for status, words in (("revision_requested", "Mind the fifths."), ("approved", "Lovely.")):
        newest = teacher.get(f"/api/tasks/{task['id']}/submissions").json["data"][0]["id"]
        at_teacher.open(f"/tasks/{task['id']}").send(
            f"/tasks/{task['id']}/submissions/{newest}/review", status=status, feedback=words
        )
        at_student.open(f"/tasks/{task['id']}")
        assert words in at_student.text
        if status == "revision_requested":
            at_student.send(f"/tasks/{task['id']}/submissions", text="Second try", links="")
    at_teacher.open(f"/courses/{course}").send(
        f"/courses/{course}/end", having={"status": "completed"}, status="completed", rating="5"
    )
    at_student.open("/courses")

    assert "What you have done" in at_student.text
    assert student.get("/api/users/me/work-history").json["data"][0]["rating"] == 5
