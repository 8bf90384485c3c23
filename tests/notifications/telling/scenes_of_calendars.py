"""What becomes of a teacher's other calendars, and who is to be told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from calendars.busy.queries import calendars_of
from calendars.busy.schemas import Feed
from calendars.busy.service import note_failure, replace_calendars
from events import EventType
from tests.notifications.telling.conftest import School

URL = "https://93.184.216.34/a.ics"


def failing(school: School) -> dict[str, str]:
    """A calendar that cannot be read for a day and a little more, and is said to be so once."""
    clock: Any = school.world.clock
    with school.world.app.app_context():
        replace_calendars(school.teacher.id, [Feed(URL, "Private")], now=clock())
        calendar_id = calendars_of(school.teacher.id)["data"][0]["id"]
        for hours in (0, 23, 1, 1, 24):
            clock.advance(hours=hours)
            note_failure(calendar_id, URL, "The other server answered with 410.", now=clock())
    return {"teacher": "Your calendar “Private” cannot be read any more."}


CALENDARS: dict[EventType, Callable[[School], dict[str, str]]] = {EventType.BUSY_CALENDAR_FAILING: failing}
