"""What goes in and out of the API about bookings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from accounts.models import Role
from bookings.marks import WORDS
from bookings.queries import NEWEST_FIRST, ORDERS, BookingsQuery
from bookings.rules.agreement import StatusChange
from bookings.statuses import BookingStatus
from gigs.schemas import HIGHEST_PRICE, LONGEST_FREE_CANCELLATION, NARROWING, WordsQuery
from web.fields import (
    Choice,
    Currency,
    IdNumber,
    InstantField,
    QueryInstant,
    QueryNumber,
    StrictSchema,
    Text,
    WholeNumber,
)
from web.pagination import PageSchema, position_for

NOTE_MAX = 2000
# What the student owes for ending a lesson, as an answer to `/cancellation` or a page has said; of a series, in all.
FEE_MAX = HIGHEST_PRICE * 100


class ReferenceSchema(StrictSchema):
    """A person, by id and name."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)


class GigReferenceSchema(StrictSchema):
    """A gig, by id and title."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)


class MoveSchema(StrictSchema):
    """Another time that is asked for.

    Until the answer the lesson stays where it is, and both times are held.
    """

    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    asked_by = Choice([Role.STUDENT, Role.TEACHER], required=True)
    asked_at = fields.AwareDateTime(required=True)


class UnseenChangeSchema(StrictSchema):
    """What the other side has changed and the viewer has not seen yet."""

    what = Choice(list(WORDS), required=True)
    at = fields.AwareDateTime(required=True)
    from_starts_at = fields.AwareDateTime(metadata={"description": "When it began as the viewer knows it."})


class BookingSchema(StrictSchema):
    """A booking as lists show it."""

    id = fields.Integer(required=True)
    status = Choice(BookingStatus, required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    note = fields.String(required=True)
    price_cents = fields.Integer(required=True)
    currency = fields.String(required=True)
    gig = fields.Nested(GigReferenceSchema, required=True)
    student = fields.Nested(ReferenceSchema, required=True)
    teacher = fields.Nested(ReferenceSchema, required=True)
    offered_until = fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata={"description": "Until when the waitlist keeps this place for the student, who has not taken it yet."},
    )
    move = fields.Nested(MoveSchema, required=True, allow_none=True)
    changed_for_you = fields.Nested(UnseenChangeSchema, required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class BookingDetailSchema(BookingSchema):
    """One booking, with what the viewer may do now.

    It has `location` once it is accepted, and the fee once it has been ended or its student did not come.
    """

    requested_by = Choice([Role.STUDENT, Role.TEACHER], required=True, metadata={"description": "Who asked."})
    allowed_transitions = fields.List(Choice(BookingStatus), required=True)
    series_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "The same for all lessons of a weekly series."}
    )
    unread_messages = fields.Integer(required=True, metadata={"description": "What the viewer has not read beside it."})
    location = fields.String()
    cancellation_fee_cents = fields.Integer()


class CancellationSchema(StrictSchema):
    """What the student owes if the viewer cancels or rejects the booking now."""

    allowed = fields.Boolean(required=True)
    fee_cents = fields.Integer(required=True)
    currency = fields.String(required=True)
    free_until = fields.AwareDateTime(required=True, allow_none=True)
    late_percent = fields.Integer(required=True)


class BookingsPageSchema(PageSchema):
    """A page of bookings."""

    data = fields.List(fields.Nested(BookingSchema), required=True)


class BookingEventSchema(StrictSchema):
    """One change of a booking.

    Without an actor it was the clock, or the waitlist.
    """

    at = fields.AwareDateTime(required=True)
    actor = fields.Nested(ReferenceSchema, required=True, allow_none=True)
    from_status = Choice(BookingStatus, data_key="from", required=True, allow_none=True)
    to_status = Choice(BookingStatus, data_key="to", required=True)
    what = Choice(list(WORDS), required=True, metadata={"description": "What happened, in one word."})
    reason = fields.String(required=True)
    from_starts_at = fields.AwareDateTime()
    to_starts_at = fields.AwareDateTime(
        metadata={"description": "Where it was moved to or, if `what` begins with `move_`, asked to be moved to."}
    )


class BookingHistorySchema(StrictSchema):
    """All changes of a booking, the first one first."""

    data = fields.List(fields.Nested(BookingEventSchema), required=True)


_SEEN = {"description": "As you saw it; if it is another one by now, nothing is booked (`price-changed`)."}


class SeenSchema(StrictSchema):
    """The price and the terms that the user saw, all of it optional."""

    seen_price_cents = WholeNumber(at_least=0, at_most=HIGHEST_PRICE, metadata=_SEEN)
    seen_currency = Currency(metadata=_SEEN)
    seen_duration_minutes = WholeNumber(at_least=5, at_most=480, metadata=_SEEN)
    seen_free_cancellation_hours = WholeNumber(at_least=0, at_most=LONGEST_FREE_CANCELLATION, metadata=_SEEN)
    seen_late_cancellation_percent = WholeNumber(at_least=0, at_most=100, metadata=_SEEN)


class SeenFormSchema(StrictSchema):
    """The same as a page's form sends it, where numbers are texts."""

    seen_price_cents = QueryNumber(at_least=0, at_most=HIGHEST_PRICE)
    seen_currency = Currency()
    seen_duration_minutes = QueryNumber(at_least=5, at_most=480)
    seen_free_cancellation_hours = QueryNumber(at_least=0, at_most=LONGEST_FREE_CANCELLATION)
    seen_late_cancellation_percent = QueryNumber(at_least=0, at_most=100)


class LessonSchema(SeenSchema):
    """A lesson to be booked.

    `student_id` is for administrators, who book for others, and teachers, who propose.
    """

    EXAMPLE = {"gig_id": 1, "starts_at": "2027-03-01T16:00:00Z", "note": "I would like to start with scales."}

    gig_id = IdNumber(required=True)
    starts_at = InstantField(required=True)
    note = Text(at_most=NOTE_MAX, load_default="")
    student_id = IdNumber(load_default=None)


class NewTimeSchema(StrictSchema):
    """A new time, and why."""

    starts_at = InstantField()
    reason = Text(at_most=NOTE_MAX, load_default="")


def status_change(*, status: BookingStatus, **about: Any) -> StatusChange:
    """Make what the services take of what was sent."""
    return StatusChange(to=status, **about)


class CalledOffSchema(StrictSchema):
    """What a page sends to cancel a lesson: why, and what the page said that it costs."""

    reason = Text(at_most=NOTE_MAX, load_default="")
    fee_cents = QueryNumber(at_least=0, at_most=FEE_MAX, required=True)
    # A box that is ticked.
    waive_fee = fields.Boolean(load_default=False)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> StatusChange:
        return status_change(**{"status": BookingStatus.CANCELLED, **data})


class FeeShownSchema(StrictSchema):
    """What a page said that moving a lesson leaves owing."""

    fee_cents = QueryNumber(at_least=0, at_most=FEE_MAX, load_default=None)


class StepSchema(CalledOffSchema):
    """What a page's button sends: a new status, and what the page showed."""

    status = Choice(BookingStatus, required=True)
    seen = InstantField(load_default=None)
    fee_cents = QueryNumber(at_least=0, at_most=FEE_MAX, load_default=None)


class BookingsQuerySchema(WordsQuery):
    """Filters of a list of bookings: `from` ≤ starts_at < `to`.

    `status` may be given several times.
    """

    statuses = fields.List(Choice(BookingStatus), data_key="status", load_default=list)
    start = QueryInstant(data_key="from", load_default=None)
    end = QueryInstant(data_key="to", load_default=None)
    order = Choice(list(ORDERS), load_default=NEWEST_FIRST)

    @validates_schema
    def _interval_is_not_empty(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["start"] and data["end"] and data["start"] >= data["end"]:
            raise ValidationError("This has to be before `to`.", "from")

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> BookingsQuery:
        rest = {name: data[name] for name in (*NARROWING, "start", "end", "order", "limit")}
        statuses = tuple(sorted(set(data["statuses"])))
        return BookingsQuery(statuses=statuses, after=position_for(data["cursor"], data["order"]), **rest)
