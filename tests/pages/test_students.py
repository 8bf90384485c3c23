"""A teacher's students, the notes about them, and the talk beside a lesson, as people meet them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.pages.visitor import Visitor
from tests.support.world import Person, World

Visit = Callable[..., Visitor]


@pytest.fixture
def pair(world: World) -> tuple[Person, Person, int]:
    """A student, their teacher, and a lesson of theirs."""
    student, teacher = world.student(name="Ada Lovelace"), world.teacher(name="Grace Hopper")
    return student, teacher, int(world.accepted(student, teacher, world.gig(teacher))["id"])


def test_a_teacher_goes_from_the_list_to_a_student_and_on_to_another_time(
    visit: Visit, pair: tuple[Person, Person, int]
) -> None:
    student, teacher, lesson = pair

    listed = visit(teacher).open("/students?q=love")
    nobody = visit(teacher).open("/students?q=xyz")
    page = visit(teacher).open(f"/students/{student.id}")

    assert "Students" in visit(teacher).open("/lessons").text
    assert f'href="/students/{student.id}"' in listed.answer.text
    assert "1 lesson" in listed.text
    assert "Nobody here is called “xyz”" in nobody.text
    assert student.email in page.text
    assert f"/lessons/{lesson}/propose" in page.answer.text
    assert f"/students/{student.id}" in visit(teacher).open(f"/lessons/{lesson}").answer.text


def test_a_note_is_private_until_the_teacher_says_otherwise(visit: Visit, pair: tuple[Person, Person, int]) -> None:
    student, teacher, lesson = pair
    own, note = f"/students/{student.id}", f"/students/{student.id}/notes/1"
    visitor = visit(teacher).open(own)
    chosen = visitor.form(f"{own}/notes").values["readers"]

    visitor.send(f"{own}/notes", text="Scales, hands apart.")
    said, before = visitor.text, visit(student).open(f"/lessons/{lesson}").text
    visitor.send(note, readers="shared")
    after = visit(student).open(f"/lessons/{lesson}").text
    visitor.send(f"{note}/delete")

    assert chosen == "private"
    assert "The note is saved. Only you can read it." in said
    assert "Scales, hands apart." not in before
    assert "Scales, hands apart." in after
    assert "Scales, hands apart." not in visitor.text


@pytest.mark.parametrize("text", ["", "x" * 5001])
def test_a_refused_note_is_kept_as_it_was_typed(visit: Visit, pair: tuple[Person, Person, int], text: str) -> None:
    student, teacher, _ = pair
    action = f"/students/{student.id}/notes"

    visitor = visit(teacher).open(f"/students/{student.id}").send(action, text=text, readers="shared")

    assert visitor.status == 422
    assert "Please check what you entered" in visitor.text
    assert visitor.form(action).values["text"].strip() == text
    assert visitor.form(action).values["readers"] == "shared"


def test_a_talk_is_marked_as_new_once_and_read_by_opening_the_page(
    visit: Visit, pair: tuple[Person, Person, int]
) -> None:
    student, teacher, lesson = pair
    page, action = f"/lessons/{lesson}", f"/lessons/{lesson}/messages"
    visit(student).open(page).send(action, text="Shall I bring the book?\r\nThe blue one.")
    unread = teacher.get(f"/api/bookings/{lesson}").json["unread_messages"]

    reader = visit(teacher)
    listed = reader.open("/lessons").text
    first, second = reader.open(page).text, reader.open(page).text

    assert unread == 1
    assert "1 new message" in listed
    assert "new message" not in reader.open("/lessons").text
    assert "New · Ada Lovelace" in first
    assert "Shall I bring the book?" in second
    assert "New · Ada Lovelace" not in second
    assert teacher.get(f"/api/bookings/{lesson}").json["unread_messages"] == 0


def test_older_messages_are_a_page_away(visit: Visit, pair: tuple[Person, Person, int]) -> None:
    student, teacher, lesson = pair
    for number in range(31):
        student.post(f"/api/bookings/{lesson}/messages", {"text": f"Message {number} of many"})

    newest = visit(teacher).open(f"/lessons/{lesson}")
    cursor = newest.answer.text.partition("cursor=")[2].partition("#")[0]
    earlier = visit(teacher).open(f"/lessons/{lesson}?cursor={cursor}")

    assert "Message 0 of many" not in newest.text
    assert newest.text.index("Message 1 of many") < newest.text.index("Message 30 of many")
    assert "Message 0 of many" in earlier.text


def test_an_empty_message_is_refused_beside_its_field(visit: Visit, pair: tuple[Person, Person, int]) -> None:
    student, _, lesson = pair

    visitor = visit(student).open(f"/lessons/{lesson}").send(f"/lessons/{lesson}/messages", text=" ")

    assert visitor.status == 422
    assert "Your message: Use 1 to 4,000 characters." in visitor.text


def test_administrators_see_the_lesson_without_its_talk(
    visit: Visit, world: World, pair: tuple[Person, Person, int]
) -> None:
    student, _, lesson = pair
    student.post(f"/api/bookings/{lesson}/messages", {"text": "Between us"})

    page = visit(world.admin()).open(f"/lessons/{lesson}")

    assert page.status == 200
    assert "Between us" not in page.text
    assert "Messages" not in page.text


def test_nobody_can_be_written_to_whose_account_is_closed(
    visit: Visit, world: World, pair: tuple[Person, Person, int]
) -> None:
    student, teacher, lesson = pair
    world.operator("accounts", "deactivate", student.email)

    page = visit(teacher).open(f"/lessons/{lesson}")

    assert "Ada has closed their account, so there is nobody to write to." in page.text
    assert f"/lessons/{lesson}/messages" not in [action for action, _ in page.actions]
    assert "Ada has closed their account." in visit(teacher).open(f"/students/{student.id}").text
