"""What happened in a course or to a package, as one of its people reads it."""

from __future__ import annotations

from accounts.by_mail.confirmation import may_be_written_to
from jsontext import JsonObject
from mail.links import path_to
from notifications.telling.course_material import CourseMaterial
from notifications.telling.material import Material, recipient
from notifications.telling.rules import COURSE_PAGE, PACKAGE_PAGE, SOMEBODY_ELSE, TASK_PAGE
from notifications.telling.story import Story
from notifications.telling.together import Together


def is_of_course(group: Together) -> bool:
    """Tell whether this is about an application, a course or a package, and no lesson."""
    return "booking_id" not in group.first.data


def course_story(group: Together, reader_id: int, material: Material) -> Story | None:
    """Say what happened to one of its people.

    None if their account is closed, or if it is about a task that was taken back.
    """
    reader, data, known = material.people.get(reader_id), group.first.data, material.courses
    if reader is None or ("task_id" in data and data["task_id"] not in known.tasks):
        return None
    return Story(
        rule=group.rule,
        key=group.key,
        to=recipient(reader),
        facts=_facts(group, reader_id, known),
        path=_path(group),
        by_mail=may_be_written_to(reader),
        until=group.instant(group.first, "due_at"),
    )


def _facts(group: Together, reader_id: int, known: CourseMaterial) -> JsonObject:
    data, actor = group.first.data, group.first.actor_id
    names = {id_: row.name for id_, row in known.names.items()}
    as_student = data["student_id"] == reader_id
    application = known.applications.get(data.get("application_id", 0))
    task, submission = known.tasks.get(data.get("task_id", 0)), known.submissions.get(data.get("submission_id", 0))
    return {
        "title": known.gigs[data["gig_id"]].title,
        "other": names[data["teacher_id"] if as_student else data["student_id"]],
        "reads_as_student": as_student,
        "student": names[data["student_id"]],
        "by": names.get(actor, SOMEBODY_ELSE) if actor else None,
        "reason": data.get("reason") or "",
        "message": application.message if application else "",
        "task": task.title if task else "",
        "due_at": task.due_at if task else None,
        "version": data.get("version"),
        "approved": bool(data.get("approved")),
        "feedback": submission.feedback if submission else "",
        "lesson_count": data.get("lessons"),
        "paid_cents": data.get("surplus_cents") or data.get("refunded_cents") or data.get("price_cents"),
        "refunded_cents": data.get("refunded_cents"),
        "currency": data.get("currency"),
    }


def _path(group: Together) -> str:
    page, data = group.rule.page, group.first.data
    if page == PACKAGE_PAGE:
        return path_to(page, package_id=data["package_id"])
    if page == TASK_PAGE:
        return path_to(page, task_id=data["task_id"])
    return path_to(page, assignment_id=data["assignment_id"]) if page == COURSE_PAGE else path_to(page)
