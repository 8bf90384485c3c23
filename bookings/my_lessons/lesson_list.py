"""What "My lessons" shows: what waits for its reader, then their lessons by day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import fields, post_load

from accounts.models import Role
from accounts.rights import runs_school
from accounts.sign_in.identity import Viewer, Who, own_answers, require_viewer, shown_on_page
from bookings.my_lessons.lessons_query import LessonsQuery
from bookings.my_lessons.queries import HOUR, border, lessons_for, to_do
from bookings.my_lessons.rows import asks_reader, fold_empty_sessions, fold_groups, fold_series, instant, with_actions
from bookings.queries import NEWEST_FIRST, OLDEST_FIRST
from bookings.standing.queries import wishes
from bookings.statuses import BookingStatus
from bookings.waitlist.models import EntryStatus
from bookings.waitlist.queries import WaitlistQuery, waitlist_page
from bookings.waitlist.service import MOST_WAITING
from caching import BoundRead
from database import MAX_ID
from jsontext import JsonObject
from schedule.times.wall_time import day_bounds
from web.fields import Choice, QueryNumber
from web.forms import from_address
from web.pagination import PageQuery, position_for

ROWS = 50
_WAITING = WaitlistQuery(statuses=(EntryStatus.WAITING,), limit=MOST_WAITING)
_NOTHING: JsonObject = {"data": [], "next_cursor": None}


class Tab(StrEnum):
    """The parts of the page."""

    UPCOMING = "upcoming"
    TO_DO = "todo"
    PAST = "past"


# The beginning of what is to come. Start pages ask for the same, so that it is read once.
UPCOMING = LessonsQuery(order=OLDEST_FIRST, limit=ROWS, sessions=True)

# What the address said before there were tabs.
EARLIER = "earlier"
# What is still to come is read from the next lesson on, what is over from the last one back.
_STILL_OPEN = (None, BookingStatus.PENDING, BookingStatus.ACCEPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks for.

    `filters` has those parts of it that narrow the list.
    """

    tab: Tab | None
    query: LessonsQuery
    first_day: date | None
    last_day: date | None
    filters: JsonObject

    @property
    def begins(self) -> bool:
        """Tell whether this is the first page of what is to come, as it is: then what waits stands on top."""
        return self.tab == Tab.UPCOMING and not self.filters and self.query.after is None


class LessonsQuerySchema(PageQuery):
    """The address of "My lessons"."""

    tab = Choice(list(Tab), load_default=None)
    status = Choice([*BookingStatus, EARLIER], load_default=None)
    person = QueryNumber(at_least=1, at_most=MAX_ID, load_default=None)
    gig = QueryNumber(at_least=1, at_most=MAX_ID, load_default=None)
    first_day = fields.Date(
        data_key="from", load_default=None, error_messages={"invalid": "Write a day like 2026-11-27."}
    )
    last_day = fields.Date(data_key="to", load_default=None, error_messages={"invalid": "Write a day like 2026-11-27."})

    @post_load
    def _make(self, data: JsonObject, **_: Any) -> Asked:
        status, tab = data["status"], data["tab"]
        if status == EARLIER:
            status, tab = None, Tab.PAST
        elif not (status or tab or data["first_day"] or data["last_day"]):
            tab = Tab.UPCOMING
        order = OLDEST_FIRST if tab != Tab.PAST and status in _STILL_OPEN else NEWEST_FIRST
        return Asked(
            tab=Tab(tab) if tab else None,
            query=LessonsQuery(
                statuses=(status,) if status else (),
                order=order,
                limit=ROWS,
                after=position_for(data["cursor"], order),
                person_id=data["person"],
                gig_id=data["gig"],
                sessions=order == OLDEST_FIRST and not status and not data["person"],
            ),
            first_day=data["first_day"],
            last_day=data["last_day"],
            filters=_filters(data | {"status": status}),
        )


def _filters(data: JsonObject) -> JsonObject:
    """Name those parts of an address that narrow the list, as the address does."""
    names = {"status": "status", "person": "person", "gig": "gig", "from": "first_day", "to": "last_day"}
    return {name: data[key] for name, key in names.items() if data[key]}


def load(now: datetime) -> JsonObject:
    """Return what the template needs.

    Raises Unauthenticated, or Invalid if the address is malformed.
    """
    asked: Asked = from_address(LessonsQuerySchema(), "tab", "status", "person", "gig", "from", "to", "cursor")
    asked = _in_time(asked, now)
    viewer, answers = own_answers(lambda who: list(_reads(who, asked, now).values()))
    found = dict(zip(_reads(viewer, asked, now), (answer.json() for answer in answers), strict=True))
    page, waits = found.get("page", _NOTHING), found.get("waits", _NOTHING)
    requests, overdue = _waiting(found.get("to_do", page)["data"], viewer, now)
    overview = shown_on_page("lessons")
    to_do_count = overview["waiting"] + len(overdue) if overview else None
    if not _shows_to_do(asked):
        requests, overdue = [], []
    on_top = {row["id"] for row in (*requests, *overdue)}
    rows = [with_actions(row, viewer, now) for row in page["data"] if row["id"] not in on_top]
    return {
        "tab": asked.tab,
        "filters": asked.filters,
        "overview": overview,
        "to_do_count": to_do_count,
        "requests": fold_series(requests),
        "overdue": fold_groups(overdue),
        "entries": fold_empty_sessions(fold_groups(rows)) if asked.tab != Tab.TO_DO else [],
        "waits": _still_to_come(waits["data"], now),
        "wishes": found.get("wishes", _NOTHING)["data"],
        "later_first": asked.query.order == OLDEST_FIRST,
        "next_cursor": page["next_cursor"],
    }


def _shows_to_do(asked: Asked) -> bool:
    return asked.begins or asked.tab == Tab.TO_DO


def _reads(who: Who, asked: Asked, now: datetime) -> dict[str, BoundRead]:
    """Name the list itself and what stands around it.

    A teacher has hundreds of lessons, so what waits is a read of its own; a student's few stand in the list itself.
    """
    reads: dict[str, BoundRead] = {}
    if asked.tab != Tab.TO_DO:
        reads["page"] = lessons_for(who.id, who.role, asked.query)
    if who.role == Role.TEACHER or (who.role == Role.STUDENT and asked.tab == Tab.TO_DO):
        reads["to_do"] = to_do.at(who.id, who.role, _next_hour(now))
    if asked.begins and who.role == Role.STUDENT:
        reads["waits"] = waitlist_page.at(who.id, _WAITING)
        reads["wishes"] = wishes.at(who.id)
    return reads


def _next_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + HOUR


def _in_time(asked: Asked, now: datetime) -> Asked:
    """Bound the list by its tab and by the days that were asked for.

    They are days of the viewer's own zone.
    """
    start = border(now) if asked.tab == Tab.UPCOMING else None
    end = border(now) if asked.tab == Tab.PAST else None
    if asked.first_day or asked.last_day:
        zone = ZoneInfo(require_viewer().time_zone)
        if asked.first_day:
            first = day_bounds(asked.first_day, zone)[0]
            start = max(start, first) if start else first
        if asked.last_day:
            last = day_bounds(asked.last_day, zone)[1]
            end = min(end, last) if end else last
    series_from = max(start or now, _next_hour(now)) if asked.query.order == OLDEST_FIRST else None
    return replace(asked, query=replace(asked.query, start=start, end=end, series_from=series_from))


def _waiting(rows: list[JsonObject], viewer: Viewer, now: datetime) -> tuple[list[JsonObject], list[JsonObject]]:
    """Pick what waits for the viewer's answer, and the lessons that wait to be completed."""
    if runs_school(viewer.role):
        return [], []
    shown = [with_actions(row, viewer, now) for row in rows]
    asked = [row for row in shown if asks_reader(row)]
    begun = [row for row in shown if BookingStatus.COMPLETED in row["allowed_transitions"]]
    return asked, begun


def _still_to_come(waitlist: list[JsonObject], now: datetime) -> list[JsonObject]:
    """Put the user's entries in waitlists in order of time.

    Those whose lesson has begun are left out: the next sweep closes them.
    """
    coming = [entry for entry in waitlist if instant(entry["starts_at"]) > now]
    return sorted(coming, key=lambda entry: str(entry["starts_at"]))
