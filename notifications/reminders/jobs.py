"""What is done to remind people of lessons."""

from __future__ import annotations

from datetime import datetime, timedelta

from jobs.registry import Handler, Periodic
from jsontext import JsonObject
from notifications.reminders import service
from notifications.reminders.plan import REMIND, REPLAN, plan_for, plan_soon


def remind(arguments: JsonObject, now: datetime) -> None:
    """Remind somebody of a lesson, if they have it still.

    A reminder has a key, so that a second call finds it there.
    """
    planned = datetime.fromisoformat(arguments["due_at"])
    service.remind(arguments["user_id"], datetime.fromisoformat(arguments["starts_at"]), planned, now)


def mail(arguments: JsonObject, now: datetime) -> None:
    """Send the mail about a reminder, as `notifications.mail` does."""
    starts_at, due_at = (datetime.fromisoformat(arguments[name]) for name in ("starts_at", "due_at"))
    service.post_reminder(arguments["notification_id"], starts_at, due_at, now)


def replan(arguments: JsonObject, now: datetime) -> None:
    """Plan somebody's reminders anew.

    Whenever it is called, the plan is the right one afterwards.
    """
    plan_for(arguments["user_id"], now)


HANDLERS = (
    Handler(name=REMIND, run=remind),
    # Before a lesson it is tried often enough; afterwards nobody is reminded any more.
    Handler(name=service.REMIND_BY_MAIL, run=mail),
    Handler(name=REPLAN, run=replan),
)
PERIODIC = (Periodic(name="notifications.plan-reminders", every=timedelta(days=1), run=plan_soon),)
