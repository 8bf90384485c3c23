"""The page on which teachers say when they can be booked: what is typed becomes rules, and nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.pages.visitor import Visitor
from tests.schedule.bodies import DEFAULTS as NOTHING_SAID
from tests.schedule.bodies import exception, weekly
from tests.support.world import ANY_TIME, Person, World

Visit = Callable[..., Visitor]

# What the teacher of these tests begins with.
DEFAULTS = NOTHING_SAID | ANY_TIME
PATH, API = "/availability", "/api/teachers/me/availability"


@pytest.fixture
def teacher(world: World) -> Person:
    return world.teacher(time_zone="Europe/Berlin")


def send(visitor: Visitor, **typed: Any) -> Visitor:
    """Send the page's form with these values; dashes of names are written as two underscores."""
    values: dict[str, Any] = visitor.open(PATH).form().values | {"mode": "hours"}
    return visitor.post(PATH, values | {name.replace("__", "-"): value for name, value in typed.items()})


def stored(teacher: Person) -> dict[str, Any]:
    answer: dict[str, Any] = teacher.get(API).json
    assert answer.pop("time_zone") == "Europe/Berlin"
    return answer


def test_what_is_typed_becomes_the_rules(visit: Visit, teacher: Person) -> None:
    visitor = send(
        visit(teacher),
        monday__start=["09:00", "", "14:00"],
        monday__end=["12:00", "", "00:00"],
        exceptions__date=["2026-12-24", "2026-12-23", "2026-12-23"],
        exceptions__start=["", "18:00", "10:00"],
        exceptions__end=["", "19:00", "12:00"],
        time_off__from="2027-07-01T00:00",
        time_off__to="2027-07-15T00:00",
        buffer_after_minutes="15",
        notice="2",
        notice_unit="1440",
        horizon_days="90",
        max_per_day="4",
        slot_step_minutes="30",
    )

    assert "Saved. Students can ask for lessons at these times from now on." in visitor.text
    assert stored(teacher) == DEFAULTS | {
        "weekly": weekly("monday 09:00-12:00", "monday 14:00-00:00"),
        "exceptions": [exception("2026-12-24"), exception("2026-12-23", "10:00-12:00", "18:00-19:00")],
        "time_off": [{"from": "2027-06-30T22:00:00Z", "to": "2027-07-14T22:00:00Z"}],
        "buffer_after_minutes": 15,
        "minimum_notice_minutes": 2880,
        "horizon_days": 90,
        "max_per_day": 4,
        "slot_step_minutes": 30,
    }


def test_any_time_is_a_choice_of_its_own(visit: Visit, teacher: Person) -> None:
    visitor = visit(teacher).open(PATH)
    assert visitor.form().values["mode"] == "any"

    assert "nobody can ask for a lesson at present" in send(visitor).text
    assert stored(teacher)["weekly"] == []

    assert "at any time that is free" in send(visitor, mode="any", monday__start="09:00", monday__end="10:00").text
    assert stored(teacher) == DEFAULTS


def test_saving_what_is_shown_changes_nothing(visit: Visit, teacher: Person) -> None:
    body = {
        "weekly": weekly("monday 22:00-02:00", "tuesday 09:00-10:00"),
        "exceptions": [exception("2026-12-23", "10:00-12:00"), exception("2026-12-24")],
        # The first ends when half past two comes for the second time that night, the other begins between two minutes.
        "time_off": [
            {"from": "2027-10-31T00:30:00Z", "to": "2027-10-31T01:30:00Z"},
            {"from": "2028-10-29T01:30:00Z", "to": "2028-10-30T10:00:30Z"},
        ],
        "minimum_notice_minutes": 90,
        "max_per_week": 12,
    }
    assert teacher.put(API, body).status_code == 200
    visitor = visit(teacher)
    page = visitor.open(PATH)

    columns = ("exceptions-date", "exceptions-start", "exceptions-end", "time_off-from", "time_off-to")
    values = page.form().values | {name: _all(page, name) for name in columns}
    visitor.post(PATH, values)

    assert "Saved." in visitor.text
    assert stored(teacher) == DEFAULTS | body


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"monday__start": "09:00", "monday__end": ""}, "Monday: Please fill in both times."),
        ({"monday__start": "9 Uhr", "monday__end": "10:00"}, 'Monday: Give a time such as "09:00".'),
        ({"monday__start": "09:00", "monday__end": "24:01"}, "Monday: Give a time such as"),
        ({"exceptions__date": "", "exceptions__start": "09:00", "exceptions__end": "10:00"}, "Please choose a day."),
        (
            {"exceptions__date": "2026-02-30", "exceptions__start": "", "exceptions__end": ""},
            "Other days, 2026-02-30: There is no such day.",
        ),
        (
            {
                "exceptions__date": ["2026-12-24"] * 2,
                "exceptions__start": ["", "09:00"],
                "exceptions__end": ["", "10:00"],
            },
            "Another row has times for this date, so it is no day off.",
        ),
        (
            {
                "exceptions__date": ["2026-12-24"] * 25,
                "exceptions__start": ["09:00"] * 25,
                "exceptions__end": ["10:00"] * 25,
            },
            "Other days, 2026-12-24: At most 24.",
        ),
        (
            {"time_off__from": "2027-07-15T00:00", "time_off__to": "2027-07-15T00:00"},
            "Time off: The end has to be later.",
        ),
        ({"time_off__from": "2027-07-15T00:00", "time_off__to": ""}, "Time off: Please fill in both times."),
        ({"time_off__from": "0001-01-01T00:00", "time_off__to": "soon"}, "Time off: Please choose a day and a time."),
        ({"monday__start": ["09:00"] * 169, "monday__end": ["10:00"] * 169}, "At most 168."),
        ({"buffer_before_minutes": "a few"}, "Break before a lesson: Please enter a whole number."),
        ({"horizon_days": "731"}, "Days ahead: Choose a number from 1 to 730."),
        ({"notice": "731", "notice_unit": "1440"}, "Notice: Choose a number from 0 to"),
        ({"notice_unit": "7"}, "Unit of the notice: Not a valid choice."),
        ({"mode": "sometimes"}, "When can students book you?: Not a valid choice."),
    ],
)
def test_what_is_wrong_is_said_in_its_place_and_nothing_is_lost(
    visit: Visit, teacher: Person, typed: dict[str, Any], problem: str
) -> None:
    visitor = send(visit(teacher), tuesday__start="08:15", tuesday__end="08:45", **typed)

    assert (visitor.status, problem in visitor.text) == (422, True), visitor.text
    assert stored(teacher) == DEFAULTS
    kept = visitor.form().values
    last = {name: value[-1] if isinstance(value, list) else value for name, value in typed.items()}
    assert {name: kept.get(name.replace("__", "-")) for name in last if name != "notice_unit" and name != "mode"} == {
        name: value for name, value in last.items() if name != "notice_unit" and name != "mode"
    }
    assert kept["tuesday-start"] == "08:15"


def test_rows_are_added_and_removed_without_saving(visit: Visit, teacher: Person) -> None:
    visitor = visit(teacher)
    typed = {"monday__start": ["09:00", "14:00"], "monday__end": ["12:00", "17:00"]}

    more = send(visitor, **typed, row="add:monday").answer.text
    less = send(visitor, **typed, row="remove:monday:0").answer.text

    assert (visitor.status, more.count('name="monday-start"'), less.count('name="monday-start"')) == (200, 3, 1)
    assert ['value="09:00"' in each for each in (more, less)] == [True, False]
    assert 'value="17:00"' in less
    assert stored(teacher) == DEFAULTS


@pytest.mark.parametrize("wish", ["add:nothing", "remove:monday:7", "remove:monday:-1", "remove:monday:x", "x", ":"])
def test_a_wish_about_rows_that_makes_no_sense_changes_nothing(visit: Visit, teacher: Person, wish: str) -> None:
    visitor = send(visit(teacher), monday__start="09:00", monday__end="12:00", row=wish)

    assert (visitor.status, visitor.form().values["monday-start"]) == (200, "09:00")


def test_lessons_that_are_booked_stay_where_they_are(visit: Visit, world: World, teacher: Person) -> None:
    student = world.student()
    booking = world.booking(student, world.gig(teacher), starts_at="2026-11-24T09:00:00Z")

    send(visit(teacher), monday__start="09:00", monday__end="12:00")

    assert student.get(f"/api/bookings/{booking['id']}").json["status"] == "pending"


def _all(visitor: Visitor, name: str) -> list[str]:
    """All values of the page's rows in one column."""
    parts = visitor.answer.text.split(f'name="{name}" value="')[1:]
    return [part.partition('"')[0] for part in parts]


def test_times_stand_in_order_and_those_that_overlap_become_one_if_that_is_meant(visit: Visit, teacher: Person) -> None:
    hours = {
        "wednesday__start": ["16:00", "08:00", "11:00", "18:00"],
        "wednesday__end": ["20:30", "11:00", "13:00", "22:00"],
    }

    visitor = send(visit(teacher), **hours)

    assert (visitor.status, stored(teacher)["weekly"]) == (422, None)
    assert "overlap. Shall they become 08:00–11:00 and 11:00–13:00 and 16:00–22:00?" in visitor.text
    send(visitor, **hours, meant="yes")
    assert stored(teacher)["weekly"] == weekly(
        "wednesday 08:00-11:00", "wednesday 11:00-13:00", "wednesday 16:00-22:00"
    )


def test_what_a_program_has_stored_is_shown_in_order(visit: Visit, teacher: Person) -> None:
    teacher.put(API, {"weekly": weekly("friday 16:00-20:00", "friday 09:00-12:00", "friday 10:00-24:00")})

    text = visit(teacher).open(PATH).answer.text

    assert re.findall(r'name="friday-(?:start|end)" value="([^"]*)"', text) == [
        *("09:00", "12:00", "10:00", "00:00", "16:00", "20:00")
    ]


def test_times_that_run_through_the_night_are_asked_about(visit: Visit, teacher: Person) -> None:
    slip = {"wednesday__start": "13:00", "wednesday__end": "12:00", "friday__start": "22:00", "friday__end": "02:00"}

    visitor = send(visit(teacher), **slip, saturday__start="09:00", saturday__end="00:00")

    assert (visitor.status, stored(teacher)["weekly"]) == (422, None)
    assert "Wednesday, 13:00–12:00 runs through the night: 23 hours. Is that meant?" in visitor.text
    assert "Friday, 22:00–02:00 runs through the night: 4 hours. Is that meant?" in visitor.text
    assert "Saturday, 09:00" not in visitor.text
    assert visitor.form().values["wednesday-end"] == "12:00"
    visitor.send(meant="yes")
    assert stored(teacher)["weekly"] == weekly("wednesday 13:00-12:00", "friday 22:00-02:00", "saturday 09:00-00:00")
    assert visitor.open(PATH).send().status == 200


def test_whole_days_off_are_dates(visit: Visit, teacher: Person) -> None:
    visitor = send(visit(teacher), holidays__first=["2027-03-27", "2027-05-01"], holidays__last=["2027-03-28", ""])

    again = visitor.open(PATH)
    wrong = send(visitor, holidays__first="2027-05-02", holidays__last="2027-05-01")

    # On the second day clocks are changed.
    assert stored(teacher)["time_off"] == [
        {"from": "2027-03-26T23:00:00Z", "to": "2027-03-28T22:00:00Z"},
        {"from": "2027-04-30T22:00:00Z", "to": "2027-05-01T22:00:00Z"},
    ]
    assert again is visitor
    assert "Days off: The end has to be later." in wrong.text


def test_monday_is_copied_to_the_working_days_without_saving(visit: Visit, teacher: Person) -> None:
    visitor = send(visit(teacher), monday__start="09:00", monday__end="12:00", row="copy:monday")

    values = visitor.form().values
    ends = [values[f"{day}-end"] for day in ("monday", "tuesday", "friday", "saturday")]
    assert (ends, stored(teacher)["weekly"]) == (["12:00", "12:00", "12:00", ""], None)


def test_a_schedule_is_added_named_and_deleted(visit: Visit, teacher: Person) -> None:
    visitor = visit(teacher).open(PATH).send("/availability/schedules")
    added = visitor.path

    visitor.send(None, name="School", time_zone="Asia/Tokyo", mode="hours")
    listed = teacher.get("/api/teachers/me/schedules").json["data"]
    visitor.open(added).send(f"/availability/schedules/{listed[1]['id']}/delete")

    assert [(row["name"], row["time_zone"]) for row in listed] == [
        ("My hours", "Europe/Berlin"),
        ("School", "Asia/Tokyo"),
    ]
    assert len(teacher.get("/api/teachers/me/schedules").json["data"]) == 1
    assert "The schedule is deleted." in visitor.text


def test_the_page_says_what_holds_and_which_lessons_lie_outside(visit: Visit, world: World, teacher: Person) -> None:
    student = world.student(name="Leila Farahani")
    booking = world.booking(student, world.gig(teacher), starts_at="2026-11-24T09:00:00Z")

    visitor = send(visit(teacher), tuesday__start="16:00", tuesday__end="20:30", friday__start="", friday__end="")

    assert "1 booked lesson lies outside them, see below." in visitor.text
    assert ("Tue 16:00–20:30" in visitor.text, "by the clock of Berlin" in visitor.text) == (True, True)
    assert "Tue 24 Nov 16:00–20:30" in visitor.text
    assert f'href="/lessons/{booking["id"]}"' in visitor.answer.text
    assert [word in visitor.text for word in ("Leila Farahani", "Piano for beginners", "10:00–10:45")] == [True] * 3
