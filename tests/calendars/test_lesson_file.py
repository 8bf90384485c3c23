"""The file of a single lesson, and times in files."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest
import vobject

from tests.bookings.rows import insert_booking
from tests.calendars.feeds import events, fetch, subscribe
from tests.support.world import World

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu", "UTC"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("zone", ZONES)
def test_two_programs_find_the_instants_of_lessons_on_both_sides_of_clock_changes(world: World, zone: str) -> None:
    student = world.student(time_zone=zone)
    gig, starts = world.gig(world.teacher()), []
    # Some days around the changes of all these zones, at all hours.
    for first in (
        "2027-03-13T00:00+00:00",
        "2027-03-27T12:00+00:00",
        "2027-10-02T00:00+00:00",
        "2027-11-06T20:00+00:00",
    ):
        starts += [datetime.fromisoformat(first) + timedelta(hours=hours) for hours in range(0, 48, 2)]
    for start in starts:
        insert_booking(world.app, student, gig, start)

    file = fetch(world.app, subscribe(student)).data

    by_icalendar = [event["dtstart"].dt for event in icalendar.Calendar.from_ical(file).events]
    by_vobject = [event.dtstart.value for event in vobject.readOne(file.decode()).vevent_list]
    assert by_icalendar == by_vobject == starts
    assert (b"VTIMEZONE" in file) == (zone != "UTC")
    assert {event["dtstart"].params.get("TZID") for event in events(world.app, subscribe(student))} <= {zone, None}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_second_of_two_equal_times_is_said_in_utc(world: World) -> None:
    student = world.student(time_zone="Europe/Berlin")
    gig = world.gig(world.teacher())
    starts = [datetime.fromisoformat(f"2027-10-31T{time}+00:00") for time in ("00:00", "00:30", "01:15", "02:00")]
    for start in starts:
        insert_booking(world.app, student, gig, start, minutes=30 if start.minute else 15)

    found = events(world.app, subscribe(student))

    assert [it["dtstart"].to_ical() for it in found] == [
        *(b"20271031T020000", b"20271031T003000Z"),
        *(b"20271031T011500Z", b"20271031T030000"),
    ]
    assert [it["dtend"].to_ical() for it in found][:2] == [b"20271031T021500", b"20271031T010000Z"]


def test_one_lesson_is_a_file_for_its_people_alone(world: World) -> None:
    student, teacher = world.student(name="Ada"), world.teacher(name="Grace")
    booking = world.accepted(student, teacher, world.gig(teacher, location="Room 7"))
    path = f"/api/bookings/{booking['id']}/calendar.ics"

    answers = [person.get(path) for person in (student, teacher, world.admin())]

    assert [_summary(answer.data) for answer in answers] == [
        *("Piano for beginners with Grace", "Piano for beginners with Ada"),
        "Piano for beginners with Ada and Grace",
    ]
    assert answers[0].headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answers[0].headers["Content-Disposition"] == f'attachment; filename="lesson-{booking["id"]}.ics"'
    assert answers[0].headers["Cache-Control"] == "no-store"
    assert world.student().get(path).status_code == 404
    # The same lesson, for programs that know it from the feed.
    assert _event(answers[0].data)["uid"] == events(world.app, subscribe(student))[0]["uid"]


def _event(file: bytes) -> Any:
    (found,) = icalendar.Calendar.from_ical(file).events
    return found


def _summary(file: bytes) -> str:
    return str(_event(file)["summary"])
