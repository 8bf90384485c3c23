"""What pages say after several lessons were changed: how many, and of each that was not, why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import flash

from accounts.sign_in.identity import Viewer
from bookings.many.service import Outcome
from bookings.queries import find_booking
from bookings.statuses import FACTS, BookingStatus
from errors import FeeChanged, LecternError, NotFound, SlotTaken, SlotUnavailable, WrongState
from web.filters import moment

# More sentences of this kind would fill the page; the lessons themselves say the rest.
MOST_NAMED = 10
_WHY: tuple[tuple[type[LecternError], str], ...] = (
    (SlotTaken, "the time is taken"),
    (SlotUnavailable, "the time is not among those that can be booked"),
    (FeeChanged, "it would leave something owing"),
    (WrongState, "something about it has changed meanwhile"),
    (NotFound, "it is not there any more"),
)


def tell_of_status(outcomes: Sequence[Outcome], to: BookingStatus, viewer: Viewer) -> None:
    """Say how many lessons have another status, and what is in the way of the others."""
    number = sum(outcome.error is None for outcome in outcomes)
    done = FACTS[to].done if number == 1 else f"{number} {FACTS[to].done_for_series}"
    tell(outcomes, done, viewer)


def tell_of_moves(outcomes: Sequence[Outcome], viewer: Viewer) -> None:
    """Say how many lessons were moved, and what is in the way of the others."""
    number = sum(outcome.error is None for outcome in outcomes)
    done = "The lesson is moved. Its student is told."
    if number > 1:
        done = f"{number} lessons are moved. Their students are told."
    tell(outcomes, done, viewer)


def tell(outcomes: Sequence[Outcome], done: str, viewer: Viewer) -> None:
    """Say what was done, if anything was, and name each lesson that stays as it was."""
    if any(outcome.error is None for outcome in outcomes):
        flash(done)
    _tell_refused(outcomes, viewer)


def tell_of_day(
    sessions: Sequence[Outcome],
    lessons: Sequence[Outcome],
    viewer: Viewer,
    then: str = "Nothing else can be booked on this day.",
) -> None:
    """Say what of a day is cancelled, and what stays as it was."""
    cancelled = [_number_done(sessions, "session"), _number_done(lessons, "lesson")]
    if done := " and ".join(filter(None, cancelled)):
        are = "is" if done.startswith("1 ") and " and " not in done else "are"
        flash(f"{done} {are} cancelled. Their students are told. {then}".strip())
    if kept := sum(outcome.error is not None for outcome in sessions):
        stay = "1 session stays as it was" if kept == 1 else f"{kept} sessions stay as they were"
        flash(f"{stay}, because something has changed meanwhile.", "error")
    _tell_refused(lessons, viewer)


def _number_done(outcomes: Iterable[Outcome], noun: str) -> str:
    number = sum(outcome.error is None for outcome in outcomes)
    return f"{number} {noun}{'s' if number > 1 else ''}" if number else ""


def _tell_refused(outcomes: Iterable[Outcome], viewer: Viewer) -> None:
    if refused := [outcome for outcome in outcomes if outcome.error]:
        stay = "1 lesson stays as it was: " if len(refused) == 1 else f"{len(refused)} lessons stay as they were: "
        flash(stay + "; ".join(_named(refused[:MOST_NAMED], viewer)) + ".", "error")


def _named(refused: Iterable[Outcome], viewer: Viewer) -> Iterable[str]:
    for outcome in refused:
        why = next((words for error, words in _WHY if isinstance(outcome.error, error)), "it is not yours to change")
        try:
            row = find_booking(outcome.booking_id, viewer).row
        except NotFound:
            yield "one that is not there any more"
        else:
            other = row.student_name if viewer.id != row.student_id else row.teacher_name
            yield f"{other} on {moment(row.starts_at)} ({why})"
