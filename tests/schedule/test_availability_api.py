"""What teachers may say about their time, and what becomes of bad input."""

from __future__ import annotations

from typing import Any

import pytest

from jsontext import dumps
from tests.schedule.bodies import DEFAULTS, exception, weekly
from tests.support.world import World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PATH = "/api/teachers/me/availability"
WINDOW = {"start": "09:00", "end": "17:00"}
MONDAY = {"weekday": "monday", **WINDOW}
WHOLE: dict[str, Any] = {
    # Neither sorted nor merged: it comes back as it was entered.
    "weekly": weekly("friday 22:00-02:00", "monday 09:00-12:00", "monday 11:00-17:00", "sunday 00:00-24:00"),
    "exceptions": [exception("2027-03-28", "10:00-12:00", "13:00-13:00"), exception("2026-12-24")],
    "time_off": [{"from": "2027-07-01T00:00:00Z", "to": "2027-07-15T12:30:00Z"}],
    "buffer_before_minutes": 5,
    "buffer_after_minutes": 10,
    "minimum_notice_minutes": 1440,
    "horizon_days": 90,
    "max_per_day": 4,
    "max_per_week": 12,
    "slot_step_minutes": 15,
}
ZONE = {"time_zone": "Europe/Berlin"}
SIZES = ("buffer_before_minutes", "buffer_after_minutes", "minimum_notice_minutes", "horizon_days")
LIMITS = ("max_per_day", "max_per_week", "slot_step_minutes")

# The field, and a value that it does not take.
BAD_VALUES: list[tuple[str, Any]] = [
    *((field, value) for field in (*SIZES, *LIMITS) for value in ("5", 5.5, True, -1, 2**63, [5], {})),
    *((field, None) for field in (*SIZES, "exceptions", "time_off")),
    *((field, 0) for field in (*LIMITS, "horizon_days")),
    ("horizon_days", 731),
    ("minimum_notice_minutes", 730 * 1440 + 1),
    ("buffer_before_minutes", 1441),
    ("slot_step_minutes", 4),
    ("slot_step_minutes", 481),
    *(("weekly", value) for value in ("monday", {}, 1, [None], ["monday"], [[]], [{}], [MONDAY] * 169)),
    *(("weekly", [{**MONDAY, "weekday": day}]) for day in ("Monday", "mon", 0, None, "", "monday ")),
    *(("weekly", [{**MONDAY, "start": time}]) for time in ("24:00", "9:00", "09:60", "0900", "09:00:00", 9, None)),
    *(("weekly", [{**MONDAY, "start": time}]) for time in ("09:00\n", "٠٩:٠٠", "-1:00", "", "09:00Z")),
    *(("weekly", [{**MONDAY, "end": time}]) for time in ("24:01", "25:00", "midnight", 1440, None)),
    ("weekly", [{"weekday": "monday", "start": "09:00"}]),
    ("weekly", [{**MONDAY, "colour": "red"}]),
    *(("exceptions", value) for value in ("2027-03-28", {}, [None], [{}], [{"windows": []}])),
    *(
        ("exceptions", [{"date": date, "windows": []}])
        for date in ("2027-02-29", "28.03.2027", "2027-3-28", "20270328")
    ),
    *(("exceptions", [{"date": date, "windows": []}]) for date in ("2027-W12-7", "0000-01-01", "2027-03-28T00:00", 1)),
    *(("exceptions", [{"date": "2027-03-28", "windows": it}]) for it in (None, {}, [MONDAY], [WINDOW] * 25, [{}])),
    ("exceptions", [exception("2027-03-28"), exception("2027-03-28", "10:00-12:00")]),
    ("exceptions", [exception(f"2{year:03}-01-{day:02}") for year in range(40) for day in range(1, 27)]),
    ("exceptions", [exception(f"2{year:03}-01-01", *["09:00-10:00"] * 24) for year in range(42)]),
    *(("time_off", value) for value in ("July", {}, [None], [{}], [{"from": "2027-07-01T00:00:00Z"}])),
    ("time_off", [{"from": "2027-07-01T00:00:00Z", "to": "2027-07-01T00:00:00Z"}]),
    ("time_off", [{"from": "2027-07-02T00:00:00Z", "to": "2027-07-01T00:00:00Z"}]),
    ("time_off", [{"from": "2027-07-01T00:00:00", "to": "2027-07-02T00:00:00Z"}]),
    ("time_off", [{"from": "2027-07-01T00:00:00.5Z", "to": "2027-07-02T00:00:00Z"}]),
    ("time_off", [{"from": "2027-07-01", "to": "2027-07-02"}]),
    ("time_off", [{"from": "2027-07-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"}]),
    ("time_off", [{"from": "0001-01-01T00:00:00Z", "to": "2027-07-01T00:00:00Z"}]),
    ("time_off", [{"from": "2027-07-01T00:00:00Z", "to": "2027-07-02T00:00:00Z", "why": "sea"}]),
    ("time_off", [{"from": "2027-07-01T00:00:00Z", "to": "2027-07-02T00:00:00Z"}] * 501),
    ("exceptions", [{"date": "1999-12-31"}]),
    ("exceptions", [{"date": "2101-01-01"}]),
    ("exceptions", [{"date": "9999-12-31", "windows": [{"start": "22:00", "end": "02:00"}]}]),
    ("time_zone", "Berlin"),
    ("teacher_id", 1),
]


def test_a_teacher_who_has_entered_nothing_has_the_defaults(world: World) -> None:
    answer = world.teacher(hours=None).get(PATH)

    assert (answer.status_code, answer.json) == (200, DEFAULTS | ZONE)


def test_what_is_entered_comes_back_as_it_was(world: World) -> None:
    teacher = world.teacher()

    put = teacher.put(PATH, WHOLE)

    assert (put.status_code, put.json) == (200, WHOLE | ZONE | {"outside": []})
    assert teacher.get(PATH).json == WHOLE | ZONE


def test_a_put_replaces_everything_and_what_is_left_out_has_its_default(world: World) -> None:
    teacher, other = world.teacher(), world.teacher()
    other.put(PATH, WHOLE)
    teacher.put(PATH, WHOLE)

    answers = [teacher.put(PATH, body) for body in ({"max_per_day": 2}, {"weekly": None}, {})]

    told = DEFAULTS | ZONE | {"outside": []}
    assert [answer.json for answer in answers] == [told | {"max_per_day": 2}, told | {"weekly": None}, told]
    assert other.get(PATH).json == WHOLE | ZONE


def test_instants_come_back_in_utc_and_a_day_off_needs_no_windows(world: World) -> None:
    body = {
        "exceptions": [{"date": "2026-12-24"}],
        "time_off": [{"from": "2027-07-01T02:00:00+02:00", "to": "2027-07-02T00:00:00.000Z"}],
    }

    answer = world.teacher().put(PATH, body)

    assert answer.json["exceptions"] == [{"date": "2026-12-24", "windows": []}]
    assert answer.json["time_off"] == [{"from": "2027-07-01T00:00:00Z", "to": "2027-07-02T00:00:00Z"}]


@on_sqlite
def test_a_bad_value_is_refused_by_name_and_changes_nothing(world: World) -> None:
    teacher = world.teacher()
    teacher.put(PATH, WHOLE)

    for field, value in BAD_VALUES:
        answer = teacher.put(PATH, {field: value})

        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), (field, value)
        assert list(answer.json["errors"]) == [field], (field, value)
    assert teacher.get(PATH).json == WHOLE | ZONE


@on_sqlite
@pytest.mark.parametrize("body", [None, [], "weekly", 7])
def test_what_is_no_object_is_refused_and_changes_nothing(world: World, body: Any) -> None:
    teacher = world.teacher()
    teacher.put(PATH, WHOLE)

    answer = teacher.client.put(PATH, data=dumps(body), content_type="application/json", headers=teacher.headers)

    assert answer.status_code == 422
    assert teacher.get(PATH).json == WHOLE | ZONE


@on_sqlite
def test_only_teachers_have_availability(world: World) -> None:
    for person in (world.student(), world.admin()):
        assert person.get(PATH).status_code == 403
        assert person.put(PATH, {}).status_code == 403
    assert world.anyone.get(PATH).status_code == 401
    assert world.anyone.put(PATH, json={}).status_code == 401


def test_lessons_that_are_booked_stay(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    booking = world.booking(student, world.gig(teacher))

    teacher.put(PATH, {"weekly": []})

    assert student.get(f"/api/bookings/{booking['id']}").json["status"] == "pending"
    assert teacher.patch(f"/api/bookings/{booking['id']}", {"status": "accepted"}).status_code == 200
