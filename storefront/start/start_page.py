"""What the start page shows: to a visitor, a student, a teacher and an administrator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Role
from accounts.rights import runs_school
from accounts.sign_in.identity import Viewer, Who, answers_for
from accounts.sign_in.page_viewer import show_times_in
from accounts.teaching import queries as teaching
from bookings.entering.queries import asked_by
from bookings.my_lessons.lesson_list import UPCOMING
from bookings.my_lessons.queries import HOUR, border, lessons_for, stuck_requests, to_do
from bookings.my_lessons.rows import asks_reader, fold_groups, fold_series, instant, with_actions
from bookings.my_lessons.times import times_in_school, times_of_teacher
from bookings.statuses import COUNTED, BookingStatus
from caching import BoundRead
from enrolment.applications import queries as applications
from enrolment.tasks import queries as tasks
from gigs.discovery.queries import featured
from gigs.queries import categories
from gigs.search.filters import GigsQuery
from gigs.search.queries import gigs_page
from jobs.inspection import depth
from jobs.models import JobState
from jsontext import JsonObject
from payments import queries as payments
from schedule.times.wall_time import day_bounds, local_day
from storefront.free_times import next_free
from web.filters import FALLBACK_ZONE

GIGS_SHOWN, NEXT_SHOWN, FREE_SHOWN = 6, 5, 3
# In the evening the lessons of a full day stand here, so that one button says of all that they took place.
TO_COMPLETE_SHOWN = 12
# A request that waits for so long has probably been overlooked.
STUCK_AFTER = timedelta(days=1)
# The zone of the reader is not known yet when these are looked up: their day, and their week with a day that is longer.
_DAY, _WEEK = timedelta(hours=26), timedelta(days=7, hours=2)
# The first lessons that are not over and have not come to nothing.
_FIRST = replace(UPCOMING, statuses=COUNTED)


def load(now: datetime) -> JsonObject:
    """Return what the template needs for the one who asks."""
    viewer, answers = answers_for(lambda who: list(_reads(who, now).values()))
    found = dict(zip(_reads(viewer, now), (answer.json() for answer in answers), strict=True))
    if viewer is None:
        gigs = found["gigs"]["data"]
        show_times_in(FALLBACK_ZONE)
        lists = {name: found[name]["data"] for name in ("featured", "categories")}
        return lists | {"gigs": gigs, "free": _next_free(gigs, now)}
    if runs_school(viewer.role):
        return _of_administrator(found, viewer, now)
    shown = _of_teacher if viewer.role == Role.TEACHER else _of_student
    return shown(found, viewer, now) | {"categories": found["categories"]["data"]}


def _reads(who: Who | None, now: datetime) -> dict[str, BoundRead]:
    """Name what has to be read, by whole hours, so that a cached answer can be used again."""
    reads: dict[str, BoundRead] = {"categories": categories.at()}
    if who is None:
        return reads | {"gigs": gigs_page.at(GigsQuery(limit=GIGS_SHOWN)), "featured": featured.at()}
    hour = now.replace(minute=0, second=0, microsecond=0)
    lessons = replace(_FIRST, ending_after=hour)
    reads["lessons"] = lessons_for(who.id, who.role, lessons.from_on(border(now)))
    if who.role == Role.TEACHER:
        reads["to_do"] = to_do.at(who.id, who.role, hour + HOUR)
        reads["times"] = times_of_teacher.at(who.id, border(now), hour + _WEEK)
        reads["handed_in"] = tasks.list_for(who.id, who.role, tasks.TO_BE_REVIEWED)
        reads["payments"] = payments.list_for(who.id, who.role, payments.TO_CHECK)
        reads["applications"] = applications.list_for(who.id, who.role, applications.WAITING)
        reads["standing"] = teaching.standing.at(who.id)
    if who.role == Role.STUDENT:
        reads["tasks"] = tasks.list_for(who.id, who.role, tasks.TO_BE_DONE)
        reads["asked_by"] = asked_by.at(who.id)
    if runs_school(who.role):
        reads["asking"] = teaching.asking.at()
        reads["stuck"] = stuck_requests.at(hour - STUCK_AFTER)
        reads["times"] = times_in_school.at(hour - _DAY, hour + _DAY)
    return reads


def _of_teacher(found: Mapping[str, JsonObject], viewer: Viewer, now: datetime) -> JsonObject:
    """Show a teacher's day, what waits for them, and how much there is still to do this week."""
    waiting = [with_actions(row, viewer, now) for row in found["to_do"]["data"]]
    requests = [row for row in waiting if asks_reader(row)]
    overdue = [row for row in waiting if BookingStatus.COMPLETED in row["allowed_transitions"]]
    coming = _coming(found["lessons"]["data"], viewer, now)
    zone = ZoneInfo(viewer.time_zone)
    today = local_day(now, zone)
    week_ends, _ = day_bounds(today + timedelta(days=7 - today.weekday()), zone)
    times = [(instant(start), instant(end)) for start, end in found["times"]["data"]]
    entries = fold_groups(row for row in coming if row["status"] == BookingStatus.ACCEPTED)
    return {
        "requests": fold_series(requests)[:NEXT_SHOWN],
        "overdue": fold_groups(overdue)[:TO_COMPLETE_SHOWN],
        "waiting": len(requests) + len(overdue),
        "today": [entry for entry in entries if local_day(instant(entry["starts_at"]), zone) == today],
        "next": entries[:1],
        "this_week": sum(end > now and start < week_ends for start, end in times),
        "handed_in": found["handed_in"]["data"],
        "payments": found["payments"]["data"],
        "applications": found["applications"]["data"],
        "standing": found["standing"],
    }


def _of_student(found: Mapping[str, JsonObject], viewer: Viewer, now: datetime) -> JsonObject:
    """Show a student's next lesson, then the following ones, and what waits for their answer."""
    coming = _coming(found["lessons"]["data"], viewer, now)
    requests = [row for row in coming if asks_reader(row)]
    agreed = [row for row in coming if row["status"] == BookingStatus.ACCEPTED]
    following = [row for row in coming if row not in requests and row not in agreed[:1]]
    return {
        "requests": fold_series(requests)[:NEXT_SHOWN],
        "asked_by": found["asked_by"]["data"],
        "next_lesson": agreed[0] if agreed else None,
        "following": fold_groups(following)[:NEXT_SHOWN],
        "tasks": [tasks.marked(task, now) for task in found["tasks"]["data"]],
    }


def _of_administrator(found: Mapping[str, JsonObject], viewer: Viewer, now: datetime) -> JsonObject:
    """Show the school's day, and what is stuck."""
    zone = ZoneInfo(viewer.time_zone)
    today = local_day(now, zone)
    coming = _coming(found["lessons"]["data"], viewer, now)
    begin, end = day_bounds(today, zone)
    of_today = [row for row in found["times"]["data"] if begin <= instant(row[0]) < end]
    stuck = [with_actions(row, viewer, now) for row in found["stuck"]["data"]]
    return {
        "today": fold_groups(row for row in coming if local_day(instant(row["starts_at"]), zone) == today),
        "number": len({(starts_at, gig_id) for starts_at, gig_id, *_ in of_today}),
        "people": len({person for _, _, *people in of_today for person in people}),
        "stuck": fold_series(stuck),
        "stuck_count": found["stuck"]["count"],
        "asking": found["asking"]["number"],
        "failed_jobs": depth()[JobState.DEAD],
    }


def _coming(rows: Iterable[JsonObject], viewer: Viewer, now: datetime) -> list[JsonObject]:
    """Leave out what has ended within this hour."""
    return [with_actions(row, viewer, now) for row in rows if instant(row["ends_at"]) > now]


def _next_free(gigs: Sequence[JsonObject], now: datetime) -> list[JsonObject]:
    """Find the next free time of a few gigs, the earliest first."""
    some = gigs[:FREE_SHOWN]
    starts = next_free([(gig["teacher"]["id"], gig["id"]) for gig in some], now)
    free = [{"gig": gig, "starts_at": starts[gig["id"]]} for gig in some if gig["id"] in starts]
    return sorted(free, key=lambda row: row["starts_at"])
