"""The rows of "My lessons": what their reader may do now, and what is shown as one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from accounts.actors import Actor
from accounts.models import Role
from accounts.rights import runs_school
from bookings.parties import Standing
from bookings.states import Means, allowed_transitions, answers_open, can_move
from bookings.statuses import FACTS, BookingStatus
from jsontext import JsonObject

# From so long before a lesson on its link is the one thing that is wanted of it.
JOIN_BEFORE = timedelta(minutes=15)
_LINK = re.compile(r"https://\S+")


class Moment(StrEnum):
    """The one action that fits the moment."""

    JOIN = "join"
    TAKE = "take"
    ACCEPT = "accept"
    ANSWER = "answer"
    COMPLETE = "complete"
    OPEN = "open"


class Kind(StrEnum):
    """What a row of the page stands for."""

    LESSON = "lesson"
    GROUP = "group"
    # One that no student has a place in.
    SESSION = "session"
    SERIES = "series"


def with_actions(row: JsonObject, viewer: Actor, now: datetime) -> JsonObject:
    """Add what the reader may do with a lesson now, and the other person's time zone.

    What can be done with a session stands on its own page.
    """
    if is_session(row):
        return row | {"allowed_transitions": [], "answers": [], "moment": Moment.OPEN}
    standing = _standing(row)
    allowed = allowed_transitions(standing, viewer, now)
    other = "student" if viewer.id == row["teacher"]["id"] else "teacher"
    return row | {
        "allowed_transitions": allowed,
        "can_move": can_move(standing, viewer, now),
        "answers": answers_open(standing, viewer, now),
        "other_time_zone": row[f"{other}_zone"],
        "join_url": join_url(row["location"]),
        "moment": _moment(row, standing, allowed, viewer, now),
    }


def is_session(row: JsonObject) -> bool:
    """Tell whether a row is a session without lessons."""
    return "session" in row


def asks_reader(row: JsonObject) -> bool:
    """Tell whether a row that has its actions waits for the reader: a request, or a wish for another time."""
    return BookingStatus.REJECTED in row["allowed_transitions"] or Means.AGREEING in row["answers"]


def join_url(location: str) -> str | None:
    """Return a place that is a link and nothing else."""
    return location.strip() if _LINK.fullmatch(location.strip()) else None


def is_near(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Tell whether a lesson is going on, or begins within minutes."""
    return starts_at - JOIN_BEFORE <= now < ends_at


def fold_groups(rows: Iterable[JsonObject]) -> list[JsonObject]:
    """Make one row of the lessons of a group: those of one gig at one time that take place."""
    return _fold(rows, Kind.GROUP, lambda row: (row["gig"]["id"], row["starts_at"]) if _counts(row) else None)


def fold_empty_sessions(entries: Iterable[JsonObject]) -> list[JsonObject]:
    """Make one row of the empty sessions of each gig, where the first of them stands.

    A course that nobody has booked yet would be a row each week between the lessons of the others.
    """
    folded: list[JsonObject] = []
    places: dict[int, int] = {}
    for entry in entries:
        if entry["kind"] == Kind.SESSION:
            place = places.setdefault(entry["lessons"][0]["gig"]["id"], len(folded))
            if place < len(folded):
                folded[place] = folded[place] | {"lessons": [*folded[place]["lessons"], *entry["lessons"]]}
                continue
        folded.append(entry)
    return folded


def fold_series(rows: Iterable[JsonObject]) -> list[JsonObject]:
    """Make one row of the lessons of a series that was asked for.

    A wish for another time is about one of them.
    """
    return _fold(rows, Kind.SERIES, lambda row: None if row["move"] else row["series_id"])


def _fold(rows: Iterable[JsonObject], kind: Kind, key_of: Callable[[JsonObject], Hashable]) -> list[JsonObject]:
    """Put rows with the same key together where the first of them stands.

    Those whose key is None stay alone.
    """
    together: dict[Hashable, list[JsonObject]] = defaultdict(list)
    for row in rows:
        key = key_of(row)
        together[("alone", row["id"]) if key is None else key].append(row)
    return [
        {
            "kind": Kind.SESSION if is_session(lessons[0]) else kind if len(lessons) > 1 else Kind.LESSON,
            "starts_at": lessons[0]["starts_at"],
            "ends_at": lessons[0]["ends_at"],
            "lessons": lessons,
        }
        for lessons in together.values()
    ]


def _counts(row: JsonObject) -> bool:
    return FACTS[BookingStatus(row["status"])].counts


def _standing(row: JsonObject) -> Standing:
    """Return what the table of states needs to know."""
    return Standing(
        status=BookingStatus(row["status"]),
        student_id=row["student"]["id"],
        teacher_id=row["teacher"]["id"],
        requested_by=Role(row["requested_by"]),
        starts_at=instant(row["starts_at"]),
        offered_until=instant(row["offered_until"]) if row["offered_until"] else None,
        move_starts_at=instant(row["move"]["starts_at"]) if row["move"] else None,
        move_asked_by=Role(row["move"]["asked_by"]) if row["move"] else None,
    )


def _moment(row: JsonObject, standing: Standing, allowed: list[BookingStatus], viewer: Actor, now: datetime) -> Moment:
    near = is_near(standing.starts_at, instant(row["ends_at"]), now)
    if standing.status == BookingStatus.ACCEPTED and near and join_url(row["location"]):
        return Moment.JOIN
    if standing.offered_until and viewer.id == standing.student_id:
        return Moment.TAKE
    # What other people are asked is theirs to answer; an administrator may all the same.
    if BookingStatus.ACCEPTED in allowed and not runs_school(viewer.role):
        return Moment.ACCEPT
    if not runs_school(viewer.role) and Means.AGREEING in answers_open(standing, viewer, now):
        return Moment.ANSWER
    return Moment.COMPLETE if BookingStatus.COMPLETED in allowed and not runs_school(viewer.role) else Moment.OPEN


def instant(text: str) -> datetime:
    """Read an instant as cached answers have it."""
    return datetime.fromisoformat(text)
