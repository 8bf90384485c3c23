"""A teacher's week and day, a month of lessons, and the address of the calendar feed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.calendars.feeds import fetch
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.world import PASSWORD, World

Visit = Callable[..., Visitor]


def test_a_week_shows_lessons_under_their_days_and_says_which_ones_wait(visit: Visit, world: World) -> None:
    student, teacher = world.student(name="Ada King"), world.teacher()
    gig = world.gig(teacher, title="Piano")
    world.accepted(student, teacher, gig, starts_at="2026-11-24T15:00:00Z")
    world.booking(student, gig, starts_at="2026-11-26T23:30:00Z")
    cancelled = world.booking(student, gig, starts_at="2026-11-25T15:00:00Z")
    student.patch(f"/api/bookings/{cancelled['id']}", {"status": "cancelled"})

    text = visit(teacher).open("/schedule?date=2026-11-29").text

    assert "23–29 November" in text
    assert "Mon 23 Nov No lessons Tue 24 Nov 16:00–16:45 Ada King Piano Wed 25 Nov No lessons Thu 26 Nov No" in text
    assert "Fri 27 Nov 00:30–01:15 Ada King Piano Waiting Sat 28 Nov" in text
    assert "Schedule, 23–29 November · Lectern" in text
    # What can be booked depends on more than gaps between lessons, so a week does not say that it is free.
    assert "Free " not in text


def test_a_change_is_on_the_page_at_once_and_today_moves_on_at_midnight(
    visit: Visit, world: World, clock: FakeClock
) -> None:
    student, teacher = world.student(), world.teacher()
    booking = world.booking(student, world.gig(teacher), starts_at=world.at(hours=3))
    visitor = visit(teacher)
    before = visitor.open("/schedule").text

    teacher.patch(f"/api/bookings/{booking['id']}", {"starts_at": world.at(days=1)})
    after = visitor.open("/schedule").text
    clock.advance(hours=14)
    next_day = visitor.open("/schedule").text

    assert "Sat 21 Nov Today 13:30–14:15" in before
    assert "Sat 21 Nov Today No lessons Sun 22 Nov 10:30–11:15" in after
    assert "Sat 21 Nov No lessons Sun 22 Nov Today 10:30–11:15" in next_day


def test_a_day_shows_each_student_of_a_group_and_when_the_teacher_is_away(visit: Visit, world: World) -> None:
    teacher, first, second = world.teacher(), world.student(name="Ada"), world.student(name="Ben")
    gig = world.gig(teacher, title="Choir", capacity=3)
    weekly = [{"weekday": "tuesday", "start": "15:00", "end": "18:00"}]
    assert teacher.put("/api/teachers/me/availability", {"weekly": weekly}).status_code == 200
    for student in (first, second):
        world.booking(student, gig, starts_at="2026-11-24T14:00:00Z")
    away = [{"from": "2026-11-24T16:00:00Z", "to": "2026-11-24T18:00:00Z"}]
    assert teacher.put("/api/teachers/me/availability", {"weekly": weekly, "time_off": away}).status_code == 200

    text = visit(teacher).open("/schedule/day?date=2026-11-24").text

    assert "Tuesday 24 November" in text
    assert "15:00 16:00 17:00 Time off Time off on a part of this day 15:00–15:45 Ada Waiting , Ben Waiting" in text
    assert "Choir , 2 students" in text


def test_a_month_is_there_for_students_too_in_their_own_zone(visit: Visit, world: World) -> None:
    student, teacher = world.student(time_zone="Asia/Tokyo"), world.teacher(name="Grace Hopper")
    world.accepted(student, teacher, world.gig(teacher, title="Piano"), starts_at="2026-11-30T15:30:00Z")

    november = visit(student).open("/calendar?date=2026-11-03").text
    december = visit(student).open("/calendar?date=2026-12-31").text

    assert "No lessons in November 2026." in november
    assert "1 Tue 1 Dec Changed 00:30–01:15 Grace Hopper Piano 2 Wed 2 Dec" in december
    assert "No lessons in" not in december


def test_a_month_names_the_days_on_which_no_lessons_are_given(visit: Visit, world: World) -> None:
    teacher, student = world.teacher(), world.student()
    weekly = [{"weekday": "tuesday", "start": "09:00", "end": "17:00"}]
    away = [{"from": "2026-11-24T12:00:00Z", "to": "2026-12-02T00:00:00Z"}]
    assert teacher.put("/api/teachers/me/availability", {"weekly": weekly, "time_off": away}).status_code == 200
    days = {"name": "Harvest", "first_day": "2026-11-17", "last_day": "2026-11-17"}
    assert world.admin().post("/api/admin/holidays", days).status_code == 201

    own, other = (visit(person).open("/calendar?date=2026-11-03").text for person in (teacher, student))

    # The school's clock is not the reader's.
    assert "16 Mon 16 Nov No hours 17 Tue 17 Nov Harvest 18 Wed 18 Nov Harvest until 01:00 19" in own
    assert "24 Tue 24 Nov Time off from 13:00 25 Wed 25 Nov Time off 26" in own
    assert "16 Mon 16 Nov 17 Tue 17 Nov Harvest from 01:00 18 Wed 18 Nov Harvest until 01:00 19" in other


@pytest.mark.parametrize("role", ["teacher", "student"])
def test_a_month_has_all_lessons_of_a_day_for_paper_and_a_link_to_those_a_screen_leaves_out(
    visit: Visit, world: World, role: str
) -> None:
    people = {"teacher": world.teacher(), "student": world.student(name="Ada King")}
    gig = world.gig(people["teacher"])
    for hour in range(8, 15):
        world.accepted(people["student"], people["teacher"], gig, starts_at=f"2026-11-24T{hour:02}:00:00Z")

    visitor = visit(people[role]).open("/calendar?date=2026-11-24")

    page = visitor.answer.text
    assert (page.count('class="month-lesson '), page.count('class="month-rest"')) == (7, 2)
    assert "+2 more on Tue 24 Nov" in visitor.text
    day = "/schedule/day?date=2026-11-24" if role == "teacher" else "/lessons?from=2026-11-24&amp;to=2026-11-24"
    assert day in page


def test_a_lesson_across_midnight_stands_on_both_of_its_days(visit: Visit, world: World) -> None:
    student, teacher = world.student(name="Ada King"), world.teacher()
    gig = world.gig(teacher, title="Piano", duration_minutes=120)
    world.accepted(student, teacher, gig, starts_at="2026-11-29T22:30:00Z")
    visitor = visit(teacher)

    first_week = visitor.open("/schedule?date=2026-11-29").text
    second_week = visitor.open("/schedule?date=2026-11-30").text
    second_day = visitor.open("/schedule/day?date=2026-11-30").answer.text
    month = visitor.open("/calendar?date=2026-12-01").text

    assert "Sun 29 Nov 23:30–01:30 Ada King Piano" in first_week
    assert "Mon 30 Nov 23:30–01:30 since 29 Nov Ada King Piano" in second_week
    # From midnight until half past one.
    assert "from-1 for-18" in second_day
    assert "23:30–01:30 since 29 Nov Ada King" in month


def test_what_a_teacher_has_not_seen_is_marked_on_its_block(visit: Visit, world: World) -> None:
    student, teacher = world.student(name="Ada King"), world.teacher()
    gig = world.gig(teacher, title="Piano", confirmation="instant")
    booking = world.booking(student, gig, starts_at="2026-11-24T15:00:00Z")
    student.post(f"/api/bookings/{booking['id']}/messages", {"text": "May I bring my sister?"})
    visitor = visit(teacher)

    week = visitor.open("/schedule?date=2026-11-24").text
    visitor.open(f"/lessons/{booking['id']}")
    seen = visitor.open("/schedule?date=2026-11-24").text

    assert "16:00–16:45 Ada King Piano Changed New message" in week
    assert "16:00–16:45 Ada King Piano Wed" in seen


def test_what_lies_around_is_one_link_away(visit: Visit, world: World) -> None:
    visitor = visit(world.teacher())

    links = {path: _links(visitor.open(path)) for path in ("/schedule", "/schedule/day", "/calendar")}

    assert {"/schedule?date=2026-11-09", "/schedule?date=2026-11-23"} <= links["/schedule"]
    assert {"/schedule/day?date=2026-11-20", "/schedule/day?date=2026-11-22"} <= links["/schedule/day"]
    assert {"/calendar?date=2026-10-01", "/calendar?date=2026-12-01"} <= links["/calendar"]


def test_calendars_end_somewhere(visit: Visit, world: World) -> None:
    visitor = visit(world.teacher())

    for path in ("/schedule", "/schedule/day", "/calendar"):
        for day, direction in (("2000-01-01", "prev"), ("2099-12-31", "next")):
            assert visitor.open(f"{path}?date={day}").status == 200
            assert f'rel="{direction}"' not in visitor.answer.text
        for day in ("1999-12-31", "2100-01-01", "2026-02-30", "tomorrow", "2026-11-21T10:00", "0001-01-01"):
            assert visitor.open(f"{path}?date={day}").status == 422


def test_the_address_of_a_feed_is_shown_once_replaced_and_stopped(visit: Visit, world: World) -> None:
    visitor = visit(world.student()).open("/profile")

    first = _address(visitor.send("/profile/calendar-feed"))
    reloaded = visitor.open("/profile").answer.text
    second = _address(visitor.send("/profile/calendar-feed"))
    works = [fetch(world.app, address).status_code for address in (first, second)]
    stopped = visitor.open("/profile").send("/profile/calendar-feed/stop")

    assert first not in reloaded
    assert "at an address that you made on Sat 21 Nov, 10:30" in " ".join(reloaded.split())
    assert works == [404, 200]
    assert "does not work any more" in stopped.text
    assert "/profile/calendar-feed/stop" not in dict(stopped.actions)
    assert fetch(world.app, second).status_code == 404


def test_a_new_password_ends_the_feed_and_the_page_says_so(visit: Visit, world: World) -> None:
    student = world.student()
    visitor = visit(student).open("/profile")
    visitor.send("/profile/calendar-feed")
    assert "It works until you replace or stop it, or change your password." in visitor.text

    visitor.send("/profile/password", current_password=PASSWORD, new_password="a wholly different one")

    assert "Your calendar feed has ended, too; you can make a new address for it." in visitor.text
    assert [action for action, _ in visitor.actions].count("/profile/calendar-feed/stop") == 0


def test_a_lessons_page_links_to_its_file(visit: Visit, world: World) -> None:
    student = world.student()
    booking = world.booking(student, world.gig(world.teacher()))
    visitor = visit(student).open(f"/lessons/{booking['id']}")

    assert f"/api/bookings/{booking['id']}/calendar.ics" in _links(visitor)
    assert visitor.open(f"/api/bookings/{booking['id']}/calendar.ics").answer.data.startswith(b"BEGIN:VCALENDAR\r\n")


def _links(visitor: Visitor) -> set[str]:
    return set(re.findall(r'href="([^"]+)"', visitor.answer.text))


def _address(visitor: Visitor) -> str:
    """The path of the feed whose address is shown."""
    found = re.search(r'value="http://localhost(/api/calendar\.ics\?token=[^"]+)"', visitor.answer.text)
    assert found, visitor.text
    return found[1]


def test_a_page_that_is_reloaded_makes_no_other_address(visit: Visit, world: World) -> None:
    visitor = visit(world.student()).open("/profile").send("/profile/calendar-feed")
    address = _address(visitor)

    reloaded = visitor.open("/profile/calendar-feed")

    assert (reloaded.status, reloaded.path) == (200, "/profile")
    assert address not in reloaded.answer.text
    assert world.anyone.get(address.removeprefix("http://localhost")).status_code == 200
