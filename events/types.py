"""The table of all that can happen and that others hear of."""

from __future__ import annotations

from enum import StrEnum


class EventType(StrEnum):
    """What happened.

    `data` of each has the ids that it is about, under the names of their columns.
    """

    BOOKING_REQUESTED = "booking.requested"
    BOOKING_PROPOSED = "booking.proposed"
    BOOKING_ACCEPTED = "booking.accepted"
    BOOKING_DECLINED = "booking.declined"
    BOOKING_CANCELLED = "booking.cancelled"
    # What a gig confirms at once is asked of nobody.
    BOOKING_BOOKED = "booking.booked"
    # It was entered for an address, and the address is that of this student, who is asked whether it is theirs.
    LESSON_AWAITS_OWNER = "lesson.awaits_owner"
    BOOKING_MOVED = "booking.moved"
    # The session that it is in takes place elsewhere.
    BOOKING_RELOCATED = "booking.relocated"
    BOOKING_EXPIRED = "booking.expired"
    BOOKING_COMPLETED = "booking.completed"
    BOOKING_NO_SHOW = "booking.no_show"

    # Another time is asked for, for a lesson that stays where it is until the answer.
    BOOKING_MOVE_ASKED = "booking.move_asked"
    BOOKING_MOVE_ACCEPTED = "booking.move_accepted"
    BOOKING_MOVE_DECLINED = "booking.move_declined"
    BOOKING_MOVE_WITHDRAWN = "booking.move_withdrawn"
    BOOKING_MOVE_LAPSED = "booking.move_lapsed"

    # A place that the waitlist keeps for a student, until they ask for the lesson: `booking.requested` then.
    WAITLIST_OFFERED = "waitlist.offered"
    WAITLIST_DECLINED = "waitlist.declined"
    WAITLIST_EXPIRED = "waitlist.expired"
    WAITLIST_WITHDRAWN = "waitlist.withdrawn"

    # What happens to a session itself. The lessons in it have events of their own.
    SESSION_SET = "session.set"
    SESSION_MOVED = "session.moved"
    SESSION_RELOCATED = "session.relocated"
    SESSION_CANCELLED = "session.cancelled"

    # Messages beside a lesson, which have waited for their reader for a while.
    MESSAGES_UNREAD = "messages.unread"

    GIG_PUBLISHED = "gig.published"
    GIG_PAUSED = "gig.paused"
    GIG_ARCHIVED = "gig.archived"
    GIG_CHANGED = "gig.changed"

    USER_REGISTERED = "user.registered"
    USER_RENAMED = "user.renamed"
    USER_DEACTIVATED = "user.deactivated"

    # Somebody wants to teach, and what the school says to it.
    TEACHING_ASKED = "teaching.asked"
    TEACHING_APPROVED = "teaching.approved"
    TEACHING_DECLINED = "teaching.declined"
    TEACHING_ENDED = "teaching.ended"

    REVIEW_CREATED = "review.created"
    REVIEW_REPLIED = "review.replied"
    REVIEW_HIDDEN = "review.hidden"
    REVIEW_RESTORED = "review.restored"

    APPLICATION_CREATED = "application.created"
    APPLICATION_ACCEPTED = "application.accepted"
    APPLICATION_REJECTED = "application.rejected"
    APPLICATION_WITHDRAWN = "application.withdrawn"
    # A gig that was full has a place again, for one of those who have applied.
    APPLICATION_PLACE_FREE = "application.place_free"

    ASSIGNMENT_COMPLETED = "assignment.completed"
    ASSIGNMENT_DROPPED = "assignment.dropped"

    TASK_CREATED = "task.created"
    # It has to be handed in within a day, and was not yet.
    TASK_DUE = "task.due"
    SUBMISSION_CREATED = "submission.created"
    SUBMISSION_REVIEWED = "submission.reviewed"

    # A calendar that says when a teacher has no time cannot be read, for a day now.
    BUSY_CALENDAR_FAILING = "busy_calendar.failing"

    # Money for a lesson: reported by its student, found on the payee's account or not, given back.
    PAYMENT_SUBMITTED = "payment.submitted"
    PAYMENT_VERIFIED = "payment.verified"
    PAYMENT_REJECTED = "payment.rejected"
    PAYMENT_REFUNDED = "payment.refunded"

    # Lessons that are paid in advance: asked for, paid, not wanted any more, ended.
    PACKAGE_ORDERED = "package.ordered"
    PACKAGE_PAID = "package.paid"
    PACKAGE_CANCELLED = "package.cancelled"
    PACKAGE_CLOSED = "package.closed"
    PACKAGE_REFUNDED = "package.refunded"
    PACKAGE_OVERPAID = "package.overpaid"

    # An address that got what happens gets nothing any more: it has failed for days, or wants none.
    WEBHOOK_STOPPED = "webhook.stopped"


# A word to one person about what has not happened yet, or what only they may know: nothing for programs.
FOR_PEOPLE_ALONE = frozenset(
    {
        EventType.LESSON_AWAITS_OWNER,
        EventType.MESSAGES_UNREAD,
        EventType.APPLICATION_PLACE_FREE,
        EventType.TASK_DUE,
        EventType.BUSY_CALENDAR_FAILING,
        EventType.WEBHOOK_STOPPED,
    }
)
LOGGED = tuple(type_ for type_ in EventType if type_ not in FOR_PEOPLE_ALONE)
