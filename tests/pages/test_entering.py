"""The page on which a lesson is entered for a student, and the ways that lead there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from accounts.by_mail import tokens
from accounts.by_mail.models import TokenUse
from accounts.models import User
from database import writing
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.world import PASSWORD, World

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


@pytest.mark.parametrize("hours", [None, [{"weekday": "tuesday", "start": "08:00", "end": "12:00"}]])
def test_what_is_blocked_stands_in_the_week_for_its_teacher_alone_who_can_unblock_it(
    visit: Visit, world: World, hours: list[dict[str, str]] | None
) -> None:
    teacher, other = world.teacher(), world.teacher()
    teacher.put("/api/teachers/me/availability", {"weekly": hours})
    times = {"starts_at": "2026-12-01T09:00:00Z", "ends_at": "2026-12-01T10:00:00Z"}
    made = [teacher.post("/api/teachers/me/blocks", times | {"note": note}).json["id"] for note in ("Dentist", "Bus")]
    address = f"/schedule/block/{made[0]}/delete"

    for path in ("/schedule?date=2026-12-01", "/schedule/day?date=2026-12-01"):
        text = visit(teacher).open(path).text
        assert "Time you have blocked Nothing is offered then. Only you see it. Tue 1 Dec, 10:00–11:00 Dentist" in text
        assert "Time off" not in text
        assert "Time you have blocked" not in visit(other).open(path).text
    page = visit(teacher).open("/schedule?date=2026-12-01").send(address)

    assert page.path == "/schedule?date=2026-12-01"
    assert "The time from Tue 1 Dec, 10:00 on is not blocked any more" in page.text
    assert "Dentist" not in page.text
    assert "Bus" in page.text


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


def test_a_student_says_on_the_page_whether_lessons_are_theirs(visit: Visit, world: World) -> None:
    teacher, olga = world.teacher(name="Grace Hopper"), world.student(name="Olga Frei")
    gig, chess = world.gig(teacher), world.gig(world.teacher(), title="Chess", confirmation="instant")
    world.booking(olga, chess, starts_at="2026-12-05T15:00:00Z")
    body = {"gig_id": gig["id"], "agreed": True, "student": {"name": "O. F.", "email": olga.email}}
    for day in ("05", "06"):
        teacher.post("/api/bookings", body | {"starts_at": f"2026-12-{day}T15:00:00Z"})
    page = visit(olga).open("/invitation")
    assert "Grace Hopper has entered 2 lessons" in page.text
    assert "You have Chess then: Sat 5 Dec, 16:00–16:45." in page.text

    (waiting,) = olga.get("/api/users/me/invitations").json["data"]
    page.send(f"/invitation/{waiting['id']}", answer="yes-where-free")

    assert "Thank you. They are among your lessons now." in page.text
    assert "Nothing waits for your answer" in page.open("/invitation").text


def test_who_has_no_account_opens_one_on_the_page_or_says_no(visit: Visit, world: World, clock: FakeClock) -> None:
    teacher = world.teacher(name="Grace Hopper")
    gig = world.gig(teacher)
    body = {"gig_id": gig["id"], "agreed": True, "student": {"name": "Mary Shelley", "email": "mary@example.org"}}
    made = teacher.post("/api/bookings", body | {"starts_at": "2026-12-05T15:00:00Z"}).json
    page = visit().open(f"/invitation?token={token_for(world, made['student']['id'], clock())}")
    assert "Grace Hopper has entered a lesson" in page.text
    assert page.path == "/invitation"

    page.send("/invitation", password="1234567890")
    refused = page.text
    page.send("/invitation", password=PASSWORD)

    assert "one of the most common passwords" in refused
    assert "Your account is open." in page.text
    lesson = teacher.get(f"/api/bookings/{made['id']}").json
    assert lesson["student"]["name"] == "Mary Shelley"
    signed_in = world.anyone.post("/api/auth/login", json={"email": "mary@example.org", "password": PASSWORD})
    assert signed_in.status_code == 200


def test_an_account_answers_without_the_link_once_that_does_not_count_any_more(
    visit: Visit, world: World, clock: FakeClock
) -> None:
    teacher, olga = world.teacher(name="Grace Hopper"), world.student()
    body = {"gig_id": world.gig(teacher)["id"], "agreed": True, "student": {"name": "O. F.", "email": olga.email}}
    made = teacher.post("/api/bookings", body | {"starts_at": "2026-12-05T15:00:00Z"}).json
    page = visit(olga).open(f"/invitation?token={token_for(world, made['student']['id'], clock())}")
    clock.advance(hours=2)

    page.open("/invitation")

    assert "Grace Hopper has entered a lesson" in page.text


def token_for(world: World, stand_in_id: int, now: datetime) -> str:
    """The token of the mail to the owner of a stand-in's address."""
    with world.app.app_context(), writing() as session:
        stand_in = session.get_one(User, stand_in_id)
        return tokens.issue(session, stand_in, TokenUse.RESET, email="mary@example.org", now=now)
