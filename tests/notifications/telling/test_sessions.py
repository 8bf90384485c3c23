"""What people are told of a group that meets in sessions: students of their place, the teacher of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from icalendar import Calendar

from tests.notifications.telling.conftest import School
from tests.notifications.telling.post import ReadersCalendar, calendar_parts
from tests.support.mail_server import text_of
from tests.support.world import Person


@dataclass
class Choir:
    """A session of a choir in which two students have agreed places, and a third one has asked for one."""

    school: School
    session: dict[str, Any]
    agreed: list[dict[str, Any]]
    asked: dict[str, Any]
    people: list[Person]

    def change(self, who: Person, **step: Any) -> None:
        answer = who.patch(f"/api/sessions/{self.session['id']}", step)
        assert answer.status_code == 200, answer.text
        self.school.post.deliver()

    def told(self, person: Person) -> list[str]:
        return [row.title for row in self.school.post.rows() if row.user_id == person.id]

    def event_mailed_to(self, person: Person) -> Any:
        """The one event of the newest mail to a person."""
        (event,) = Calendar.from_ical(calendar_parts(self.school.post.to(person))[0]).walk("VEVENT")
        return event

    def fed(self) -> Any:
        """The session in the teacher's feed."""
        url = self.school.teacher.post("/api/users/me/calendar-token").json["url"]
        (event,) = Calendar.from_ical(self.school.world.anyone.get(url).text).walk("VEVENT")
        return event


@pytest.fixture
def choir(school: School) -> Choir:
    world = school.world
    gig = world.gig(school.teacher, title="Choir", times="timetable", capacity=4, location="Hall 1")
    at = {"starts_at": world.at(days=2)}
    session = school.teacher.post(f"/api/gigs/{gig['id']}/sessions", at).json["data"][0]
    people = [school.student, world.student(name="Mary Somerville"), world.student(name="Emmy Noether")]
    school.post.confirm(*people)
    bookings = [world.booking(person, gig, **at) for person in people]
    for booking in bookings[:2]:
        school.patch(school.teacher, booking, status="accepted")
    world.clock.advance(minutes=1)  # type: ignore[attr-defined]
    school.post.forget()
    return Choir(school, session, bookings[:2], bookings[2], people)


@pytest.mark.parametrize(
    ("step", "title"),
    [
        ({"starts_at": "2026-11-24T12:00:00Z", "reason": "The hall is late."}, "has moved the session."),
        ({"location": "Hall 2"}, "has changed where the session takes place."),
        ({"status": "cancelled", "reason": "A holiday."}, "has cancelled the session."),
    ],
    ids=["moved", "relocated", "cancelled"],
)
def test_a_teacher_hears_once_what_an_administrator_does_to_a_session(
    choir: Choir, step: dict[str, str], title: str
) -> None:
    teacher = choir.school.teacher

    choir.change(choir.school.admin, **step)

    assert choir.told(teacher) == [f"The school {title}"]
    assert choir.school.post.mailed().count(teacher.email) == 1
    mail = text_of(choir.school.post.to(teacher))
    assert "Ada Lovelace" in mail
    assert "Mary Somerville" in mail
    (row,) = [row for row in choir.school.post.rows() if row.user_id == teacher.id]
    assert row.path == f"/sessions/{choir.session['id']}"
    assert [len(choir.told(person)) for person in choir.people[:2]] == [1, 1]


def test_another_place_is_marked_told_and_changed_in_calendars_of_those_who_come(choir: Choir) -> None:
    calendar = ReadersCalendar()
    student, booking = choir.school.student, choir.agreed[0]

    choir.change(choir.school.teacher, location="Hall 2")
    calendar.take(choir.school.post.to(student))

    shown = student.get(f"/api/bookings/{booking['id']}").json
    history = student.get(f"/api/bookings/{booking['id']}/history").json["data"]
    assert (shown["changed_for_you"]["what"], history[-1]["what"]) == ("relocated", "relocated")
    assert "Place: Hall 2" in text_of(choir.school.post.to(student))
    event = choir.event_mailed_to(student)
    assert (event["LOCATION"], int(event["SEQUENCE"])) == ("Hall 2", 2)
    # Where a group meets is for those who have agreed on a place in it.
    assert choir.told(choir.people[2]) == []
    assert choir.told(choir.school.teacher) == []


def test_another_place_leaves_a_wish_for_another_time_as_it_is(choir: Choir) -> None:
    student, booking = choir.school.student, choir.agreed[0]
    later = {"starts_at": choir.school.world.at(days=9)}
    choir.school.teacher.post(f"/api/gigs/{booking['gig']['id']}/sessions", later)
    choir.school.patch(student, booking, **later)

    choir.change(choir.school.teacher, location="Hall 2")

    wish = student.get(f"/api/bookings/{booking['id']}").json["move"]
    assert wish["starts_at"] == later["starts_at"]


@pytest.mark.parametrize(
    "step", [{"starts_at": "2026-11-24T12:00:00Z"}, {"location": "Hall 2"}, {"status": "cancelled"}], ids=str
)
def test_mails_to_a_teacher_and_their_feed_speak_of_the_same_session(choir: Choir, step: dict[str, str]) -> None:
    choir.change(choir.school.admin, **step)

    mailed, fed = choir.event_mailed_to(choir.school.teacher), choir.fed()

    assert str(mailed["UID"]).startswith(f"session-{choir.session['id']}-")
    for name in ("UID", "SEQUENCE", "SUMMARY", "STATUS", "DTSTART"):
        ours, theirs = mailed[name], fed[name]
        assert (getattr(ours, "dt", ours), name) == (getattr(theirs, "dt", theirs), name)


def test_who_gives_up_a_place_does_not_remove_the_session_from_the_teachers_calendar(choir: Choir) -> None:
    calendar = ReadersCalendar()

    choir.school.patch(choir.school.student, choir.agreed[0], status="cancelled")
    choir.school.post.deliver()
    calendar.take(choir.school.post.to(choir.school.teacher))

    assert [status for _, status in calendar.shown] == ["CONFIRMED"]
    assert str(choir.event_mailed_to(choir.school.teacher)["SUMMARY"]) == "Choir, 2 of 4"


@pytest.mark.parametrize(
    "step", [{"starts_at": "2026-11-24T12:00:00Z"}, {"location": "Hall 2"}, {"status": "cancelled"}], ids=str
)
def test_a_teacher_hears_of_an_empty_session_and_their_calendar_follows(choir: Choir, step: dict[str, str]) -> None:
    teacher, path = choir.school.teacher, f"/sessions/{choir.session['id']}"
    for booking in (*choir.agreed, choir.asked):
        ended = "rejected" if booking is choir.asked else "cancelled"
        choir.school.patch(teacher, booking, status=ended)
    choir.school.post.forget()

    choir.change(choir.school.admin, **step)

    (row,) = choir.school.post.rows()
    assert (row.user_id, row.path) == (teacher.id, path)
    assert path in text_of(choir.school.post.to(teacher))
    mailed, fed = choir.event_mailed_to(teacher), choir.fed()
    assert (mailed["UID"], mailed["STATUS"], mailed["DTSTART"].dt) == (fed["UID"], fed["STATUS"], fed["DTSTART"].dt)


def test_a_cancelled_session_with_a_request_alone_is_one_message_to_its_teacher(choir: Choir) -> None:
    for booking in choir.agreed:
        choir.school.patch(choir.school.teacher, booking, status="cancelled")
    choir.school.post.forget()

    choir.change(choir.school.admin, status="cancelled", reason="A holiday.")

    assert choir.told(choir.school.teacher) == ["The school has cancelled the session."]
    assert choir.told(choir.people[2]) == ["The school has declined the lesson with Grace Hopper."]


def test_teachers_are_not_told_of_what_they_do_to_an_empty_session(school: School) -> None:
    gig = school.world.gig(school.teacher, times="timetable", capacity=4)
    at = {"starts_at": school.world.at(days=2)}
    session = school.teacher.post(f"/api/gigs/{gig['id']}/sessions", at).json["data"][0]
    school.post.forget()

    school.teacher.patch(f"/api/sessions/{session['id']}", {"status": "cancelled"})
    school.post.deliver()

    assert school.post.told() == []


@pytest.mark.parametrize("role", ["admin", "office"])
def test_a_teacher_hears_once_of_all_sessions_that_the_school_sets_for_them_at_once(school: School, role: str) -> None:
    gig = school.world.gig(school.teacher, title="Choir", times="timetable", capacity=4, location="Hall 1")
    weekly = {"starts_at": school.world.at(days=2), "repeat": {"until": "2026-12-14"}}
    school.post.forget()

    made = getattr(school.world, role)().post(f"/api/gigs/{gig['id']}/sessions", weekly)
    school.post.deliver()

    assert len(made.json["data"]) == 4
    (row,) = [row for row in school.post.rows() if row.user_id == school.teacher.id]
    assert (row.title, row.path) == ("The school has set 4 sessions for you.", f"/gigs/{gig['id']}/timetable")
    mail = school.post.to(school.teacher)
    assert mail["Subject"].startswith("4 new sessions: Choir, from ")
    assert "Last: Mon 14 Dec, 10:30" in text_of(mail)
    calendar = calendar_parts(mail)[0]
    assert len(Calendar.from_ical(calendar).walk("VEVENT")) == 4


def test_nobody_hears_of_sessions_that_a_teacher_sets(school: School) -> None:
    gig = school.world.gig(school.teacher, times="timetable", capacity=4)
    school.post.forget()

    school.teacher.post(f"/api/gigs/{gig['id']}/sessions", {"starts_at": school.world.at(days=2)})
    school.post.deliver()

    assert [row for row in school.post.rows() if row.user_id == school.teacher.id] == []
    assert school.post.mailed() == []
