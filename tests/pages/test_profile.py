"""The profile, the password, and what everybody sees of a teacher."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.pages.visitor import Visitor
from tests.support.world import PASSWORD, World

Visit = Callable[..., Visitor]


def test_a_saved_profile_is_what_others_see_at_once(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    visitor, other = visit(teacher), visit()
    other.open(f"/teachers/{teacher.id}")

    visitor.open("/profile").send(name="Ada Marlowe", headline="Mathematics, patiently", bio="One.\r\n\r\nTwo.")

    assert "Your profile is saved." in visitor.text
    assert "Ada Marlowe" in (text := other.open(f"/teachers/{teacher.id}").text)
    assert "Mathematics, patiently No reviews yet One. Two." in text


def test_a_new_time_zone_moves_no_lesson_but_shows_it_by_another_clock(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student(time_zone="Europe/Berlin")
    world.booking(student, world.gig(teacher))
    visitor = visit(student)
    assert "10:30–11:15" in visitor.open("/lessons").text

    visitor.open("/profile").send(time_zone="America/New_York")

    assert "04:30–05:15" in visitor.open("/lessons").text


def test_a_student_has_no_headline(visit: Visit, world: World) -> None:
    visitor = visit(world.student()).open("/profile")

    assert "headline" not in visitor.form().values


def test_a_refused_profile_keeps_what_was_typed_and_what_was_saved(visit: Visit, world: World) -> None:
    teacher = world.teacher()

    visitor = visit(teacher).open("/profile").send(name="", headline="h" * 201)

    assert visitor.status == 422
    assert "Name: Please enter your name." in visitor.text
    assert visitor.form().values["headline"] == "h" * 201
    assert world.anyone.get(f"/api/users/{teacher.id}").json["name"] == teacher.name


def test_a_new_password_ends_every_other_sign_in_but_not_this_one(visit: Visit, world: World) -> None:
    student = world.student()
    here, elsewhere = visit(student), visit(student)

    here.open("/profile").send("/profile/password", current_password=PASSWORD, new_password="a wholly different one")

    assert "Your password is changed." in here.text
    assert here.open("/lessons").path == "/lessons"
    assert elsewhere.open("/lessons").path == "/sign-in?next=/lessons"
    assert student.get("/api/users/me").status_code == 401


def test_a_wrong_present_password_changes_nothing(visit: Visit, world: World) -> None:
    student = world.student()

    visitor = visit(student).open("/profile")
    visitor.send("/profile/password", current_password="not this one", new_password="a wholly different one")

    assert visitor.status == 422
    assert "Current password: The current password is not right." in visitor.text
    assert visit(student).open("/lessons").path == "/lessons"


def test_a_common_password_is_refused_beside_the_field(visit: Visit, world: World) -> None:
    visitor = visit(world.student()).open("/profile")

    visitor.send("/profile/password", current_password=PASSWORD, new_password="password123")

    assert visitor.status == 422
    assert "New password: This is one of the most common passwords" in visitor.text


def test_a_teachers_page_shows_their_public_gigs_and_reviews(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student(name="Mia Lindqvist")
    gig = world.gig(teacher, title="Calculus")
    world.gig(teacher, title="Unfinished", status="draft")
    world.review(student, gig, comment="Clear and patient.")

    visitor = visit().open(f"/teachers/{teacher.id}")

    assert all(words in visitor.text for words in ("Calculus", "Mia L.", "Clear and patient.", "5.0"))
    assert "Unfinished" not in visitor.text


def test_only_teachers_have_a_public_page(visit: Visit, world: World) -> None:
    student = world.student()

    assert visit().open(f"/teachers/{student.id}").status == 404
    assert visit(student).open(f"/teachers/{student.id}").status == 404
    assert visit().open("/teachers/4711").status == 404


def test_a_zone_is_offered_once_by_its_place_with_what_its_clocks_show(visit: Visit, world: World) -> None:
    page = visit(world.student()).open("/profile").answer.text
    (field,) = re.findall(r'<select[^>]*name="time_zone".*?</select>', page, re.DOTALL)
    offered = dict(re.findall(r'<option[^>]*value="([^"]+)"[^>]*>([^<]+)<', field))

    assert len(offered) < 430
    assert {"Asia/Kolkata", "Europe/Berlin", "UTC"} <= set(offered)
    assert not {"ACT", "W-SU", "America/Knox_IN", "Etc/GMT+9", "Asia/Calcutta"} & set(offered)
    assert offered["Asia/Kolkata"] == "Kolkata (UTC+05:30)"
    assert all(re.search(r" \(UTC[+−]\d\d:\d\d\)$", words) for zone, words in offered.items() if zone != "UTC")
