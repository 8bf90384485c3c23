"""Remind somebody of a lesson."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from accounts.by_mail.confirmation import may_be_written_to
from database import reading, writing
from mail.links import path_to
from notifications import settings
from notifications.reminders.plan import due_times, plan
from notifications.telling.letters import owner_of, post
from notifications.telling.material import agreed_lessons_at, people, recipient
from notifications.telling.rules import LESSON_PAGE, REMINDER
from notifications.telling.service import tell_one
from notifications.telling.stories import as_agreed, lesson_facts
from notifications.telling.story import Story

REMIND_BY_MAIL = "notifications.mail-reminder"


def remind(user_id: int, starts_at: datetime, planned: datetime, now: datetime) -> None:
    """Remind somebody of the lesson that they have at a time, and plan the next reminder.

    One that was planned for `planned` is late if the work was: then only the newest one that is due is sent.
    """
    with writing() as session:
        minutes = settings.of(session, [user_id])[user_id].reminders_minutes
        due = [at for at in due_times(starts_at, minutes) if planned <= at <= now]
        if due and (what := _reminder(session, user_id, starts_at, due[-1], now)):
            tell_one(session, what, REMIND_BY_MAIL, {"starts_at": starts_at, "due_at": due[-1]}, now)
        plan(session, [(user_id, starts_at)], now)


def post_reminder(notification_id: int, starts_at: datetime, due_at: datetime, now: datetime) -> None:
    """Send the mail that reminds of a lesson, if it is still to take place then."""
    with reading() as connection:
        user_id = owner_of(connection, notification_id)
        what = _reminder(connection, user_id, starts_at, due_at, now) if user_id else None
    if what:
        post(what, notification_id, now)


def _reminder(
    session: Session | Connection, user_id: int, starts_at: datetime, due_at: datetime, now: datetime
) -> Story | None:
    """Say what begins soon, None if nothing does."""
    rows = agreed_lessons_at(session, user_id, starts_at)
    reader = people(session, [user_id]).get(user_id)
    if not rows or reader is None or starts_at <= now:
        return None
    facts = lesson_facts(user_id, rows, [as_agreed(rows[0])])
    return Story(
        rule=REMINDER,
        # Once for a time, also if the lesson was moved away from it and back.
        key=f"reminder {starts_at:%Y-%m-%dT%H:%MZ} {(starts_at - due_at) // timedelta(minutes=1)}",
        to=recipient(reader),
        facts=facts | {"begins_in": in_words(starts_at - now)},
        path=path_to(LESSON_PAGE, booking_id=rows[0].id),
        by_mail=may_be_written_to(reader),
        until=starts_at,
    )


def in_words(wait: timedelta) -> str:
    """Write how long it takes: "24 hours", "90 minutes", "3 days"."""
    minutes = max(round(wait / timedelta(minutes=1)), 1)
    for unit, length in (("day", 1440), ("hour", 60)):
        if minutes >= 2 * length or (minutes == length and unit == "hour"):
            number = round(minutes / length)
            return f"{number} {unit}{'s' if number != 1 else ''}"
    return f"{minutes} minute{'s' if minutes != 1 else ''}"
