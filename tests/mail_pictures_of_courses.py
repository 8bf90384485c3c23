"""What the pictures of mails about courses say."""

from __future__ import annotations

from datetime import UTC, datetime

from jsontext import JsonObject

COURSE_FACTS: JsonObject = {
    "title": "Write your first fugue",
    "student": "Ada Lovelace",
    "message": "I sing in the choir, and once wrote a canon.\n\nIs that enough to begin?",
    "task": "An answer in the fifth",
    "due_at": datetime(2026, 11, 30, 22, 59, tzinfo=UTC),
    "version": 2,
    "approved": True,
    "feedback": "Lovely. Now it sings.",
}
# About a course as a whole, so that no task stands in them.
_NO_TASK: JsonObject = {"task": "", "due_at": None, "feedback": ""}
OTHERWISE_IN_COURSES: dict[str, JsonObject] = {
    "application_received": {**_NO_TASK, "reads_as_student": False},
    "application_accepted": {**_NO_TASK, "reason": ""},
    "application_rejected": {**_NO_TASK, "reason": "The course is for those who read music already."},
    "place_free": _NO_TASK,
    "course_completed": {**_NO_TASK, "reason": ""},
    "course_dropped": {**_NO_TASK, "reads_as_student": False, "reason": "I have no time for it at present."},
    "task_handed_in": {"reads_as_student": False},
}
