"""Reviewing a lesson, and what the teacher makes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.pages.visitor import Visitor
from tests.support.world import World

Visit = Callable[..., Visitor]


def test_a_completed_lesson_is_reviewed(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    lesson = world.past_lesson(student, gig)
    visitor = visit(student).open(f"/lessons/{lesson}")
    assert "Review this lesson" in visitor.text

    visitor.open(f"/lessons/{lesson}/review").send(rating=4, comment="Clear and patient.")

    assert "Thank you. Your review is published." in visitor.text
    assert "Your review Clear and patient." in visitor.text
    assert "4.0" in visit().open(f"/gigs/{gig['id']}").text
    assert "Review this lesson" not in visitor.open(f"/lessons/{lesson}").text


def test_the_lessons_of_a_gig_share_a_review_that_can_be_changed(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    world.review(student, gig, rating=2, comment="A slow start.")
    later = world.past_lesson(student, gig)
    visitor = visit(student).open(f"/lessons/{later}")
    assert "Sat 21 Nov, about your lessons in “" in visitor.text
    assert "Review this lesson" not in visitor.text

    form = visitor.open(f"/lessons/{later}/review").form()
    assert form.values["comment"] == "A slow start."
    visitor.send(rating=5, comment="Now I look forward to every Thursday.")

    reviews = teacher.get(f"/api/reviews?user_id={teacher.id}&filter=unread").json["data"]
    assert "Your review is changed." in visitor.text
    assert [(row["rating"], row["comment"]) for row in reviews] == [(5, "Now I look forward to every Thursday.")]
    assert "5.0" in visit().open(f"/gigs/{gig['id']}").text


def test_another_gig_of_the_same_teacher_has_a_review_of_its_own(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    world.review(student, world.gig(teacher), comment="Patient at the piano.")
    other = world.past_lesson(student, world.gig(teacher))

    visitor = visit(student).open(f"/lessons/{other}")

    assert "Patient at the piano." not in visitor.text
    assert "Review this lesson" in visitor.text


def test_a_review_without_a_rating_is_refused_and_its_comment_kept(visit: Visit, world: World) -> None:
    student = world.student()
    lesson = world.past_lesson(student, world.gig(world.teacher()))

    visitor = visit(student).open(f"/lessons/{lesson}/review").send(comment="Clear and patient.")

    assert visitor.status == 422
    assert "Your rating: Please choose a rating." in visitor.text
    assert visitor.form().values["comment"] == "Clear and patient."


@pytest.mark.parametrize("rating", ["0", "6", "five", "4.5"])
def test_a_rating_beyond_the_stars_is_refused(visit: Visit, world: World, rating: str) -> None:
    student = world.student()
    lesson = world.past_lesson(student, world.gig(world.teacher()))

    visitor = visit(student).open(f"/lessons/{lesson}/review").send(rating=rating)

    assert visitor.status == 422


def test_only_completed_lessons_can_be_reviewed(visit: Visit, world: World) -> None:
    student = world.student()
    booking = world.booking(student, world.gig(world.teacher()))

    visitor = visit(student).open(f"/lessons/{booking['id']}/review")

    assert visitor.path == f"/lessons/{booking['id']}"
    assert "A lesson can be reviewed once it is completed." in visitor.text


def test_only_its_student_reviews_a_lesson(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    lesson = world.past_lesson(world.student(), world.gig(teacher))

    assert visit(teacher).open(f"/lessons/{lesson}/review").status == 403
    assert visit(world.student()).open(f"/lessons/{lesson}/review").status == 404


def test_a_teacher_marks_reviews_as_read(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    review = world.review(world.student(), world.gig(teacher), comment="Clear and patient.")
    visitor = visit(teacher).open("/reviews?filter=unread")
    assert "Clear and patient." in visitor.text

    visitor.send(f"/reviews/{review['id']}/read")

    assert visitor.path == "/reviews?filter=unread"
    assert "You have read every review" in visitor.text
    assert f"/reviews/{review['id']}/read" not in [action for action, _ in visitor.open("/reviews").actions]


def test_every_unread_review_of_a_page_can_be_marked(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    reviews = [world.review(student, gig) for _ in range(23)]
    teacher.patch(f"/api/reviews/{reviews[0]['id']}", {"read": True})
    visitor = visit(teacher).open("/reviews")
    link = visitor.answer.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")

    first = [action for action, _ in visitor.actions if action.endswith("/read")]
    second = [action for action, _ in visitor.open(link).actions if action.endswith("/read")]

    assert (len(first), len(second)) == (20, 2)


def test_a_reply_is_published_changed_and_taken_back(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    review = world.review(student, gig)
    path, visitor = f"/reviews/{review['id']}/reply", visit(teacher).open("/reviews")

    visitor.send(path, reply="Thank you.")
    assert "Your reply is published." in visitor.text
    assert "You have read every review" in visit(teacher).open("/reviews?filter=unread").text
    assert "Thank you." in visit().open(f"/gigs/{gig['id']}").text

    visitor.send(path, reply="")
    assert "Your reply is taken back." in visitor.text
    assert "Thank you." not in visit().open(f"/gigs/{gig['id']}").text


@pytest.mark.parametrize(
    ("reply", "message"), [(" ", "Please write a reply."), ("x" * 5001, "Use at most 5,000 characters.")]
)
def test_a_reply_that_cannot_be_published_is_kept(visit: Visit, world: World, reply: str, message: str) -> None:
    teacher = world.teacher()
    review = world.review(world.student(), world.gig(teacher))

    visitor = visit(teacher).open("/reviews").send(f"/reviews/{review['id']}/reply", reply=reply)

    assert visitor.status == 422
    assert f"Your reply: {message}" in visitor.text
    assert visitor.form(f"/reviews/{review['id']}/reply").values["reply"] == reply


def test_a_review_whose_reply_was_refused_is_shown_wherever_it_stands_in_the_list(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    oldest = world.review(student, gig, comment="The first of all.")
    for _ in range(20):
        world.clock.advance(seconds=1)  # type: ignore[attr-defined]
        world.review(student, gig)
    visitor = visit(teacher).open("/reviews")
    assert "The first of all." not in visitor.text

    visitor.post(f"/reviews/{oldest['id']}/reply", visitor.form(visitor.actions[1][0]).values | {"reply": ""})

    assert "The first of all." in visitor.text


def test_reviews_of_others_are_not_theirs_to_answer(visit: Visit, world: World) -> None:
    review = world.review(world.student(), world.gig(world.teacher()))
    visitor = visit(world.teacher()).open("/profile")
    token = visitor.form().values["csrf_token"]

    assert visitor.post(f"/reviews/{review['id']}/read", {"csrf_token": token}).status == 403
    assert visitor.post(f"/reviews/{review['id']}/reply", {"csrf_token": token, "reply": "No."}).status == 403
    assert visitor.post("/reviews/4711/read", {"csrf_token": token}).status == 404
