"""Say what each logged type of event means: the table of `docs/events.md`, and what the API documents."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from events.types import EventType

_E = EventType

MEANINGS: Mapping[_E, str] = MappingProxyType(
    {
        _E.BOOKING_REQUESTED: "A student asks for a lesson.",
        _E.BOOKING_PROPOSED: "A teacher proposes a lesson.",
        _E.BOOKING_ACCEPTED: "The other side agrees to a lesson.",
        _E.BOOKING_DECLINED: "The other side does not agree to a lesson.",
        _E.BOOKING_CANCELLED: "A lesson does not take place.",
        _E.BOOKING_BOOKED: "A lesson is agreed on without being asked for first.",
        _E.BOOKING_MOVED: "A lesson has another time.",
        _E.BOOKING_RELOCATED: "A lesson of a group has another place.",
        _E.BOOKING_EXPIRED: "A request was not answered in time.",
        _E.BOOKING_COMPLETED: "A lesson took place.",
        _E.BOOKING_NO_SHOW: "A student did not come.",
        _E.BOOKING_MOVE_ASKED: "Another time is asked for; the lesson keeps its own until the answer.",
        _E.BOOKING_MOVE_ACCEPTED: "The other side agrees to another time.",
        _E.BOOKING_MOVE_DECLINED: "The other side does not agree to another time.",
        _E.BOOKING_MOVE_WITHDRAWN: "The wish for another time is taken back.",
        _E.BOOKING_MOVE_LAPSED: "The wish for another time was not answered in time.",
        _E.WAITLIST_OFFERED: "A place is kept for a student who waits.",
        _E.WAITLIST_DECLINED: "The student does not want the place.",
        _E.WAITLIST_EXPIRED: "The student did not take the place in time.",
        _E.WAITLIST_WITHDRAWN: "The place is not offered any more.",
        _E.SESSION_SET: "A group has a new session; what is set at once is an event for each.",
        _E.SESSION_MOVED: "A session of a group has another time, and so have the lessons in it.",
        _E.SESSION_RELOCATED: "A session of a group has another place.",
        _E.SESSION_CANCELLED: "A session of a group does not take place.",
        _E.GIG_PUBLISHED: "A gig can be found and booked.",
        _E.GIG_PAUSED: "A gig cannot be booked for now.",
        _E.GIG_ARCHIVED: "A gig has ended.",
        _E.GIG_CHANGED: "A gig that was published says something else, or has other terms.",
        _E.USER_REGISTERED: "Somebody has an account.",
        _E.USER_RENAMED: "Somebody has another name.",
        _E.USER_DEACTIVATED: "An account was closed.",
        _E.TEACHING_ASKED: "A teacher asks for the school's approval.",
        _E.TEACHING_APPROVED: "The school has approved a teacher.",
        _E.TEACHING_DECLINED: "The school has not approved a teacher who asked.",
        _E.TEACHING_ENDED: "The school has taken its approval back.",
        _E.REVIEW_CREATED: "A student has reviewed a teacher.",
        _E.REVIEW_REPLIED: "A teacher has replied to a review.",
        _E.REVIEW_HIDDEN: "A review is not public any more, because the school has hidden it.",
        _E.REVIEW_RESTORED: "A review that was hidden is public again.",
        _E.APPLICATION_CREATED: "A student applies for a place.",
        _E.APPLICATION_ACCEPTED: "A student has a place.",
        _E.APPLICATION_REJECTED: "A student does not get a place.",
        _E.APPLICATION_WITHDRAWN: "A student does not want the place any more.",
        _E.ASSIGNMENT_COMPLETED: "A student has finished a course.",
        _E.ASSIGNMENT_DROPPED: "A student has left a course.",
        _E.TASK_CREATED: "A teacher has set a task.",
        _E.SUBMISSION_CREATED: "A student has handed something in.",
        _E.SUBMISSION_REVIEWED: "A teacher has looked at what was handed in.",
        _E.PAYMENT_SUBMITTED: "A student says that a payment was made.",
        _E.PAYMENT_VERIFIED: "A payment was found.",
        _E.PAYMENT_REJECTED: "A payment was not found.",
        _E.PAYMENT_REFUNDED: "Money was given back.",
        _E.PACKAGE_ORDERED: "A student asks for several lessons that are paid in advance.",
        _E.PACKAGE_PAID: "A package was paid; from now on it pays for lessons.",
        _E.PACKAGE_CANCELLED: "A package that was not paid is not wanted any more.",
        _E.PACKAGE_CLOSED: "What is left of a package pays for nothing any more.",
        _E.PACKAGE_REFUNDED: "Lessons of a package that nobody has taken were paid back.",
        _E.PACKAGE_OVERPAID: "Money came by card that a package does not need: it is to be given back.",
    }
)


def as_table() -> str:
    """Write all types as a Markdown table."""
    rows = [f"| `{type_}` | {meaning} |" for type_, meaning in MEANINGS.items()]
    return "\n".join(["| type | what has happened |", "|---|---|", *rows])
