"""The work that reminds students of their tasks."""

from __future__ import annotations

from datetime import datetime

from enrolment.tasks import reminders
from jobs.registry import Handler
from jsontext import JsonObject


def remind(arguments: JsonObject, now: datetime) -> None:
    """Remind a student of a task.

    A second call finds it noted at the task that they were reminded.
    """
    reminders.remind(arguments["task_id"], datetime.fromisoformat(arguments["due_at"]), now)


HANDLERS = (Handler(name=reminders.REMIND, run=remind),)
