"""A teacher's calendars elsewhere: giving their addresses, having them looked at, and what is offered then."""

from __future__ import annotations

from typing import Any

from calendars.busy import looks
from tests.schedule.bodies import weekly
from tests.support.feed_server import busy
from tests.support.world import Person, World

BUSY = "/api/teachers/me/busy-calendars"
HOURS = {"weekly": weekly("daily 08:00-12:00")}
# Of Monday, two days after the tests' Saturday, in UTC.
NINE = busy("20261123T090000Z", "20261123T100000Z")
ALL = ["08:00", "09:00", "10:00", "11:00"]


def put(teacher: Person, *urls: str, status: int = 200) -> Any:
    """Give these addresses."""
    answer = teacher.put(BUSY, {"data": [{"url": url, "name": f"Calendar {n}"} for n, url in enumerate(urls, 1)]})
    assert answer.status_code == status, answer.text
    return answer.json


def look(world: World) -> None:
    """Let ten minutes pass, and what is periodic be done."""
    world.clock.advance(minutes=10)  # type: ignore[attr-defined]
    with world.app.app_context():
        looks.look_at_some(world.clock())


def offered(world: World, gig: dict[str, Any], day: str = "2026-11-23") -> list[str]:
    """At what times of a day the gig can be booked."""
    query = {"gig_id": gig["id"], "from": f"{day}T00:00:00Z", "to": f"{day}T23:00:00Z"}
    answer = world.anyone.get(f"/api/teachers/{gig['teacher']['id']}/slots", query_string=query)
    return [slot["starts_at"][11:16] for slot in answer.json["data"]]


def book(world: World, gig: dict[str, Any], at: str) -> tuple[int, str | None]:
    """Have somebody book it for Monday."""
    answer = world.student().post("/api/bookings", {"gig_id": gig["id"], "starts_at": f"2026-11-23T{at}:00Z"})
    return answer.status_code, answer.json.get("type")
