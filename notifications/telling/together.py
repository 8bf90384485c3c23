"""Put together what people are told as one thing.

That is all that one click did to lessons of the same two, and for a teacher all that it did to a session, or the
sessions of a group that it has set.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from events import Event, EventType
from notifications.telling.rules import RULES, Rule, Side

# What happens to a session, and what is then said of each lesson in it.
_SAID_OF_LESSONS = {
    EventType.SESSION_MOVED: EventType.BOOKING_MOVED,
    EventType.SESSION_RELOCATED: EventType.BOOKING_RELOCATED,
    EventType.SESSION_CANCELLED: EventType.BOOKING_CANCELLED,
}
_OF_SESSIONS = {EventType.SESSION_SET, *_SAID_OF_LESSONS}
_CANCELLATIONS = (EventType.BOOKING_CANCELLED, EventType.SESSION_CANCELLED)


@dataclass(frozen=True, slots=True)
class Together:
    """Events of one transaction that have type, actor and people in common.

    Those of a session, as its teacher is told of them, have several students.
    """

    events: Sequence[Event]
    # Which of the two is told here; None: those that the table names.
    side: Side | None = None

    @property
    def first(self) -> Event:
        """Return the one that stands for all where they are alike."""
        return self.events[0]

    @property
    def type(self) -> EventType:
        """Return what happened."""
        return self.first.type

    @property
    def rule(self) -> Rule:
        """Return the row of the table."""
        return RULES[self.type]

    @property
    def key(self) -> str:
        """Name it, so that a repetition of the work finds it done."""
        return f"{self.first.id} {self.type}"

    @property
    def told(self) -> list[int]:
        """Return the ids of who is told, if their accounts are active."""
        people = (self.first.data[side] for side in self.rule.who if self.side in (None, side))
        return [person for person in people if person != self.first.actor_id]

    @property
    def session_id(self) -> int | None:
        """Return the session that all of this is about, None if it is about the lessons of one student."""
        students = {event.data.get(Side.STUDENT) for event in self.events}
        return self.fact("session_id") if len(students) > 1 else None

    def fact(self, name: str) -> Any:
        """Return a fact that all have in common, None if it is not said."""
        return self.first.data.get(name)

    def starts(self, event: Event) -> list[datetime]:
        """Return when the lesson of an event began before it, and begins after it."""
        names = ("from_starts_at", "starts_at")
        return [at for name in names if (at := self.instant(event, name))]

    def instant(self, event: Event, name: str) -> datetime | None:
        """Return a time from an event's facts, None if it is not said."""
        text = event.data.get(name)
        return datetime.fromisoformat(text) if text else None


def bring_together(happened: Iterable[Event]) -> list[Together]:
    """Put together what is one thing to be told, in the order in which it happened."""
    told = [event for event in happened if event.type in RULES]
    order = {event.id: number for number, event in enumerate(told)}
    new = [event for event in told if event.type == EventType.SESSION_SET]
    acts = [event for event in told if event.type in _SAID_OF_LESSONS]
    lessons = [event for event in told if not is_of_session(event)]
    sessions = _sessions(lessons) | {event.data["session_id"] for event in acts}
    alone = [event for event in lessons if event.data.get("session_id") not in sessions]
    within = [event for event in lessons if event.data.get("session_id") in sessions]
    groups = [*_groups(alone, _alike), *_groups(within, _alike, Side.STUDENT)]
    groups += (group for group in _groups(within, _alike_in_session, Side.TEACHER) if not _said_already(group, told))
    groups += _groups(new, _alike_in_gig)
    groups += (Together([act]) for act in acts if not _said_of_lessons(act, within))
    return sorted(groups, key=lambda group: order[group.first.id])


def is_of_session(event: Event) -> bool:
    """Tell whether this happened to a session itself, and not to a lesson in it."""
    return event.type in _OF_SESSIONS


def _groups(events: Iterable[Event], key: Callable[[Event], Any], side: Side | None = None) -> Iterator[Together]:
    for _, alike in groupby(sorted(events, key=key), key=key):
        yield Together(list(alike), side)


def _sessions(told: Iterable[Event]) -> set[int]:
    """Find the sessions in which something happened to several students at once."""
    students = defaultdict(set)
    for event in told:
        if "session_id" in event.data and Side.TEACHER in RULES[event.type].who:
            students[event.data["session_id"]].add(event.data[Side.STUDENT])
    return {session_id for session_id, who in students.items() if len(who) > 1}


def _said_already(group: Together, events: Iterable[Event]) -> bool:
    """Tell whether a teacher hears of it with something else.

    A session that is cancelled takes the requests for its places with it.
    """
    cancelled = {event.data.get("session_id") for event in events if event.type in _CANCELLATIONS}
    return group.type == EventType.BOOKING_DECLINED and group.fact("session_id") in cancelled


def _said_of_lessons(act: Event, lessons: Iterable[Event]) -> bool:
    """Tell whether a teacher hears of it with the lessons in the session, which name its students."""
    same = _SAID_OF_LESSONS[act.type]
    return any(event.type == same and event.data["session_id"] == act.data["session_id"] for event in lessons)


def _alike(event: Event) -> tuple[str, int, int, int, int]:
    # What is about a webhook has no two people, and each webhook is told of by itself.
    people = (event.data.get("student_id", 0), event.data.get("teacher_id", 0))
    return event.type, event.actor_id or 0, *people, event.data.get("webhook_id", 0)


def _alike_in_gig(event: Event) -> tuple[int, int]:
    return event.actor_id or 0, event.data["gig_id"]


def _alike_in_session(event: Event) -> tuple[str, int, int]:
    return event.type, event.actor_id or 0, event.data["session_id"]
