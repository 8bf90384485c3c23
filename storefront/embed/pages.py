"""A gig as other websites show it in a frame: the same for everybody, without cookies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby, islice
from zoneinfo import ZoneInfo

from flask import render_template

from accounts.sign_in.page_viewer import show_the_same_to_all
from bookings.slots.queries import SlotsQuery, bookable_now, read_for
from bookings.slots.week import written
from caching import cache
from errors import NotFound
from gigs import queries
from gigs.models import Enrolment, GigStatus
from gigs.states import shown_to
from jsontext import JsonObject
from schedule.holidays.queries import closed_times, holidays
from school.around import look_up_beside
from web.clock import now
from web.pages import PageBlueprint
from web.security import allow_frames
from web.settings import chosen

pages = PageBlueprint("embed_pages", __name__)

# How far ahead times are looked for, and how many of them there is room for in a frame.
LOOKS_AHEAD = timedelta(days=28)
DAYS_SHOWN, TIMES_A_DAY = 3, 4


@pages.get("/embed/gigs/<id:gig_id>")
def gig(gig_id: int) -> str:
    """Show a published gig with its next free times.

    Each leads to the gig's own page, outside of the frame.
    """
    described = shown_to(look_up_beside(queries.gig.at(gig_id))[0].answer().json(), None)
    if described["status"] != GigStatus.PUBLISHED:
        raise NotFound
    zone, days = _free_days(described, now())
    show_the_same_to_all(zone)
    takes_bookings = described["enrolment"] == Enrolment.BOOKING
    allow_frames(chosen().embed_origins)
    return render_template("storefront/embed.html", gig=described, days=days, takes_bookings=takes_bookings)


def _free_days(gig: JsonObject, now: datetime) -> tuple[str, Sequence[Sequence[JsonObject]]]:
    """Find the first free times of the next days that have any, and the teacher's zone."""
    # The same range all day long, so that one answer serves everybody.
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    query = SlotsQuery(gig_id=gig["id"], start=today, end=today + LOOKS_AHEAD)
    reads = cache.look_up(read_for(gig["teacher"]["id"], query, now), holidays.at())
    found, off = (read.answer().json() for read in reads)
    if found is None:
        raise NotFound
    zone = ZoneInfo(found["time_zone"])
    slots = (
        {**slot, "value": written(slot["starts_at"])} for slot in bookable_now(found, closed_times(off), zone, now)
    )
    days = (list(islice(of_day, TIMES_A_DAY)) for _, of_day in groupby(slots, lambda slot: slot["local"][:10]))
    return found["time_zone"], list(islice(days, DAYS_SHOWN))
