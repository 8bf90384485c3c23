"""Letters for pictures: one for each row of the table of who is told what, and a series."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from jsontext import JsonObject
from mail.letters import Letter, Recipient
from notifications.telling.rules import REMINDER, RULES, Rule
from notifications.telling.story import Lesson
from notifications.telling.words import template_of
from tests.mail_pictures_of_courses import COURSE_FACTS, OTHERWISE_IN_COURSES

AT = datetime(2026, 11, 27, 15, tzinfo=UTC)
LESSON = Lesson(
    id=7,
    title="Piano for beginners",
    starts_at=AT,
    ends_at=AT + timedelta(minutes=45),
    before=None,
    location="",
    note="",
)
AGREED = replace(LESSON, location="Music room 2, Main Street 5, 10115 Berlin, second floor on the left")
FACTS: JsonObject = {
    **COURSE_FACTS,
    "lessons": [LESSON],
    "lesson": LESSON,
    "one_title": True,
    "other": "Grace Hopper",
    "by": "Grace Hopper",
    "by_other": True,
    "entered": False,
    "whole_session": False,
    "reads_as_student": True,
    "note": "I would like to play something by Bach.",
    "reason": "I have to go to a concert that evening.",
    "fee_cents": 0,
    "currency": "EUR",
    "paid_cents": 4000,
    "by_credit": False,
    "lesson_count": 10,
    "refunded_cents": 0,
    "was_agreed": True,
    "is_agreed": True,
    # A calendar from elsewhere.
    "name": "Private",
    "problem": "The other server answered with 410.",
    "since": AT - timedelta(days=1),
    "is_asked": False,
    "until": AT - timedelta(hours=3),
    "begins_in": "24 hours",
    "rating": 5,
    "comment": "Clear and patient.\n\nWe laughed a lot.",
    "messages": ["Shall I bring the book with the sonatas?", "Or the one from last week."],
    "reply": "Thank you, and see you soon.",
}
MOVED = replace(AGREED, before=AT - timedelta(days=1))
WEEKS = [
    replace(AGREED, starts_at=AT + timedelta(weeks=n), ends_at=LESSON.ends_at + timedelta(weeks=n)) for n in range(10)
]
# What is not as in most mails.
OTHERWISE: dict[str, JsonObject] = {
    **OTHERWISE_IN_COURSES,
    "lesson_requested": {"reads_as_student": False, "is_asked": True},
    "lesson_proposed": {"is_asked": True},
    "lesson_accepted": {"lessons": [AGREED], "lesson": AGREED, "reason": ""},
    "lesson_cancelled": {"reads_as_student": False, "fee_cents": 1500},
    "lesson_awaits_owner": {"reason": ""},
    "lesson_moved": {"lessons": [MOVED], "lesson": MOVED},
    "lesson_relocated": {"lessons": [AGREED], "lesson": AGREED},
    "lesson_reminder": {"lessons": [AGREED], "lesson": AGREED},
    **{key: {"by": "The school", "lesson": AGREED} for key in ("session_relocated", "session_cancelled")},
    "session_set": {"by": "The school", "lesson": AGREED, "sessions": [AGREED]},
    "session_moved": {"by": "The school", "lesson": MOVED},
    "lesson_expired": {"was_agreed": False},
    "package_ordered": {"title": "Piano for beginners", "reads_as_student": False},
    "package_paid": {"title": "Piano for beginners"},
    "package_cancelled": {"title": "Piano for beginners"},
    "package_closed": {"title": "Piano for beginners", "refunded_cents": 4000},
    "package_refunded": {"title": "Piano for beginners", "refunded_cents": 4000},
    "package_overpaid": {"title": "Piano for beginners"},
    "webhook_stopped": {
        "url": "https://hooks.example.org/lectern/in",
        "host": "hooks.example.org",
        "description": "The timetable in the entrance hall",
        "why": "failing",
        "since": AT - timedelta(days=3),
        "error": "There was no whole answer within 10 seconds.",
    },
}


def letters(home: str, to: Recipient, token: str) -> list[Letter]:
    """Write one letter for each row, and one about a series."""
    rules = dict.fromkeys((*RULES.values(), REMINDER))
    unsubscribe = f"{home}/unsubscribe/{token}"
    series = {"lessons": WEEKS, "lesson": WEEKS[0], "reason": ""}
    asks = {"lessons": [replace(MOVED, location="")], "lesson": MOVED, "is_agreed": False, "is_asked": True}
    return [
        *(_letter(rule, OTHERWISE.get(rule.template, {}), f"{home}/lessons/7", to, unsubscribe) for rule in rules),
        replace(_letter(RULES_BY_TEMPLATE["lesson_accepted"], series, f"{home}/lessons/7", to, ""), key="of-a-series"),
        replace(_letter(RULES_BY_TEMPLATE["lesson_moved"], asks, f"{home}/lessons/7", to, ""), key="asked"),
    ]


RULES_BY_TEMPLATE = {rule.template: rule for rule in (*RULES.values(), REMINDER)}


def _letter(rule: Rule, otherwise: JsonObject, link: str, to: Recipient, unsubscribe: str) -> Letter:
    template = template_of(rule.template)
    return Letter(
        key=template,
        template=template,
        to=to,
        facts=FACTS | otherwise,
        link=link,
        unsubscribe=unsubscribe if rule.one_click else None,
    )
