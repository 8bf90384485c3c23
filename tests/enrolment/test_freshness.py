"""Whose name or title stands in a list of courses: a change of it is seen in the next answer."""

from __future__ import annotations

import pytest

from tests.support.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_new_names_and_a_new_title_are_seen_at_once_in_all_lists_and_details(world: World) -> None:
    teacher, student, admin = world.teacher(name="Grace"), world.student(name="Ada"), world.admin()
    course = world.running_course(student, teacher)
    application = student.get("/api/applications").json["data"][0]["id"]
    lists = ["/api/applications", "/api/assignments", "/api/tasks"]
    details = [
        f"/api/applications/{application}",
        f"/api/assignments/{course['assignment']}",
        f"/api/tasks/{course['task']}",
    ]

    def names() -> set[tuple[str, str, str]]:
        """What all three people read in all places."""
        found = [person.get(path).json for person in (teacher, student, admin) for path in (*lists, *details)]
        found += teacher.get(f"/api/gigs/{course['course']}/applications").json["data"]
        rows = [row for answer in found for row in answer.get("data", [answer])]
        return {(row["student"]["name"], row["teacher"]["name"], row["gig"]["title"]) for row in rows}

    before = names()
    student.patch("/api/users/me", {"name": "Ada King"})
    renamed_student = names()
    teacher.patch("/api/users/me", {"name": "Grace Hopper"})
    renamed_teacher = names()
    teacher.patch(f"/api/gigs/{course['course']}", {"title": "Organ"})

    assert before == {("Ada", "Grace", "Piano for beginners")}
    assert renamed_student == {("Ada King", "Grace", "Piano for beginners")}
    assert renamed_teacher == {("Ada King", "Grace Hopper", "Piano for beginners")}
    assert names() == {("Ada King", "Grace Hopper", "Organ")}


def test_lists_of_others_stay_in_the_cache(world: World) -> None:
    teacher, student, other = world.teacher(), world.student(), world.student()
    other.get("/api/tasks")

    world.running_course(student, teacher)

    assert other.get("/api/tasks").json["cached"] is True
