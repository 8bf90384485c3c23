"""Put together what people are told as one thing: all that one click did to lessons of the same two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from events import Event, EventType
from notifications.telling.rules import RULES, Rule


@dataclass(frozen=True, slots=True)
class Together:
    """Events of one transaction that have type, actor and people in common."""

    events: Sequence[Event]

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
        people = (self.first.data[side] for side in self.rule.who)
        return [person for person in people if person != self.first.actor_id]

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
    groups = [Together(list(alike)) for _, alike in groupby(sorted(told, key=_alike), key=_alike)]
    return sorted(groups, key=lambda group: order[group.first.id])


def _alike(event: Event) -> tuple[str, int, int, int]:
    return event.type, event.actor_id or 0, event.data["student_id"], event.data["teacher_id"]
