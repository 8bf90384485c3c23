"""What "My lessons" shows: the API's own lists, and for each lesson what its reader may do now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from marshmallow import post_load

from accounts.models import Role
from accounts.queries import profile
from accounts.sign_in.identity import Viewer, Who, own_answers
from bookings.models import LONGEST_LESSON
from bookings.my_lessons.queries import booking_counts, requests_to
from bookings.queries import NEWEST_FIRST, OLDEST_FIRST, BookingsQuery, list_for
from bookings.states import Standing, allowed_transitions
from bookings.statuses import BookingStatus
from bookings.waitlist.models import EntryStatus
from bookings.waitlist.queries import WaitlistQuery, waitlist_page
from bookings.waitlist.service import MOST_WAITING
from caching import BoundRead, cache
from jsontext import JsonObject
from web.fields import Choice
from web.forms import from_address
from web.pagination import PageQuery, position_for

# The tab of what lies behind; without any tab the page shows what is going on and what comes.
EARLIER = "earlier"

_WAITING = WaitlistQuery(statuses=(EntryStatus.WAITING,), limit=MOST_WAITING)
_ACCEPTED = BookingsQuery(statuses=(BookingStatus.ACCEPTED,), order=OLDEST_FIRST)
_NOTHING_OF_THEIR_OWN: list[Any] = [None, {"data": [], "about": {}}, {"data": []}, {"data": []}]
# What is still to come is read from the next lesson on, what is over from the last one back.
_STILL_OPEN = (None, BookingStatus.PENDING, BookingStatus.ACCEPTED)


class LessonsQuerySchema(PageQuery):
    """The address of "My lessons"."""

    status = Choice([*BookingStatus, EARLIER], load_default=None)

    @post_load
    def _make(self, data: JsonObject, **_: Any) -> tuple[str | None, BookingsQuery]:
        tab = data["status"]
        order = OLDEST_FIRST if tab in _STILL_OPEN else NEWEST_FIRST
        statuses = () if tab in (None, EARLIER) else (tab,)
        after = position_for(data["cursor"], order)
        return tab, BookingsQuery(statuses=statuses, order=order, limit=data["limit"], after=after)


def load(now: datetime) -> JsonObject:
    """Return what the template needs.

    Raises Unauthenticated, or Invalid if the address is malformed.
    """
    tab, query = from_address(LessonsQuerySchema(), "status", "cursor")
    query = _in_time(tab, query, now)
    viewer, answers = own_answers(lambda who: _reads(who, query))
    page, *about = (answer.json() for answer in answers)
    counts, requests, accepted, waitlist = about or _NOTHING_OF_THEIR_OWN
    asked = requests["about"]
    waiting: list[JsonObject] = []
    if tab is None and query.after is None:
        waiting = [*_over(accepted["data"], viewer, now), *requests["data"]]
    on_top = {row["id"] for row in waiting}
    rows = [*waiting, *(row for row in page["data"] if row["id"] not in on_top)]
    rows = _with_actions(rows, viewer, asked, now)
    return {
        "status": tab,
        "counts": counts["statuses"] if counts else {},
        "waiting": rows[: len(waiting)],
        "bookings": rows[len(waiting) :],
        "next_cursor": page["next_cursor"],
        "waits": _still_to_come(waitlist["data"], now) if tab is None and query.after is None else [],
    }


def _reads(who: Who, query: BookingsQuery) -> list[BoundRead]:
    """Name the list itself and, for those who have lessons of their own, what stands around it."""
    own_list = list_for(who.id, who.role, query)
    if who.role == Role.ADMIN:
        return [own_list]
    accepted = list_for(who.id, who.role, _ACCEPTED)
    around = [booking_counts.at(who.id, who.role), requests_to.at(who.id, who.role), accepted]
    return [own_list, *around, waitlist_page.at(who.id, _WAITING)]


def _in_time(tab: str | None, query: BookingsQuery, now: datetime) -> BookingsQuery:
    """Divide what is going on or to come from what is over.

    The border is a whole hour, so that a cached answer can be used again. Lessons that began a few hours ago may be
    going on, so they belong to the first.
    """
    border = (now - LONGEST_LESSON).replace(minute=0, second=0, microsecond=0)
    if tab is None:
        return replace(query, start=border)
    return replace(query, end=border) if tab == EARLIER else query


def _over(accepted: Iterable[JsonObject], viewer: Viewer, now: datetime) -> list[JsonObject]:
    """Pick the lessons of which their teacher has still to say whether they took place."""
    return [row for row in accepted if viewer.role == Role.TEACHER and _instant(row["starts_at"]) <= now]


def _still_to_come(waitlist: Iterable[JsonObject], now: datetime) -> list[JsonObject]:
    """Put the user's entries in waitlists in order of time.

    Those whose lesson has begun are left out: the next sweep closes them.
    """
    coming = [entry for entry in waitlist if _instant(entry["starts_at"]) > now]
    return sorted(coming, key=lambda entry: str(entry["starts_at"]))


def _with_actions(
    rows: list[JsonObject], viewer: Viewer, asked: Mapping[str, JsonObject], now: datetime
) -> list[JsonObject]:
    """Add what the reader may do with each lesson now, and the other person's time zone."""
    zones = _zones({_other(row, viewer) for row in rows})
    return [
        row
        | asked.get(str(row["id"]), {})
        | {
            "allowed_transitions": allowed_transitions(_standing(row, viewer, asked), viewer, now),
            "other_time_zone": zones[_other(row, viewer)],
        }
        for row in rows
    ]


def _standing(row: JsonObject, viewer: Viewer, asked: Mapping[str, JsonObject]) -> Standing:
    """Return what the table of states needs to know.

    Who asked matters only as long as the answer is awaited.
    """
    by_student = (str(row["id"]) in asked) == (viewer.role == Role.TEACHER)
    return Standing(
        status=BookingStatus(row["status"]),
        student_id=row["student"]["id"],
        teacher_id=row["teacher"]["id"],
        requested_by=Role.STUDENT if by_student else Role.TEACHER,
        starts_at=_instant(row["starts_at"]),
        offered_until=_instant(row["offered_until"]) if row["offered_until"] else None,
    )


def _other(row: JsonObject, viewer: Viewer) -> int:
    return int(row["student" if viewer.id == row["teacher"]["id"] else "teacher"]["id"])


def _zones(people: set[int]) -> dict[int, str | None]:
    """Find people's time zones, None for a user who has left."""
    found = zip(people, cache.look_up(*map(profile.at, people)) if people else [], strict=True)
    described = {person_id: read.answer().json() for person_id, read in found}
    return {person_id: person and person["time_zone"] for person_id, person in described.items()}


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
