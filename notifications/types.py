"""The table of what people are told about: one row for each type, which everything else reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from accounts.models import Role


class NotificationType(StrEnum):
    """What a notification is about."""

    LESSON_REQUESTED = "lesson-requested"
    LESSON_ACCEPTED = "lesson-accepted"
    LESSON_BOOKED = "lesson-booked"
    LESSON_DECLINED = "lesson-declined"
    LESSON_CANCELLED = "lesson-cancelled"
    LESSON_MOVED = "lesson-moved"
    LESSON_MOVE_ASKED = "lesson-move-asked"
    LESSON_MOVE_ANSWERED = "lesson-move-answered"
    LESSON_PROPOSED = "lesson-proposed"
    SESSION_SET = "session-set"
    LESSON_EXPIRED = "lesson-expired"
    LESSON_REMINDER = "lesson-reminder"
    LESSON_MESSAGE = "lesson-message"
    WAITLIST_OFFER = "waitlist-offer"
    APPLICATION_RECEIVED = "application-received"
    APPLICATION_DECIDED = "application-decided"
    PLACE_FREE = "place-free"
    COURSE_ENDED = "course-ended"
    TASK_SET = "task-set"
    TASK_DUE = "task-due"
    TASK_HANDED_IN = "task-handed-in"
    TASK_REVIEWED = "task-reviewed"
    PAYMENT_REPORTED = "payment-reported"
    PAYMENT_VERIFIED = "payment-verified"
    PAYMENT_REJECTED = "payment-rejected"
    PAYMENT_REFUNDED = "payment-refunded"
    CALENDAR_FAILING = "calendar-failing"
    REVIEW_WRITTEN = "review-written"
    REVIEW_REPLIED = "review-replied"
    REVIEW_MODERATED = "review-moderated"
    TEACHING_DECIDED = "teaching-decided"
    WEBHOOK_STOPPED = "webhook-stopped"


class Group(StrEnum):
    """Under which heading the settings show a type."""

    LESSONS = "Lessons"
    COURSES = "Courses"
    PAYMENTS = "Payments"
    REVIEWS = "Reviews"
    PROGRAMS = "Programs"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeFacts:
    """What there is to know of a type.

    `label` and `about` stand on the page with the settings.
    """

    group: Group
    label: str
    about: str
    # Whether it is mailed as long as nobody chose anything else.
    mail: bool = True
    # Whose settings show it; None: everybody's.
    role: Role | None = None
    # Whether its mails can be turned off.
    optional: bool = True
    # It is of no use the next morning, so it is mailed at once to those who chose a digest, too.
    urgent: bool = False


def _lesson(label: str, about: str, *, role: Role | None = None, urgent: bool = False) -> TypeFacts:
    return TypeFacts(group=Group.LESSONS, label=label, about=about, role=role, urgent=urgent)


def _course(label: str, about: str, role: Role | None = None, *, urgent: bool = False) -> TypeFacts:
    return TypeFacts(group=Group.COURSES, label=label, about=about, role=role, urgent=urgent)


def _payment(label: str, about: str, role: Role | None = None) -> TypeFacts:
    return TypeFacts(group=Group.PAYMENTS, label=label, about=about, role=role)


def _review(label: str, about: str, role: Role | None) -> TypeFacts:
    return TypeFacts(group=Group.REVIEWS, label=label, about=about, role=role)


TYPES: Mapping[NotificationType, TypeFacts] = MappingProxyType(
    {
        NotificationType.LESSON_REQUESTED: _lesson("Asked for", "A student asks you for a lesson.", role=Role.TEACHER),
        NotificationType.LESSON_ACCEPTED: _lesson("Accepted", "A lesson that you asked for or proposed takes place."),
        NotificationType.LESSON_BOOKED: _lesson(
            "Booked", "A student books a lesson that you confirm at once.", role=Role.TEACHER, urgent=True
        ),
        NotificationType.LESSON_DECLINED: _lesson("Declined", "A lesson that you asked for or proposed was declined."),
        NotificationType.LESSON_CANCELLED: _lesson("Cancelled", "A lesson of yours does not take place.", urgent=True),
        NotificationType.LESSON_MOVED: _lesson("Moved", "A lesson of yours has another time or place.", urgent=True),
        NotificationType.LESSON_MOVE_ASKED: _lesson("Another time?", "A student asks you to move a lesson."),
        NotificationType.LESSON_MOVE_ANSWERED: _lesson(
            "Kept its time", "A lesson stays where it is, because another time was declined or is not wanted any more."
        ),
        NotificationType.LESSON_PROPOSED: _lesson("Proposed", "A teacher proposes or enters a lesson for you."),
        NotificationType.SESSION_SET: _lesson(
            "Sessions", "The school sets sessions of a group of yours.", role=Role.TEACHER, urgent=True
        ),
        NotificationType.LESSON_EXPIRED: _lesson("Not answered", "Nobody answered before the lesson would have begun."),
        NotificationType.LESSON_REMINDER: _lesson("Reminders", "A lesson of yours begins soon.", urgent=True),
        NotificationType.LESSON_MESSAGE: _lesson(
            "Messages", "Your teacher or student writes to you beside a lesson.", urgent=True
        ),
        NotificationType.WAITLIST_OFFER: _lesson(
            "A place for you",
            "A place you waited for is kept for you for a while.",
            role=Role.STUDENT,
            urgent=True,
        ),
        NotificationType.APPLICATION_RECEIVED: _course(
            "Applications", "A student applies for a place with you.", Role.TEACHER
        ),
        NotificationType.APPLICATION_DECIDED: _course("Answers", "An application is accepted or declined."),
        NotificationType.PLACE_FREE: _course(
            "A place is free", "In a course that was full and that you applied for.", Role.STUDENT
        ),
        NotificationType.COURSE_ENDED: _course("Endings", "A course of yours is completed, or ended early."),
        NotificationType.TASK_SET: _course("Tasks", "Your teacher sets you a task.", Role.STUDENT),
        NotificationType.TASK_DUE: _course(
            "Due tomorrow", "A task has to be handed in within a day.", Role.STUDENT, urgent=True
        ),
        NotificationType.TASK_HANDED_IN: _course("Handed in", "A student hands in their work.", Role.TEACHER),
        NotificationType.TASK_REVIEWED: _course("Feedback", "Your teacher has looked at your work.", Role.STUDENT),
        NotificationType.PAYMENT_REPORTED: _payment("Reported", "A student says they have paid you.", Role.TEACHER),
        NotificationType.PAYMENT_VERIFIED: _payment("Received", "Money for a lesson has come."),
        NotificationType.PAYMENT_REJECTED: _payment("Not received", "Money that was reported has not come."),
        NotificationType.PAYMENT_REFUNDED: _payment("Given back", "Money for a lesson was given back."),
        NotificationType.CALENDAR_FAILING: _lesson(
            "Other calendars", "A calendar that says when you are busy cannot be read.", role=Role.TEACHER
        ),
        NotificationType.TEACHING_DECIDED: _lesson(
            "Permission to teach", "The school lets you teach, or does so no more.", role=Role.TEACHER
        ),
        NotificationType.REVIEW_WRITTEN: _review("Written", "A student has reviewed a lesson of yours.", Role.TEACHER),
        NotificationType.REVIEW_REPLIED: _review("Answered", "A teacher has replied to your review.", Role.STUDENT),
        NotificationType.REVIEW_MODERATED: _review(
            "Hidden", "The school hides a review that you have written or got, or shows it again.", None
        ),
        NotificationType.WEBHOOK_STOPPED: TypeFacts(
            group=Group.PROGRAMS,
            label="Webhooks",
            about="A webhook of yours is switched off, because its receiver has failed for days.",
            role=Role.ADMIN,
        ),
    }
)

# Mails about the safety of an account, which accounts send by themselves. Their names are known here, so that who tries
# to turn them off is told why that cannot be done.
ALWAYS_MAILED = ("password-changed", "address-change-asked", "address-changed", "new-device")
