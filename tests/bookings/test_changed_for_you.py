"""What the other side has changed is marked for a person until they have seen it."""

from __future__ import annotations

from typing import Any

import pytest

from bookings.marks import CHANGES
from events import EventType
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OLD, NEW = "2026-11-23T10:00:00Z", "2026-11-23T14:00:00Z"


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher(name="Grace", time_zone="UTC")


@pytest.fixture
def student(world: World) -> Person:
    return world.student(name="Ada")


@pytest.fixture
def lesson(world: World, teacher: Person, student: Person) -> dict[str, Any]:
    """A lesson that is agreed on, and both have seen it."""
    made = world.accepted(student, teacher, world.gig(teacher), starts_at=OLD)
    student.patch(f"/api/bookings/{made['id']}", {"seen": True})
    return made


def mark_of(person: Person, lesson: dict[str, Any]) -> Any:
    """The mark, which is the same in the list and on its own."""
    found = person.get(f"/api/bookings/{lesson['id']}").json["changed_for_you"]
    (listed,) = person.get("/api/bookings").json["data"]
    assert listed["changed_for_you"] == found
    return found


def test_every_event_of_a_booking_has_a_word() -> None:
    of_bookings = {type_ for type_ in EventType if type_.startswith(("booking.", "waitlist."))}

    assert CHANGES.keys() == of_bookings


@on_sqlite
def test_a_move_by_the_teacher_is_marked_for_the_student_with_the_time_they_know(
    world: World, teacher: Person, student: Person, lesson: dict[str, Any]
) -> None:
    path = f"/api/bookings/{lesson['id']}"
    for starts_at in ("2026-11-23T12:00:00Z", NEW):
        teacher.patch(path, {"starts_at": starts_at})

    assert mark_of(student, lesson) == {"what": "moved", "at": "2026-11-21T09:30:00Z", "from_starts_at": OLD}
    assert mark_of(teacher, lesson) is None
    assert world.admin().get("/api/bookings").json["data"][0]["changed_for_you"] is None


@on_sqlite
@pytest.mark.parametrize(
    ("who", "body", "reader", "what"),
    [
        ("teacher", {"status": "cancelled"}, "student", "cancelled"),
        ("student", {"status": "cancelled"}, "teacher", "cancelled"),
        ("student", {"starts_at": NEW}, "teacher", "move_asked"),
    ],
)
def test_the_other_side_has_it_marked(
    teacher: Person, student: Person, lesson: dict[str, Any], who: str, body: dict[str, Any], reader: str, what: str
) -> None:
    people = {"teacher": teacher, "student": student}

    people[who].patch(f"/api/bookings/{lesson['id']}", body)

    assert mark_of(people[reader], lesson)["what"] == what
    assert mark_of(people[who], lesson) is None


@on_sqlite
def test_what_an_administrator_changes_is_marked_for_both(
    world: World, teacher: Person, student: Person, lesson: dict[str, Any]
) -> None:
    world.admin().patch(f"/api/bookings/{lesson['id']}", {"starts_at": NEW})

    assert [mark_of(person, lesson)["what"] for person in (teacher, student)] == ["moved", "moved"]


@on_sqlite
@pytest.mark.parametrize(("answer", "what"), [("accept", "move_accepted"), ("decline", "move_declined")])
def test_an_answer_to_a_wish_is_marked_for_the_one_who_asked(
    teacher: Person, student: Person, lesson: dict[str, Any], answer: str, what: str
) -> None:
    path = f"/api/bookings/{lesson['id']}"
    student.patch(path, {"starts_at": NEW})

    teacher.patch(path, {"move": answer})

    assert mark_of(student, lesson)["what"] == what
    # Who acts on a lesson has seen it.
    assert mark_of(teacher, lesson) is None


def test_to_have_seen_it_clears_the_own_mark_alone(
    world: World, teacher: Person, student: Person, lesson: dict[str, Any]
) -> None:
    path = f"/api/bookings/{lesson['id']}"
    world.admin().patch(path, {"starts_at": NEW})
    teacher.get("/api/bookings")

    seen = student.patch(path, {"seen": True})

    assert (seen.status_code, seen.json["changed_for_you"]) == (200, None)
    assert (mark_of(student, lesson), mark_of(teacher, lesson)["what"]) == (None, "moved")
    assert world.student().patch(path, {"seen": True}).status_code == 404


@on_sqlite
def test_seen_alone_is_no_instant_and_beside_a_change_no_yes(student: Person, lesson: dict[str, Any]) -> None:
    path = f"/api/bookings/{lesson['id']}"

    for body in ({"seen": OLD}, {"seen": False}, {"seen": True, "status": "cancelled"}, {"seen": 1}):
        assert student.patch(path, body).status_code == 422, body
