"""Several schedules of one teacher: who chooses which, what holds for all of them, and whose clock they go by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schedule.queries import away_until
from tests.conftest import FakeClock
from tests.schedule.bodies import DEFAULTS, weekly
from tests.support.world import ANY_TIME, Person, World

AVAILABILITY, SCHEDULES = "/api/teachers/me/availability", "/api/teachers/me/schedules"
UTC: dict[str, Any] = {"time_zone": "UTC"}
MONDAY = "2026-11-23T{}:00Z"

on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_one_database
def test_nothing_is_offered_before_a_teacher_has_said_when(world: World) -> None:
    teacher = world.teacher(hours=None)
    gig = world.gig(teacher)

    said = teacher.get(AVAILABILITY).json
    offered = _starts(world, gig)
    booked = world.student().post("/api/bookings", {"gig_id": gig["id"], "starts_at": MONDAY.format("10:00")})

    assert said == {**DEFAULTS, "weekly": [], "time_zone": "Europe/Berlin"}
    assert (offered, booked.json["type"]) == ([], "/problems/slot-unavailable")


@on_one_database
def test_every_teacher_has_a_default_schedule_from_the_start(world: World) -> None:
    teacher, promoted = world.teacher(hours=None), world.student()
    world.operator("accounts", "set-role", promoted.email, "teacher")

    listed = [world.sign_in(person).get(SCHEDULES).json["data"] for person in (teacher, promoted)]

    assert [[(row["name"], row["default"]) for row in rows] for rows in listed] == [[("My hours", True)]] * 2


@on_one_database
def test_gigs_choose_among_the_schedules_of_their_teacher(world: World) -> None:
    teacher = world.teacher(**UTC, hours={"weekly": weekly("monday 09:00-11:00")})
    evenings = _schedule(teacher, time_zone="America/New_York", weekly=weekly("monday 09:00-10:00"))
    usual, late = (world.gig(teacher, duration_minutes=60, schedule_id=it) for it in (None, evenings["id"]))
    named = world.gig(teacher, duration_minutes=60, schedule_id=teacher.get(SCHEDULES).json["data"][0]["id"])
    foreign = teacher.patch(f"/api/gigs/{usual['id']}", {"schedule_id": _schedule(world.teacher())["id"]})

    offered = [_starts(world, gig) for gig in (usual, late, named)]

    nine_to_eleven = [MONDAY.format("09:00"), MONDAY.format("10:00")]
    assert offered == [nine_to_eleven, [MONDAY.format("14:00")], nine_to_eleven]
    assert (foreign.status_code, [*foreign.json["errors"]]) == (422, ["schedule_id"])
    assert late["schedule_id"] == evenings["id"]


@on_one_database
def test_a_new_zone_in_the_profile_moves_no_offered_hour(world: World) -> None:
    teacher = world.teacher(hours={"weekly": weekly("monday 16:00-18:00")})
    gig = world.gig(teacher)
    before = _starts(world, gig)

    teacher.patch("/api/users/me", {"time_zone": "America/New_York"})
    kept = _starts(world, gig)
    teacher.put(AVAILABILITY, {"weekly": weekly("monday 16:00-18:00"), "time_zone": "America/New_York"})

    assert kept == before == [MONDAY.format("15:00"), MONDAY.format("15:45")]
    assert _starts(world, gig) == [MONDAY.format("21:00"), MONDAY.format("21:45")]


@on_one_database
def test_until_something_is_said_the_zone_is_that_of_the_profile(world: World) -> None:
    teacher = world.teacher(hours=None)
    teacher.patch("/api/users/me", {"time_zone": "Asia/Kathmandu"})

    shown = teacher.get(AVAILABILITY).json["time_zone"]
    teacher.put(AVAILABILITY, ANY_TIME)
    teacher.patch("/api/users/me", {"time_zone": "UTC"})

    assert shown == teacher.get(AVAILABILITY).json["time_zone"] == "Asia/Kathmandu"


def test_time_off_breaks_and_limits_of_every_schedule_hold_for_all_lessons(world: World) -> None:
    teacher = world.teacher(**UTC, hours={"weekly": weekly("monday 09:00-16:00"), "buffer_before_minutes": 10})
    off = [{"from": MONDAY.format("09:00"), "to": MONDAY.format("10:00")}]
    _schedule(teacher, time_zone="America/New_York", time_off=off, buffer_after_minutes=20, max_per_day=1)
    gig, student = world.gig(teacher, duration_minutes=60), world.student()
    quarters = world.gig(teacher, duration_minutes=15)

    free = _starts(world, gig)
    world.booking(student, quarters, starts_at=MONDAY.format("11:00"))
    answers = [
        world.student().post("/api/bookings", {"gig_id": gig["id"], "starts_at": MONDAY.format(at)})
        for at in ("09:00", "13:00")
    ]

    assert free == [MONDAY.format(f"{hour}:00") for hour in range(10, 16)]
    assert [answer.json.get("type") for answer in answers] == ["/problems/slot-unavailable"] * 2
    assert _starts(world, gig) == []


@on_one_database
def test_between_lessons_lie_the_longest_breaks_of_all_schedules(world: World) -> None:
    teacher = world.teacher(**UTC, hours={"weekly": weekly("monday 09:00-13:00"), "buffer_before_minutes": 10})
    _schedule(teacher, buffer_after_minutes=20)
    gig = world.gig(teacher, duration_minutes=15)

    world.booking(world.student(), gig, starts_at=MONDAY.format("11:00"))

    assert _starts(world, gig)[-1] == MONDAY.format("12:45")
    assert MONDAY.format("11:30") not in _starts(world, gig)
    assert {MONDAY.format("10:15"), MONDAY.format("11:45")} < {*_starts(world, gig)}


@on_one_database
def test_a_schedule_is_replaced_as_a_whole_but_keeps_its_name_and_zone(world: World) -> None:
    teacher = world.teacher()
    made = _schedule(teacher, time_zone="Asia/Tokyo", max_per_day=3)
    path = f"{SCHEDULES}/{made['id']}"

    replaced = teacher.put(path, {"weekly": weekly("monday 09:00-10:00")}).json
    renamed = teacher.put(path, {"name": "Summer", "time_zone": "UTC"}).json

    assert made.items() >= {"name": "School", "default": False, "time_zone": "Asia/Tokyo", "max_per_day": 3}.items()
    assert (replaced["name"], replaced["time_zone"], replaced["max_per_day"]) == ("School", "Asia/Tokyo", None)
    assert (renamed["name"], renamed["time_zone"], renamed["weekly"]) == ("Summer", "UTC", [])
    assert teacher.get(path).json["name"] == teacher.get(SCHEDULES).json["data"][1]["name"] == "Summer"


def test_a_schedule_is_deleted_unless_it_is_the_default_one_or_in_use(world: World) -> None:
    teacher = world.teacher()
    default = teacher.get(SCHEDULES).json["data"][0]
    free, used = _schedule(teacher), _schedule(teacher)
    gig = world.gig(teacher, schedule_id=used["id"])

    answers = [teacher.delete(f"{SCHEDULES}/{each['id']}") for each in (default, used, free, free)]
    teacher.patch(f"/api/gigs/{gig['id']}", {"schedule_id": None})

    types = [answer.json and answer.json["type"] for answer in answers]
    assert types == ["/problems/default-schedule", "/problems/schedule-in-use", None, "/problems/not-found"]
    assert [answer.status_code for answer in answers] == [409, 409, 204, 404]
    assert teacher.delete(f"{SCHEDULES}/{used['id']}").status_code == 204


@on_one_database
@pytest.mark.parametrize(
    "body",
    [{}, {"name": ""}, {"name": "x" * 81}, {"name": "a", "time_zone": "Mars"}, {"name": "a", "default": True}],
)
def test_bad_schedules_are_refused(world: World, body: dict[str, Any]) -> None:
    assert world.teacher(hours=None).post(SCHEDULES, body).status_code == 422


@on_one_database
def test_a_series_keeps_to_the_clock_of_the_gigs_schedule(world: World, clock: FakeClock) -> None:
    teacher = world.teacher(**UTC)
    berlin = _schedule(teacher, time_zone="Europe/Berlin", weekly=weekly("monday 16:00-17:00"))
    gig = world.gig(teacher, duration_minutes=60, schedule_id=berlin["id"])
    clock.instant += timedelta(days=120)
    body = {"gig_id": gig["id"], "starts_at": "2027-03-22T15:00:00Z", "weeks": 2}

    made = world.sign_in(world.student()).post("/api/bookings/series", body)

    assert [row["starts_at"] for row in made.json["data"]] == ["2027-03-22T15:00:00Z", "2027-03-29T14:00:00Z"]


@on_one_database
def test_who_is_away_tomorrow_is_back_at_the_end_of_that_time_off(world: World, clock: FakeClock) -> None:
    teacher = world.teacher()
    off = [{"from": "2026-11-22T00:00:00Z", "to": "2026-11-28T00:00:00Z"}]
    _schedule(teacher, time_off=off)
    teacher.put(AVAILABILITY, {"time_off": [{"from": off[0]["to"], "to": "2026-11-29T23:00:00Z"}]})

    with world.app.app_context():
        back = [away_until(teacher.id, clock() + timedelta(days=days)) for days in (-1, 0, 7, 8)]

    assert [each and each.isoformat() for each in back] == [None, *["2026-11-29T23:00:00+00:00"] * 2, None]


def _schedule(teacher: Person, **hours: Any) -> dict[str, Any]:
    made = teacher.post(SCHEDULES, {"name": "School", **hours})
    assert made.status_code == 201, made.text
    return dict(made.json)


def _starts(world: World, gig: dict[str, Any]) -> list[str]:
    """The starts that are offered on the Monday after the clock's weekend."""
    query = {"gig_id": gig["id"], "from": MONDAY.format("00:00"), "to": "2026-11-24T00:00:00Z"}
    answer = world.anyone.get(f"/api/teachers/{gig['teacher']['id']}/slots", query_string=query)
    assert answer.status_code == 200, answer.text
    return [slot["starts_at"] for slot in answer.json["data"]]
