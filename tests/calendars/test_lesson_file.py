"""The file of a single lesson, and times in files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject

from calendars.feed.ical import Lesson, write
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


def test_a_lesson_that_touches_a_doubled_hour_is_said_in_utc() -> None:
    # From 01:00 UTC on the clocks of Berlin show the hour from 02:00 to 03:00 for the second time.
    lessons = [
        lesson("30T23:00", "30T23:59"),
        lesson("30T23:15", "31T00:00"),
        lesson("31T00:00", "31T00:15"),
        lesson("31T00:30", "31T01:00"),
        lesson("31T01:15", "31T02:00"),
        lesson("31T02:00", "31T02:30"),
    ]

    found = icalendar.Calendar.from_ical(write(lessons, ZoneInfo("Europe/Berlin")))

    assert [(it["dtstart"].to_ical(), it["dtend"].to_ical()) for it in found.events] == [
        (b"20271031T010000", b"20271031T015900"),
        (b"20271030T231500Z", b"20271031T000000Z"),
        (b"20271031T000000Z", b"20271031T001500Z"),
        (b"20271031T003000Z", b"20271031T010000Z"),
        (b"20271031T011500Z", b"20271031T020000Z"),
        (b"20271031T030000", b"20271031T033000"),
    ]


@pytest.mark.parametrize("zone", ZONES)
def test_every_reader_finds_the_same_instants_whichever_of_two_equal_times_it_takes(zone: str) -> None:
    # All half hours of the days on which the clocks of some of these zones are put back.
    days = ("2027-04-03T06:00+00:00", "2027-10-28T12:00+00:00", "2027-10-30T12:00+00:00", "2027-11-06T18:00+00:00")
    starts = [datetime.fromisoformat(day) + timedelta(minutes=30 * half) for day in days for half in range(48)]
    spans = [(start, start + timedelta(minutes=length)) for start in starts for length in (30, 180)]

    file = write([a_lesson(*span) for span in spans], ZoneInfo(zone))

    events: list[Any] = list(icalendar.Calendar.from_ical(file).events)
    for fold in (0, 1):
        read = [tuple(event[name].dt.replace(fold=fold) for name in ("dtstart", "dtend")) for event in events]
        assert [(start.astimezone(UTC), end.astimezone(UTC)) for start, end in read] == spans
    assert [event.dtstart.value for event in vobject.readOne(file.decode()).vevent_list] == [it[0] for it in spans]


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


def lesson(start: str, end: str) -> Lesson:
    """A lesson in October 2027."""
    return a_lesson(*(datetime.fromisoformat(f"2027-10-{time}+00:00") for time in (start, end)))


def a_lesson(start: datetime, end: datetime) -> Lesson:
    made = datetime(2027, 1, 1, tzinfo=UTC)
    return Lesson(
        id=1,
        status="accepted",
        title="Piano",
        people="Ada",
        starts_at=start,
        ends_at=end,
        note="",
        location="",
        revision=0,
        created_at=made,
        updated_at=made,
        url="http://localhost/lessons/1",
    )


def _event(file: bytes) -> Any:
    (found,) = icalendar.Calendar.from_ical(file).events
    return found


def _summary(file: bytes) -> str:
    return str(_event(file)["summary"])
