"""Closing an account leaves nothing behind that waits for an answer."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bookings.models import HeldTime
from bookings.sessions.models import GroupSession
from database import reading
from tests.support.world import World


def test_a_student_who_leaves_takes_their_requests_along(world: World) -> None:
    student, teacher, other = world.student(), world.teacher(), world.student()
    gig = world.gig(teacher)
    world.past_lesson(student, gig)
    agreed = world.accepted(student, teacher, gig, starts_at=world.at(days=9, hours=3))
    asked = world.booking(student, gig)
    body = {"gig_id": gig["id"], "starts_at": world.at(days=2), "weeks": 3}
    series = [lesson["id"] for lesson in student.post("/api/bookings/series", body).json["data"]]
    proposed = {"gig_id": gig["id"], "student_id": student.id, "starts_at": world.at(days=4)}
    proposal = teacher.post("/api/bookings", proposed).json["id"]
    other.post("/api/waitlist", {"gig_id": gig["id"], "starts_at": asked["starts_at"]})

    world.operator("accounts", "deactivate", student.email)

    path = "/api/bookings/{}"
    states = [teacher.get(path.format(each)).json["status"] for each in (asked["id"], *series, proposal, agreed["id"])]
    assert states == [*["cancelled"] * 4, "rejected", "accepted"]
    last = teacher.get(path.format(asked["id"]) + "/history").json["data"][-1]
    assert (last["actor"]["id"], last["reason"]) == (student.id, "This account was closed.")
    # What became free is offered to the next in line.
    assert other.get("/api/waitlist").json["data"][0]["status"] == "offered"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_teacher_who_leaves_declines_what_was_asked_and_nobody_waits_on(world: World) -> None:
    teacher, student, waiting, late = world.teacher(), world.student(), world.student(), world.student()
    gig = world.gig(teacher, free_cancellation_hours=24, late_cancellation_percent=50)
    asked = world.booking(student, gig)
    waiting.post("/api/waitlist", {"gig_id": gig["id"], "starts_at": asked["starts_at"]})
    moved = f"/api/bookings/{world.accepted(late, teacher, gig, starts_at=world.at(hours=2))['id']}"
    late.patch(moved, {"starts_at": world.at(days=30)})

    world.operator("accounts", "deactivate", teacher.email)

    assert student.get(f"/api/bookings/{asked['id']}").json["status"] == "rejected"
    assert waiting.get("/api/waitlist").json["data"][0]["status"] == "lapsed"
    assert [each["status"] for each in waiting.get("/api/bookings").json["data"]] == []
    # What is agreed on stays for the other side to decide on, but nobody will answer the wish to move it.
    lesson = late.get(moved).json
    assert (lesson["status"], lesson["starts_at"], lesson["move"]) == ("accepted", world.at(hours=2), None)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_waits_or_is_offered_a_place_makes_room_for_the_next(world: World) -> None:
    holder, first, second, gig = world.student(), world.student(), world.student(), world.gig(world.teacher())
    taken = world.booking(holder, gig)
    for person in (first, second):
        person.post("/api/waitlist", {"gig_id": gig["id"], "starts_at": taken["starts_at"]})
    holder.patch(f"/api/bookings/{taken['id']}", {"status": "cancelled"})

    world.operator("accounts", "deactivate", first.email)

    assert second.get("/api/waitlist").json["data"][0]["status"] == "offered"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_teacher_who_leaves_cancels_their_sessions_to_come(world: World) -> None:
    teacher, agreed, asked, wishes = world.teacher(), world.student(), world.student(), world.student()
    gig = world.gig(teacher, capacity=4, times="timetable", late_cancellation_percent=100, free_cancellation_hours=720)
    starts = [world.at(days=5), world.at(days=6)]
    path = f"/api/gigs/{gig['id']}/sessions"
    ids = [teacher.post(path, {"starts_at": at}).json["data"][0]["id"] for at in starts]
    lessons = [world.accepted(person, teacher, gig, starts_at=starts[0]) for person in (agreed, wishes)]
    lessons.append(world.booking(asked, gig, starts_at=starts[0]))
    assert wishes.patch(f"/api/bookings/{lessons[1]['id']}", {"starts_at": starts[1]}).status_code == 200

    world.operator("accounts", "deactivate", teacher.email)

    admin = world.admin()
    ended = [admin.get(f"/api/bookings/{lesson['id']}").json for lesson in lessons]
    assert [row["status"] for row in ended] == ["cancelled", "cancelled", "rejected"]
    assert [row["cancellation_fee_cents"] for row in ended] == [0, 0, 0]
    with world.app.app_context(), reading() as connection:
        sessions = select(GroupSession.status).where(GroupSession.id.in_(ids))
        assert connection.scalars(sessions).all() == ["cancelled", "cancelled"]
        assert connection.scalar(select(func.count()).select_from(HeldTime)) == 0
