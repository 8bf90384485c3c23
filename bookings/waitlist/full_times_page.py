"""What the page of full lessons shows to a student, with the form for any time that suits."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import render_template, request

from accounts.sign_in.identity import Viewer
from bookings.rules.offered import HORIZON
from bookings.slots.week import DAYS, monday_of, name_of, week_title
from bookings.standing.forms import WishForm
from bookings.waitlist import queries as waitlist_queries
from jsontext import JsonObject
from schedule.times.wall_time import day_bounds, local_day
from web.clock import now

# So far ahead the page looks for the first full lesson.
LOOK_AHEAD = timedelta(days=91)


def full_times_page(gig: JsonObject, viewer: Viewer, form: WishForm) -> str:
    """Render the page for a student."""
    return render_template("gigs/full_times.html", gig=gig, wish_form=form, **_week_of_full_times(gig, viewer))


def _week_of_full_times(gig: JsonObject, viewer: Viewer) -> JsonObject:
    """Find the full lessons of the week in the address, or else of the first week that has one."""
    zone, gig_id = ZoneInfo(viewer.time_zone), gig["id"]
    today = local_day(now(), zone)
    monday = monday_of(request.args.get("week"))
    if monday is None or monday < today - timedelta(days=DAYS):
        coming = waitlist_queries.full_times(gig_id, viewer.id, now(), now() + LOOK_AHEAD, now=now())
        first = local_day(coming[0], zone) if coming else today
        monday = first - timedelta(days=first.weekday())
    following = monday + timedelta(days=DAYS)
    start, end = day_bounds(monday, zone)[0], day_bounds(following, zone)[0]
    times = waitlist_queries.full_times(gig_id, viewer.id, max(start, now()), end, now=now())
    mine = waitlist_queries.times_waited_for(viewer.id, gig_id)
    length = timedelta(minutes=gig["duration_minutes"])
    last = local_day(now() + HORIZON, zone)
    return {
        "times": [{"starts_at": at, "ends_at": at + length, "entry_id": mine.get(at)} for at in times],
        "title": week_title(monday, following - timedelta(days=1), today),
        "earlier": name_of(monday - timedelta(days=DAYS)) if monday > today else None,
        "later": name_of(following) if following <= last else None,
    }
