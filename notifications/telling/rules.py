"""Who is told what, as one table: what happened → who → the type they choose mails by → the words.

Nobody is told of what they did themselves. So of two people the other one is told; what an administrator does, both
are told, and so they are of what the clock does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from events import EventType
from notifications.types import NotificationType


class Side(StrEnum):
    """Who something is about, as events name them: one of the two people of a lesson, mostly."""

    STUDENT = "student_id"
    TEACHER = "teacher_id"
    # Of a webhook, which has one alone.
    OWNER = "owner_id"


BOTH = (Side.STUDENT, Side.TEACHER)

# The page that a row's notification leads to, where it is not the lesson's.
LESSON_PAGE = "lesson_page.show"
SESSION_PAGE, TIMETABLE_PAGE = "session_pages.show", "session_pages.timetable"
REVIEWS_PAGE = "review_pages.mine"
INVITATION_PAGE = "invitation_pages.show"
PACKAGE_PAGE = "package_pages.show"
BUSY_PAGE = "busy_pages.show"
APPLICATIONS_PAGE, COURSE_PAGE, TASK_PAGE = "application_pages.mine", "course_pages.show", "task_pages.show"
TEACHING_PAGE = "teaching_pages.show"
WEBHOOK_PAGE = "webhook_pages.show"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the table.

    `template` is a file below `templates/mail/notifications/`, which has the words of the mail and of the list.
    """

    who: tuple[Side, ...]
    type: NotificationType
    template: str
    page: str = LESSON_PAGE
    # Its mails put the lesson into calendars, change it there, or remove it.
    in_calendars: bool = False
    # One click in a mail program ends its mails: what an answer depends on must not end by mistake.
    one_click: bool = False


_E, _T = EventType, NotificationType


def _lesson(type_: NotificationType, template: str) -> Rule:
    return Rule(who=BOTH, type=type_, template=template, in_calendars=True)


def _news(who: tuple[Side, ...], type_: NotificationType, template: str) -> Rule:
    # The lesson stays where it is, and so do calendars.
    return Rule(who=who, type=type_, template=template)


def _session(type_: NotificationType, template: str) -> Rule:
    return Rule(who=(Side.TEACHER,), type=type_, template=template, page=SESSION_PAGE, in_calendars=True)


def _waitlist(template: str) -> Rule:
    # The teacher hears of it when the student takes the place and so asks for the lesson.
    return Rule(who=(Side.STUDENT,), type=_T.WAITLIST_OFFER, template=template)


_STUDENT, _TEACHER = (Side.STUDENT,), (Side.TEACHER,)


def _course(who: tuple[Side, ...], type_: NotificationType, template: str, page: str) -> Rule:
    # One click ends reminders and news, but not what an answer depends on.
    return Rule(who=who, type=type_, template=template, page=page, one_click=type_ in (_T.TASK_DUE, _T.PLACE_FREE))


def _package(who: tuple[Side, ...], type_: NotificationType, template: str) -> Rule:
    return Rule(who=who, type=type_, template=template, page=PACKAGE_PAGE)


RULES: Mapping[EventType, Rule] = MappingProxyType(
    {
        _E.BOOKING_REQUESTED: _lesson(_T.LESSON_REQUESTED, "lesson_requested"),
        _E.BOOKING_PROPOSED: _lesson(_T.LESSON_PROPOSED, "lesson_proposed"),
        _E.BOOKING_ACCEPTED: _lesson(_T.LESSON_ACCEPTED, "lesson_accepted"),
        _E.BOOKING_DECLINED: _lesson(_T.LESSON_DECLINED, "lesson_declined"),
        _E.BOOKING_CANCELLED: _lesson(_T.LESSON_CANCELLED, "lesson_cancelled"),
        _E.BOOKING_BOOKED: _lesson(_T.LESSON_BOOKED, "lesson_booked"),
        _E.LESSON_AWAITS_OWNER: Rule(
            who=(Side.STUDENT,), type=_T.LESSON_PROPOSED, template="lesson_awaits_owner", page=INVITATION_PAGE
        ),
        _E.BOOKING_MOVE_ASKED: _news(BOTH, _T.LESSON_MOVE_ASKED, "move_asked"),
        _E.BOOKING_MOVE_ACCEPTED: _lesson(_T.LESSON_MOVED, "move_accepted"),
        _E.BOOKING_MOVE_DECLINED: _news(BOTH, _T.LESSON_MOVE_ANSWERED, "move_declined"),
        _E.BOOKING_MOVE_WITHDRAWN: _news(BOTH, _T.LESSON_MOVE_ANSWERED, "move_withdrawn"),
        # Who did not answer knows it.
        _E.BOOKING_MOVE_LAPSED: _news((Side.STUDENT,), _T.LESSON_MOVE_ANSWERED, "move_lapsed"),
        _E.BOOKING_MOVED: _lesson(_T.LESSON_MOVED, "lesson_moved"),
        _E.BOOKING_RELOCATED: _lesson(_T.LESSON_MOVED, "lesson_relocated"),
        _E.SESSION_SET: _session(_T.SESSION_SET, "session_set"),
        # Where students have places in it, their lessons say it.
        _E.SESSION_MOVED: _session(_T.LESSON_MOVED, "session_moved"),
        _E.SESSION_RELOCATED: _session(_T.LESSON_MOVED, "session_relocated"),
        _E.SESSION_CANCELLED: _session(_T.LESSON_CANCELLED, "session_cancelled"),
        _E.BOOKING_EXPIRED: _lesson(_T.LESSON_EXPIRED, "lesson_expired"),
        _E.WAITLIST_OFFERED: _waitlist("waitlist_offered"),
        _E.WAITLIST_EXPIRED: _waitlist("waitlist_expired"),
        _E.WAITLIST_WITHDRAWN: _waitlist("waitlist_withdrawn"),
        _E.MESSAGES_UNREAD: Rule(who=BOTH, type=_T.LESSON_MESSAGE, template="lesson_message"),
        _E.APPLICATION_CREATED: _course(_TEACHER, _T.APPLICATION_RECEIVED, "application_received", APPLICATIONS_PAGE),
        _E.APPLICATION_ACCEPTED: _course(BOTH, _T.APPLICATION_DECIDED, "application_accepted", COURSE_PAGE),
        _E.APPLICATION_REJECTED: _course(BOTH, _T.APPLICATION_DECIDED, "application_rejected", APPLICATIONS_PAGE),
        _E.APPLICATION_PLACE_FREE: _course(_STUDENT, _T.PLACE_FREE, "place_free", APPLICATIONS_PAGE),
        _E.ASSIGNMENT_COMPLETED: _course(BOTH, _T.COURSE_ENDED, "course_completed", COURSE_PAGE),
        _E.ASSIGNMENT_DROPPED: _course(BOTH, _T.COURSE_ENDED, "course_dropped", COURSE_PAGE),
        _E.TASK_CREATED: _course(_STUDENT, _T.TASK_SET, "task_set", TASK_PAGE),
        _E.TASK_DUE: _course(_STUDENT, _T.TASK_DUE, "task_due", TASK_PAGE),
        _E.SUBMISSION_CREATED: _course(_TEACHER, _T.TASK_HANDED_IN, "task_handed_in", TASK_PAGE),
        _E.SUBMISSION_REVIEWED: _course(_STUDENT, _T.TASK_REVIEWED, "task_reviewed", TASK_PAGE),
        _E.PAYMENT_SUBMITTED: _news((Side.TEACHER,), _T.PAYMENT_REPORTED, "payment_reported"),
        _E.PAYMENT_VERIFIED: _news(BOTH, _T.PAYMENT_VERIFIED, "payment_verified"),
        _E.PAYMENT_REJECTED: _news(BOTH, _T.PAYMENT_REJECTED, "payment_rejected"),
        _E.PAYMENT_REFUNDED: _news(BOTH, _T.PAYMENT_REFUNDED, "payment_refunded"),
        _E.PACKAGE_ORDERED: _package(_TEACHER, _T.PAYMENT_REPORTED, "package_ordered"),
        _E.PACKAGE_PAID: _package(BOTH, _T.PAYMENT_VERIFIED, "package_paid"),
        _E.PACKAGE_CANCELLED: _package(BOTH, _T.PAYMENT_REJECTED, "package_cancelled"),
        _E.PACKAGE_CLOSED: _package(BOTH, _T.PAYMENT_REFUNDED, "package_closed"),
        _E.PACKAGE_REFUNDED: _package(BOTH, _T.PAYMENT_REFUNDED, "package_refunded"),
        _E.PACKAGE_OVERPAID: _package(BOTH, _T.PAYMENT_REFUNDED, "package_overpaid"),
        _E.BUSY_CALENDAR_FAILING: Rule(
            who=_TEACHER, type=_T.CALENDAR_FAILING, template="calendar_failing", page=BUSY_PAGE, one_click=True
        ),
        _E.REVIEW_CREATED: Rule(
            who=(Side.TEACHER,), type=_T.REVIEW_WRITTEN, template="review_written", page=REVIEWS_PAGE, one_click=True
        ),
        **{
            event: Rule(who=_TEACHER, type=_T.TEACHING_DECIDED, template=template, page=TEACHING_PAGE)
            for event, template in (
                (_E.TEACHING_APPROVED, "teaching_approved"),
                (_E.TEACHING_DECLINED, "teaching_declined"),
                (_E.TEACHING_ENDED, "teaching_ended"),
            )
        },
        _E.WEBHOOK_STOPPED: Rule(
            who=(Side.OWNER,), type=_T.WEBHOOK_STOPPED, template="webhook_stopped", page=WEBHOOK_PAGE
        ),
        _E.REVIEW_HIDDEN: _news(BOTH, _T.REVIEW_MODERATED, "review_hidden"),
        _E.REVIEW_RESTORED: _news(BOTH, _T.REVIEW_MODERATED, "review_restored"),
        _E.REVIEW_REPLIED: Rule(who=(Side.STUDENT,), type=_T.REVIEW_REPLIED, template="review_replied", one_click=True),
    }
)

# What nobody has to be told: both were there, or it concerns only who did it.
UNTOLD = frozenset(
    {
        *(_E.BOOKING_COMPLETED, _E.BOOKING_NO_SHOW, _E.WAITLIST_DECLINED, _E.APPLICATION_WITHDRAWN),
        *(_E.GIG_PUBLISHED, _E.GIG_PAUSED, _E.GIG_ARCHIVED, _E.GIG_CHANGED),
        *(_E.USER_REGISTERED, _E.USER_RENAMED, _E.USER_DEACTIVATED),
        # The school finds it under Administration.
        _E.TEACHING_ASKED,
    }
)

# Who did what its people did not do themselves: a member of the office, or an administrator.
SOMEBODY_ELSE = "The school"

# What no event tells of, but the clock: a lesson begins soon.
REMINDER = Rule(who=BOTH, type=_T.LESSON_REMINDER, template="lesson_reminder", in_calendars=True, one_click=True)
