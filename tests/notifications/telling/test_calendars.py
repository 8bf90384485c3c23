"""What mails do to the calendars of their readers."""

from __future__ import annotations

from icalendar import Calendar

from tests.notifications.telling.conftest import School
from tests.notifications.telling.post import ReadersCalendar, calendar_parts
from tests.support.world import Person


def test_a_lesson_comes_into_the_calendar_moves_there_and_goes(school: School) -> None:
    calendar = ReadersCalendar()
    booking = school.accepted()

    def after(who: Person, reader: Person, **step: str) -> list[tuple[str, str]]:
        school.patch(who, booking, **step)
        school.post.deliver()
        calendar.take(school.post.to(reader))
        return calendar.shown

    school.post.deliver()
    calendar.take(school.post.to(school.student))
    assert calendar.shown == [("Sun 09:30", "CONFIRMED")]
    assert after(school.teacher, school.student, starts_at=school.world.at(days=2)) == [("Mon 09:30", "CONFIRMED")]
    assert after(school.teacher, school.student, status="cancelled") == []
    assert len(calendar.events) == 1


def test_a_lesson_that_is_asked_to_be_moved_stays_where_it_is_until_that_is_accepted(school: School) -> None:
    calendar = ReadersCalendar()
    booking = school.accepted()
    school.post.forget()

    school.patch(school.student, booking, starts_at=school.world.at(days=2))
    school.post.deliver()
    asked = calendar_parts(school.post.to(school.teacher))
    school.patch(school.teacher, booking, move="accept")
    school.post.deliver()
    calendar.take(school.post.to(school.student))

    assert (asked, calendar.shown) == ([], [("Mon 09:30", "CONFIRMED")])


def test_what_was_never_agreed_on_is_in_no_calendar(school: School) -> None:
    booking = school.booking()
    school.patch(school.teacher, booking, status="rejected")

    school.post.deliver()

    assert [calendar_parts(mail) for mail in school.post.inbox.received] == [[], []]


def test_a_mail_that_comes_late_does_not_bring_a_cancelled_lesson_back(school: School) -> None:
    calendar = ReadersCalendar()
    school.post.inbox.on_data = "451 Come back later"
    booking = school.accepted()
    school.post.deliver()
    school.patch(school.teacher, booking, status="cancelled")
    school.post.inbox.on_data = ""
    school.world.clock.advance(minutes=10)  # type: ignore[attr-defined]
    school.post.deliver()

    mails = [mail for mail in school.post.inbox.received if mail["To"].addresses[0].addr_spec == school.student.email]
    for mail in mails:
        calendar.take(mail)

    assert len(mails) == 2
    assert calendar.shown == []


def test_all_lessons_of_a_series_come_and_go_with_one_mail(school: School) -> None:
    calendar = ReadersCalendar()
    body = {"gig_id": school.gig["id"], "starts_at": school.world.at(days=1), "weeks": 3}
    first = school.student.post("/api/bookings/series", body).json["data"][0]["id"]

    school.teacher.patch(f"/api/bookings/{first}/series", {"status": "accepted"})
    school.post.deliver()
    calendar.take(school.post.to(school.student))
    agreed = calendar.shown
    school.teacher.patch(f"/api/bookings/{first}/series", {"status": "cancelled"})
    school.post.deliver()
    calendar.take(school.post.to(school.student))

    assert agreed == [("Sun 09:30", "CONFIRMED")] * 3
    assert calendar.shown == []


def test_mails_and_feeds_speak_of_the_same_lesson(school: School) -> None:
    booking = school.accepted()
    school.post.deliver()

    (mailed,) = Calendar.from_ical(calendar_parts(school.post.to(school.student))[0]).walk("VEVENT")
    file = school.student.get(f"/api/bookings/{booking['id']}/calendar.ics").text
    (fed,) = Calendar.from_ical(file).walk("VEVENT")

    for name in ("UID", "SEQUENCE", "SUMMARY", "LOCATION", "STATUS"):
        assert mailed[name] == fed[name], name
