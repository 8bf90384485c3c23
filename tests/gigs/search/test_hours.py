"""How gigs are found by the hours that their teachers offer every week."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

import tags
from caching import invalidate
from database import change_in_bulk, writing
from gigs.search.hours import DAY, DAYS, PARTS_OF_DAY, WEEK
from gigs.search.models import OfferedTime
from schedule.models import Schedule
from schedule.offered import write_due
from schedule.times.rules import Weekday
from tests.schedule.bodies import weekly
from tests.support.world import World

LENGTHS = (15, 60, 240)
ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "Pacific/Auckland", "America/Los_Angeles")

sqlite_alone = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
_window = st.tuples(st.sampled_from([*Weekday]), st.integers(0, 95), st.integers(0, 95)).map(
    lambda it: f"{it[0]} {it[1] // 4:02}:{it[1] % 4 * 15:02}-{it[2] // 4:02}:{it[2] % 4 * 15:02}"
)
_asked = st.fixed_dictionaries(
    {"day": st.sampled_from(["", *DAYS]), "part_of_day": st.sampled_from(["", *PARTS_OF_DAY])}
).filter(lambda asked: any(asked.values()))


@sqlite_alone
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    windows=st.none() | st.lists(_window, max_size=4),
    asked=_asked,
    theirs=st.sampled_from(ZONES),
    mine=st.sampled_from(ZONES),
)
@example(windows=["sunday 22:00-02:00", "monday 02:00-03:00"], asked={"day": "monday"}, theirs="UTC", mine="UTC")
@example(windows=None, asked={"day": "weekend", "part_of_day": "evening"}, theirs="UTC", mine="Pacific/Auckland")
def test_gigs_are_found_whose_lessons_fit_into_the_hours(
    world: World, windows: list[str] | None, asked: dict[str, str], theirs: str, mine: str
) -> None:
    teacher = world.teacher()
    made = {length: world.gig(teacher, duration_minutes=length)["id"] for length in LENGTHS}
    rows = None if windows is None else weekly(*(it for it in windows if it.split(" ")[1][:5] != it[-5:]))
    said = teacher.put("/api/teachers/me/availability", {"weekly": rows, "time_zone": theirs})
    assert said.status_code == 200, said.text

    filters = asked | {"time_zone": mine, "teacher_id": teacher.id}
    answer = world.anyone.get("/api/gigs", query_string=filters).json

    now = world.clock()
    both = _offered(rows, theirs, now) & _minutes(_spans(asked), mine, now)
    expected = {gig_id for length, gig_id in made.items() if _longest(both) >= length}
    assert {gig["id"] for gig in answer["data"]} == expected
    assert answer["total"] == len(expected)
    assert sum(row["count"] for row in answer["facets"]["category"]) == len(expected)


def test_other_hours_show_at_once(world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)
    found = []
    for window in ("saturday 10:00-12:00", "monday 10:00-12:00", "saturday 18:00-20:00"):
        entered = {"weekly": weekly(window), "time_zone": "UTC"}
        assert teacher.put("/api/teachers/me/availability", entered).status_code == 200
        found.append([it["id"] for it in world.anyone.get("/api/gigs?day=saturday").json["data"]])

    assert found == [[gig["id"]], [], [gig["id"]]]


@sqlite_alone
def test_a_list_by_hours_is_cached_and_no_booking_makes_it_old(world: World) -> None:
    teacher, student = world.teacher(), world.student()
    gig = world.gig(teacher)
    path = "/api/gigs?part_of_day=morning"
    assert world.anyone.get(path).headers["X-Cache"] == "MISS"

    world.booking(student, gig)

    assert world.anyone.get(path).headers["X-Cache"] == "HIT"


@sqlite_alone
def test_hours_that_were_entered_before_the_search_knew_any_are_found_soon(world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)
    entered = {"weekly": weekly("sunday 10:00-12:00"), "time_zone": "UTC"}
    assert teacher.put("/api/teachers/me/availability", entered).status_code == 200
    with world.app.app_context(), writing() as session:
        session.execute(delete(OfferedTime))
        change_in_bulk(session, update(Schedule).values(offered_until=None))
        invalidate(tags.public_gigs())
    assert world.anyone.get("/api/gigs?day=weekend").json["total"] == 0

    with world.app.app_context():
        write_due(world.clock())

    assert [it["id"] for it in world.anyone.get("/api/gigs?day=weekend").json["data"]] == [gig["id"]]


@sqlite_alone
@pytest.mark.parametrize("address", ["day=someday", "part_of_day=night", "day=monday&time_zone=Mars/Base"])
def test_hours_that_mean_nothing_are_refused(world: World, address: str) -> None:
    assert world.anyone.get(f"/api/gigs?{address}").status_code == 422


def _spans(asked: dict[str, str]) -> list[tuple[int, int]]:
    begins, ends = PARTS_OF_DAY.get(asked.get("part_of_day", ""), (0, DAY))
    return [(day * DAY + begins, day * DAY + ends) for day in DAYS.get(asked.get("day", ""), range(7))]


def _offered(rows: list[dict[str, Any]] | None, zone: str, now: datetime) -> set[int]:
    if rows is None:
        return set(range(WEEK))
    spans = []
    for row in rows:
        begins, ends = (int(row[name][:2]) * 60 + int(row[name][3:]) for name in ("start", "end"))
        midnight = [*Weekday].index(Weekday(row["weekday"])) * DAY
        spans.append((midnight + begins, midnight + ends + (DAY if ends <= begins else 0)))
    return _minutes(spans, zone, now)


def _minutes(spans: list[tuple[int, int]], zone: str, now: datetime) -> set[int]:
    """Every minute of a week in UTC that lies in these of a zone."""
    noon = datetime.combine(now.astimezone(UTC).date(), time(12), UTC).astimezone(ZoneInfo(zone))
    ahead = noon.replace(tzinfo=None) - noon.astimezone(UTC).replace(tzinfo=None)
    shift = int(ahead.total_seconds() // 60)
    return {(minute - shift) % WEEK for begins, ends in spans for minute in range(begins, ends)}


def _longest(minutes: set[int]) -> int:
    """How long the longest stretch is, around the end of the week."""
    longest = running = 0
    for minute in range(2 * WEEK):
        running = running + 1 if minute % WEEK in minutes else 0
        longest = max(longest, running)
    return longest
