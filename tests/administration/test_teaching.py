"""Who may teach: everybody, or those whom the school has approved."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete

import tags
from accounts.teaching.models import TeachingRecord
from caching import invalidate
from database import writing
from tests.pages.visitor import Visitor
from tests.support.races import at_once
from tests.support.scene import Scene
from tests.support.world import Person, World

TEACHERS, OWN = "/api/admin/teachers", "/api/users/me/teaching"
HELLO = {"message": "I have taught the violin for ten years."}
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def scene(world: World) -> Scene:
    """A school that approves its teachers.

    Grace taught there before.
    """
    scene = Scene(world)
    scene.gig()
    choose(scene, "approved")
    return scene


def choose(scene: Scene, teaching: str) -> None:
    answer = scene.admin.put("/api/admin/school", {"name": "Harbour School", "teaching": teaching})
    assert (answer.status_code, answer.json["teaching"]) == (200, teaching)


def newcomer(scene: Scene) -> tuple[Person, int]:
    """Somebody who has registered as a teacher, and the id of their draft."""
    teacher = scene.world.teacher()
    return teacher, scene.world.gig(teacher, status="draft")["id"]


def publish(person: Person, gig_id: int) -> Any:
    return person.post(f"/api/gigs/{gig_id}/status", {"status": "published"})


def decide(person: Person, teacher: Person, status: str, reason: str = "") -> Any:
    return person.patch(f"{TEACHERS}/{teacher.id}", {"status": status} | ({"reason": reason} if reason else {}))


def test_who_is_not_approved_publishes_nothing_until_the_school_says_yes(scene: Scene) -> None:
    teacher, gig_id = newcomer(scene)
    refused = publish(teacher, gig_id)
    assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (403, "teaching-not-approved")
    assert teacher.get(OWN).json["may_publish"] is False
    assert publish(scene.admin, gig_id).status_code == 403

    assert teacher.post(OWN, HELLO).status_code == 201

    asked = scene.office.get(f"{TEACHERS}?status=asked").json["data"]
    assert [(one["id"], one["message"], one["allowed"]) for one in asked] == [
        (teacher.id, HELLO["message"], ["approved", "declined"])
    ]
    assert publish(teacher, gig_id).status_code == 403
    assert decide(scene.office, teacher, "approved").json["status"] == "approved"
    assert teacher.get(OWN).json["may_publish"] is True
    assert publish(teacher, gig_id).status_code == 200


def test_who_taught_before_goes_on_teaching(scene: Scene) -> None:
    assert scene.grace.get(OWN).json["status"] == "approved"
    assert publish(scene.grace, scene.gig(status="draft")).status_code == 200


def test_who_is_declined_reads_why_and_can_ask_again(scene: Scene) -> None:
    teacher, gig_id = newcomer(scene)
    assert decide(scene.office, teacher, "declined", "No.").status_code == 409
    teacher.post(OWN, HELLO)
    assert teacher.post(OWN, HELLO).status_code == 409
    assert decide(scene.office, teacher, "declined").status_code == 422

    decide(scene.office, teacher, "declined", "We have enough violins.")

    own = teacher.get(OWN).json
    assert (own["status"], own["reason"]) == ("declined", "We have enough violins.")
    assert publish(teacher, gig_id).status_code == 403
    assert teacher.post(OWN, {"message": "And the viola?"}).json["status"] == "asked"


def test_with_the_approval_end_published_gigs_and_agreed_lessons_stay(scene: Scene) -> None:
    world, gig_id = scene.world, scene.gig()
    lesson_id = world.accepted(scene.anna, scene.grace, {"id": gig_id}, starts_at=world.at(days=3))["id"]
    assert scene.world.anyone.get(f"/api/gigs?teacher_id={scene.grace.id}").json["data"]

    ended = decide(scene.office, scene.grace, "ended", "You are on leave.")

    assert (ended.status_code, ended.json["published_gigs"]) == (200, 0), ended.text
    assert scene.world.anyone.get(f"/api/gigs?teacher_id={scene.grace.id}").json["data"] == []
    assert scene.grace.get(f"/api/gigs/{gig_id}").json["status"] == "paused"
    assert scene.anna.get(f"/api/bookings/{lesson_id}").json["status"] == "accepted"
    assert publish(scene.grace, gig_id).status_code == 403
    decide(scene.office, scene.grace, "approved")
    assert publish(scene.grace, gig_id).status_code == 200


def test_where_everybody_may_teach_nobody_is_asked(scene: Scene) -> None:
    choose(scene, "open")
    teacher, gig_id = newcomer(scene)
    assert publish(teacher, gig_id).status_code == 200

    choose(scene, "approved")

    assert teacher.get(OWN).json["status"] == "approved"
    assert publish(teacher, scene.world.gig(teacher, status="draft")["id"]).status_code == 200


def test_whom_the_school_makes_a_teacher_it_has_approved(scene: Scene) -> None:
    lines = "name,email,role\nEmmy Noether,emmy@example.org,teacher\n"
    answer = scene.admin.post("/api/admin/import/people?apply=true", data=lines, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 200, answer.text
    student = scene.world.student()
    scene.admin.patch(f"/api/admin/people/{student.id}", {"role": "teacher"})

    approved = [one["email"] for one in scene.office.get(f"{TEACHERS}?status=approved").json["data"]]

    assert {"emmy@example.org", student.email} <= set(approved)


def test_an_end_and_a_publication_at_once_leave_nothing_published(scene: Scene) -> None:
    gig_id = scene.gig(status="draft")

    answers = at_once(
        [
            lambda: publish(scene.grace, gig_id).status_code,
            lambda: decide(scene.office, scene.grace, "ended", "You are on leave.").status_code,
        ]
    )

    assert set(answers) <= {200, 403, 409, 503}
    if answers[1] != 200:
        decide(scene.office, scene.grace, "ended", "You are on leave.")
    assert scene.grace.get(f"/api/gigs/{gig_id}").json["status"] in ("draft", "paused")


@on_sqlite
def test_what_was_decided_stands_in_the_audit_log(scene: Scene) -> None:
    teacher, _ = newcomer(scene)
    teacher.post(OWN, HELLO)

    decide(scene.office, teacher, "declined", "We have enough violins.")

    entry = scene.admin.get("/api/admin/audit").json["data"][0]
    assert (entry["action"], entry["actor"]["id"]) == ("admin_teaching.decide", scene.office.id)
    row = f"teaching {teacher.id}"
    assert (entry["before"][row]["status"], entry["after"][row]["status"]) == ("asked", "declined")


@on_sqlite
def test_a_teacher_asks_on_the_pages_and_the_office_answers_there(scene: Scene) -> None:
    teacher, gig_id = newcomer(scene)
    browser, office = Visitor(scene.app).sign_in(teacher), Visitor(scene.app).sign_in(scene.office)
    assert "The school approves its teachers before they publish gigs." in browser.open("/").text
    browser.open(f"/gigs/{gig_id}/edit").send(then="published")
    assert "Ask the school" in browser.text
    assert teacher.get(f"/api/gigs/{gig_id}").json["status"] == "draft"

    browser.send(message="I teach the violin.")

    assert "The school has your question" in browser.text
    assert "One teacher asks whether they may teach here." in office.open("/").text
    assert "1 teacher who asks to teach here" in " ".join(office.open("/admin").text.split())
    assert "I teach the violin." in office.open("/admin/teachers?status=asked").text
    office.send(f"/admin/teachers/{teacher.id}/decide", having={"status": "approved"})
    assert f"{teacher.name} can teach now, and is told so." in office.text
    assert "teachers before they publish" not in browser.open("/").text
    assert "You can teach" in browser.open("/teaching").text
    browser.open(f"/gigs/{gig_id}/edit").send(then="published")
    assert teacher.get(f"/api/gigs/{gig_id}").json["status"] == "published"


@on_sqlite
def test_a_no_without_a_reason_is_asked_for_it_on_the_page(scene: Scene) -> None:
    teacher, _ = newcomer(scene)
    teacher.post(OWN, HELLO)
    office = Visitor(scene.app).sign_in(scene.office).open("/admin/teachers?status=asked")

    office.send(f"/admin/teachers/{teacher.id}/decide", having={"status": "declined"})

    assert office.status == 422
    assert "Please say why: the teacher reads it." in office.text


@on_sqlite
def test_a_school_without_records_of_old_teachers_can_approve_them(scene: Scene) -> None:
    """As after an upgrade during which the version before has still published gigs."""
    with scene.app.app_context(), writing() as session:
        session.execute(delete(TeachingRecord).where(TeachingRecord.user_id == scene.grace.id))
        invalidate(tags.user_teaching(scene.grace.id), tags.all_teaching())
    listed = {one["id"]: one for one in scene.office.get(TEACHERS).json["data"]}
    assert (listed[scene.grace.id]["status"], listed[scene.grace.id]["allowed"]) == (None, ["approved"])

    assert decide(scene.office, scene.grace, "approved").status_code == 200
