"""What happened, as one of its people reads it: the facts that templates use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from accounts.by_mail.confirmation import may_be_written_to
from accounts.models import Role
from bookings.statuses import AGREED
from events import Event, EventType
from jsontext import JsonObject
from mail.links import path_to
from notifications.telling.calendar_stories import calendar_story
from notifications.telling.collecting import collector
from notifications.telling.course_stories import course_story, is_of_course
from notifications.telling.material import Material, recipient
from notifications.telling.rules import LESSON_PAGE, SESSION_PAGE, SOMEBODY_ELSE, TEACHING_PAGE
from notifications.telling.session_stories import session_story
from notifications.telling.story import Lesson, Story
from notifications.telling.teaching_stories import teaching_story
from notifications.telling.together import Together, is_of_session
from notifications.telling.webhook_stories import is_of_webhook, webhook_story

MY_LESSONS = "booking_pages.mine"
PAYMENT_PAGE, PAYMENTS = "money_pages.show", "money_pages.mine"


def story(group: Together, reader_id: int, material: Material) -> Story | None:
    """Say what happened to one of its people.

    None if their account is closed, or if it is about messages that they have read meanwhile.
    """
    if is_of_session(group.first):
        return session_story(group, reader_id, material)
    if group.type == EventType.BUSY_CALENDAR_FAILING:
        return calendar_story(group, reader_id, material)
    if group.rule.page == TEACHING_PAGE:
        return teaching_story(group, reader_id, material)
    if is_of_webhook(group.first):
        return webhook_story(group, reader_id, material)
    if is_of_course(group):
        return course_story(group, reader_id, material)
    return _lesson_story(group, reader_id, material)


def _lesson_story(group: Together, reader_id: int, material: Material) -> Story | None:
    reader = material.people.get(reader_id)
    rows = [material.lessons[event.data["booking_id"]] for event in group.events]
    written = group.fact("message_ids") or ()
    messages = [material.messages[id_].text for id_ in written if id_ in material.messages]
    if reader is None or (written and not messages):
        return None
    lessons = sorted((_lesson(group, event, material) for event in group.events), key=lambda lesson: lesson.starts_at)
    if group.session_id:
        # Its teacher has one thing at this time. Where it is, those lessons know that are agreed on.
        lessons = sorted(lessons, key=lambda lesson: not lesson.location)[:1]
    facts = lesson_facts(reader_id, rows, lessons) | _circumstances(group, reader_id, rows[0])
    if review := material.reviews.get(group.fact("review_id")):
        facts |= {"rating": review.rating, "comment": review.comment, "reply": review.reply}
    until = _until(group)
    return Story(
        rule=group.rule,
        key=group.key,
        to=recipient(reader),
        facts=facts | {"until": until, "messages": messages},
        path=_path(group, rows),
        by_mail=may_be_written_to(reader),
        until=until,
        collected_by=collector(group, reader_id, entered=facts["entered"], starts_at=lessons[0].starts_at),
    )


def lesson_facts(reader_id: int, rows: Sequence[Row[Any]], lessons: Sequence[Lesson]) -> JsonObject:
    """Describe lessons and who else they are with."""
    names = [row.student_name if row.teacher_id == reader_id else row.teacher_name for row in rows]
    return {
        "lessons": lessons,
        "lesson": lessons[0],
        "one_title": len({lesson.title for lesson in lessons}) == 1,
        "other": _enumerate(list(dict.fromkeys(names))),
        # Whether it is about a session with all its students, and not about the lesson of one.
        "whole_session": len({row.student_id for row in rows}) > 1 and rows[0].session_id is not None,
        "reads_as_student": all(row.teacher_id != reader_id for row in rows),
        # Students of a group have a note each, and it is for the teacher to look them up.
        "note": rows[0].note if len({row.note for row in rows}) == 1 else "",
    }


def as_agreed(row: Row[Any]) -> Lesson:
    """Describe a lesson at its present time."""
    return Lesson(
        id=row.id,
        title=row.title,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        before=None,
        location=row.location if row.status in AGREED else "",
        note=row.note,
    )


def _lesson(group: Together, event: Event, material: Material) -> Lesson:
    """Describe a lesson as it was left by an event: it may have been moved since."""
    lesson = as_agreed(row := material.lessons[event.data["booking_id"]])
    starts_at = group.instant(event, "starts_at") or lesson.starts_at
    ends_at = starts_at + (row.ends_at - row.starts_at)
    wished = group.instant(event, "move_starts_at")
    return replace(
        lesson, starts_at=starts_at, ends_at=ends_at, before=group.instant(event, "from_starts_at"), wished=wished
    )


def _circumstances(group: Together, reader_id: int, row: Row[Any]) -> JsonObject:
    """Tell who did it, why, what it costs the student, and who is asked now.

    What was entered for the student was not asked for by them.
    """
    names = {row.student_id: row.student_name, row.teacher_id: row.teacher_name}
    actor = group.first.actor_id
    asked = row.teacher_id if row.requested_by == Role.STUDENT else row.student_id
    return {
        "by": names.get(actor, SOMEBODY_ELSE) if actor else None,
        "by_other": actor in names,
        "entered": row.entered_at is not None,
        "reason": group.fact("reason") or "",
        "fee_cents": sum(event.data.get("fee_cents") or 0 for event in group.events),
        "currency": row.currency,
        "paid_cents": group.fact("refunded_cents") or group.fact("amount_cents"),
        "by_credit": group.fact("method") == "credit",
        "was_agreed": any(event.data.get("from_status") in AGREED for event in group.events),
        "is_asked": asked == reader_id,
        "is_agreed": any(event.data.get("to_status") in AGREED for event in group.events),
    }


def _until(group: Together) -> datetime | None:
    instants = [at for event in group.events if (at := group.instant(event, "offered_until"))]
    return min(instants) if instants else None


def _path(group: Together, rows: Sequence[Row[Any]]) -> str:
    """Lead to the payment, the lesson or the session.

    Where it is several that are no series, it is the list of all.
    """
    if payments := {event.data["payment_id"] for event in group.events if "payment_id" in event.data}:
        # There a teacher answers, and a student sees what became of it.
        return path_to(PAYMENT_PAGE, payment_id=payments.pop()) if len(payments) == 1 else path_to(PAYMENTS)
    if group.rule.page != LESSON_PAGE:
        return path_to(group.rule.page)
    if group.session_id:
        return path_to(SESSION_PAGE, session_id=group.session_id)
    together = len({row.series_id or row.id for row in rows}) == 1
    return path_to(LESSON_PAGE, booking_id=rows[0].id) if together else path_to(MY_LESSONS)


def _enumerate(names: Sequence[str]) -> str:
    """Name up to three people."""
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} others"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
