"""Time that a teacher takes out of what they offer, and the lessons that new hours leave outside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import SATURDAY, FakeClock
from tests.schedule.bodies import exception, weekly
from tests.support.world import ANY_TIME, Person, World

AVAILABILITY, SCHEDULES, BLOCKS = (f"/api/teachers/me/{it}" for it in ("availability", "schedules", "blocks"))
MONDAY = "2026-11-23T{}:00Z"
UTC: dict[str, Any] = {"time_zone": "UTC"}

on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_block_is_not_offered_in_any_schedule_until_it_is_taken_away(world: World) -> None:
    teacher = world.teacher(**UTC)
    late = teacher.post(SCHEDULES, {"name": "Late", **ANY_TIME}).json["id"]
    gigs = [world.gig(teacher, duration_minutes=60, schedule_id=it) for it in (None, late)]

    made = _block(teacher, "10:00", "11:00", note=" Dentist ")
    refused = [_book(world, gig, at) for gig in gigs for at in ("09:01", "10:59")]
    beside = [_book(world, gigs[0], at) for at in ("09:00", "11:00")]
    deleted = teacher.delete(f"{BLOCKS}/{made['id']}")

    assert made == {
        "id": made["id"],
        "starts_at": MONDAY.format("10:00"),
        "ends_at": MONDAY.format("11:00"),
        "note": "Dentist",
        "outside": [],
    }
    assert (refused, beside, deleted.status_code) == ([409] * 4, [201] * 2, 204)
    assert _book(world, gigs[0], "10:00") == 201


@on_one_database
def test_blocks_are_listed_if_they_have_a_part_in_the_time(world: World) -> None:
    teacher = world.teacher()
    made = [_block(teacher, *times)["id"] for times in (("08:00", "09:00"), ("12:00", "15:00"), ("09:00", "10:30"))]
    query = {"from": MONDAY.format("10:00"), "to": MONDAY.format("13:00")}

    listed = teacher.get(BLOCKS, query_string=query).json
    others = world.teacher().get(BLOCKS, query_string=query).json["data"]

    assert [row["id"] for row in listed["data"]] == [made[2], made[1]]
    assert (listed["next_cursor"], others) == (None, [])


@on_one_database
@pytest.mark.parametrize(
    "changes",
    [
        {"ends_at": MONDAY.format("10:00")},
        {"ends_at": "2028-11-23T10:00:00Z"},
        {"starts_at": "2026-11-01T10:00:00Z", "ends_at": "2026-11-02T10:00:00Z"},
        {"note": "x" * 201},
        {"starts_at": "2026-11-23T10:00:00"},
        {"reason": "why"},
    ],
)
def test_bad_blocks_are_refused(world: World, changes: dict[str, str]) -> None:
    body = {"starts_at": MONDAY.format("10:00"), "ends_at": MONDAY.format("11:00")} | changes

    assert world.teacher().post(BLOCKS, body).status_code == 422


@on_one_database
def test_a_block_names_the_lessons_that_it_overlaps_with(world: World) -> None:
    teacher = world.teacher(**UTC)
    gig = world.gig(teacher, duration_minutes=60)
    ids = [_booked(world, gig, at) for at in ("09:00", "10:00", "11:00")]

    made = _block(teacher, "10:30", "11:15")

    assert made["outside"] == ids[1:]


@on_one_database
def test_new_hours_name_the_lessons_to_come_that_they_do_not_cover(world: World, clock: FakeClock) -> None:
    teacher = world.teacher(**UTC)
    other = teacher.post(SCHEDULES, {"name": "Late", **ANY_TIME}).json["id"]
    usual, late = (world.gig(teacher, duration_minutes=60, schedule_id=it) for it in (None, other))
    over = _booked(world, usual, "00:30")
    nine, noon, evening = _booked(world, usual, "09:00"), _booked(world, usual, "11:30"), _booked(world, late, "18:00")
    declined = _booked(world, usual, "20:00")
    teacher.patch(f"/api/bookings/{declined}", {"status": "rejected"})
    clock.instant = SATURDAY + timedelta(days=1, minutes=910)
    teacher = world.sign_in(teacher)

    mornings = {"weekly": weekly("monday 09:00-12:00")}
    away = [{"from": MONDAY.format("18:30"), "to": MONDAY.format("19:00")}]
    answers = [
        teacher.put(AVAILABILITY, mornings),
        teacher.put(AVAILABILITY, mornings | {"time_off": away}),
        teacher.put(f"{SCHEDULES}/{other}", ANY_TIME | {"exceptions": [exception("2026-11-23", "08:00-10:00")]}),
        teacher.put(AVAILABILITY, ANY_TIME),
    ]

    found = [answer.json["outside"] for answer in answers]
    assert found == [[noon], [noon, evening], [evening], []]
    assert over not in found[0]
    assert nine not in found[0]


def _block(teacher: Person, start: str, end: str, **changes: str) -> dict[str, Any]:
    body = {"starts_at": MONDAY.format(start), "ends_at": MONDAY.format(end)} | changes
    made = teacher.post(BLOCKS, body)
    assert made.status_code == 201, made.text
    return dict(made.json)


def _book(world: World, gig: dict[str, Any], at: str) -> int:
    body = {"gig_id": gig["id"], "starts_at": MONDAY.format(at)}
    return world.student().post("/api/bookings", body).status_code


def _booked(world: World, gig: dict[str, Any], at: str) -> int:
    return int(world.booking(world.student(), gig, starts_at=MONDAY.format(at))["id"])
