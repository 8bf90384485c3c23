"""The page on which a lesson is entered for a student, and the ways that lead there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.pages.visitor import Visitor
from tests.support.world import World

Visit = Callable[..., Visitor]
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_teacher_enters_a_lesson_for_a_student_from_the_students_page(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student(name="Ada Lovelace")
    gig = world.gig(teacher)
    world.past_lesson(student, gig)
    page = visit(teacher).open(f"/students/{student.id}")
    assert f'href="/lessons/enter?student={student.id}"' in page.answer.text

    page.open(f"/lessons/enter?student={student.id}")
    page.send(gig_id=gig["id"], date="2026-12-05", time="16:00", weeks=2, note="As we said.")

    assert "2 lessons are entered, the first on Sat 5 Dec, 16:00–16:45. Ada Lovelace is told." in page.text
    theirs = visit(student).open(page.path)
    assert "It has been entered for you. If it is not right, cancelling it costs you nothing" in theirs.text
    lessons = student.get("/api/bookings?from=2026-12-01T00:00:00Z&order=starts_at").json["data"]
    assert [(it["starts_at"], it["status"]) for it in lessons] == [
        *(("2026-12-05T15:00:00Z", "accepted"), ("2026-12-12T15:00:00Z", "accepted"))
    ]


def test_an_hour_of_the_week_leads_to_the_form_and_can_be_blocked_instead(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    world.gig(teacher)
    page = visit(teacher).open("/schedule?date=2026-12-01")
    assert 'href="/lessons/enter?at=2026-12-01T09:00:00Z"' in page.answer.text.replace("%3A", ":")

    page.open("/lessons/enter?at=2026-12-01T09:00:00Z")
    form = page.form("/lessons/enter?at=2026-12-01T09:00:00Z")
    assert (form.values["date"], form.values["time"]) == ("2026-12-01", "10:00")
    page.send("/schedule/block", note="At the dentist's")

    assert "Tue 1 Dec, 10:00–11:00, is blocked" in page.text
    blocks = teacher.get("/api/teachers/me/blocks?from=2026-12-01T00:00:00Z&to=2026-12-02T00:00:00Z").json["data"]
    assert [(block["starts_at"], block["note"]) for block in blocks] == [("2026-12-01T09:00:00Z", "At the dentist's")]


def test_somebody_new_is_named_by_an_address_and_a_mistake_is_shown_where_it_is(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)
    taken = world.accepted(world.student(), teacher, gig, starts_at="2026-12-05T15:00:00Z")
    mary = {"name": "Mary Shelley", "email": "mary@example.org", "gig_id": gig["id"], "date": "2026-12-05"}
    page = visit(teacher).open("/lessons/enter")

    page.send(**mary | {"email": "nobody"}, time="16:00")
    assert "This is no e-mail address." in page.text
    page.open("/lessons/enter").send(**mary, time="16:00")
    assert "There is another lesson at this time." in page.text
    page.open("/lessons/enter").send(**mary, time="17:00")

    assert "Mary Shelley is told." in page.text
    assert taken["status"] == "accepted"


def test_administrators_choose_among_all_gigs(visit: Visit, world: World) -> None:
    teacher, admin = world.teacher(name="Grace Hopper"), world.admin()
    gig = world.gig(teacher)
    page = visit(admin).open("/lessons")
    assert 'href="/lessons/enter"' in page.answer.text

    page.open("/lessons/enter")
    assert "Piano for beginners, Grace Hopper" in page.text
    page.send(name="Mary", email="mary@example.org", gig_id=gig["id"], date="2026-12-05", time="16:00")

    assert "Mary is told." in page.text
