"""What users ask for, together with what they saw when they asked.

They are not bound to a price that they were not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bookings.states import Means
from errors import PriceChanged

# What a student agrees on with a lesson, besides its time. The API and the pages send each of them as `seen_<name>`.
TERMS = ("price_cents", "currency", "duration_minutes", "free_cancellation_hours", "late_cancellation_percent")


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonRequest:
    """A lesson that is asked for.

    `student_id` is None for a student's own, `seen` has any of `TERMS`.
    """

    gig_id: int
    starts_at: datetime
    note: str = ""
    student_id: int | None = None
    seen: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTime:
    """Another time that is asked for, and why.

    `fee_cents` is what the user was told that moving leaves owing.
    """

    starts_at: datetime
    reason: str = ""
    fee_cents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveAnswer:
    """An answer to the wish for another time, and why.

    `by` is one of `states.ANSWERS`, `seen` the time that was asked for as the user saw it; None is any.
    """

    by: Means
    reason: str = ""
    seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A user has seen what the other side has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """A new status that is asked for, and why.

    `seen` is when the lesson began as the user saw it, `fee_cents` what they were told that this costs the student;
    None asks for neither. With `waive_fee` a teacher lets the student off what a late move, or that they
    did not come, leaves owing.
    """

    to: str
    reason: str = ""
    seen: datetime | None = None
    fee_cents: int | None = None
    waive_fee: bool = False


def wanted_in(sent: Mapping[str, Any]) -> LessonRequest:
    """Read the lesson that a program or a form asks for."""
    named = {name: sent[name] for name in ("gig_id", "starts_at", "note", "student_id") if name in sent}
    return LessonRequest(**named, seen=seen_in(sent))


def seen_in(sent: Mapping[str, Any]) -> dict[str, object]:
    """Pick out of what was sent the terms that the user saw."""
    named = {name: sent.get(f"seen_{name}") for name in TERMS}
    return {name: value for name, value in named.items() if value is not None}


def require_as_seen(present: Mapping[Any, Any], seen: Mapping[str, Any]) -> None:
    """Raise PriceChanged if the price or the terms are not those that the user saw.

    `present` is the very row that a booking copies its terms from, or that has them.
    """
    if any(present[name] != value for name, value in seen.items()):
        raise PriceChanged({name: present[name] for name in TERMS})
