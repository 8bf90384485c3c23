"""What goes in and out of the API about weekly series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from bookings.many.schemas import ResultsSchema
from bookings.rules.agreement import NewTime, StatusChange
from bookings.schemas import (
    FEE_MAX,
    NOTE_MAX,
    BookingSchema,
    LessonSchema,
    NewTimeSchema,
    SeenFormSchema,
    status_change,
)
from bookings.series.plan import FEWEST, MOST
from bookings.series.rest import RestChange
from bookings.series.service import FAIL, SKIP, SeriesRequest, series_in
from bookings.statuses import BookingStatus
from web.fields import Choice, IdNumber, InstantField, QueryNumber, StrictSchema, Text, WholeNumber


class SeriesSchema(LessonSchema):
    """A lesson to be booked every week, `starts_at` being the first.

    It is at the same time of the teacher's clock every week.
    """

    EXAMPLE = {"gig_id": 1, "starts_at": "2027-03-01T16:00:00Z", "weeks": 10, "on_conflict": "skip"}

    weeks = WholeNumber(at_least=FEWEST, at_most=MOST, required=True)
    on_conflict = Choice(
        [FAIL, SKIP],
        load_default=FAIL,
        metadata={"description": "Where lessons cannot be booked: book none of them, or all others."},
    )

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> SeriesRequest:
        return series_in(data)


class SeriesFormSchema(SeenFormSchema):
    """The same as a page's address or form has it, where numbers are texts."""

    starts_at = InstantField(required=True)
    weeks = QueryNumber(at_least=FEWEST, at_most=MOST, required=True)
    note = Text(at_most=NOTE_MAX, load_default="")
    on_conflict = Choice([FAIL, SKIP], load_default=FAIL)


class SkippedLessonSchema(StrictSchema):
    """A lesson that could not be booked.

    `reason` is the word of the error that booking it alone raises.
    """

    starts_at = fields.AwareDateTime(required=True)
    reason = fields.String(required=True)


class BookedSeriesSchema(StrictSchema):
    """The lessons that were booked, and those that could not be."""

    series_id = fields.Integer(required=True)
    data = fields.List(fields.Nested(BookingSchema), required=True)
    skipped = fields.List(fields.Nested(SkippedLessonSchema), required=True)


class ChangeSeriesSchema(StrictSchema):
    """A new status for a lesson and the later ones, and why."""

    EXAMPLE = {"status": "cancelled", "reason": "We are moving away."}

    status = Choice(BookingStatus, required=True)
    reason = Text(at_most=NOTE_MAX, load_default="")
    fee_cents = WholeNumber(
        at_least=0,
        at_most=FEE_MAX,
        load_default=None,
        metadata={"description": "What you were told that all of it costs; if it is something else, nothing changes."},
    )
    waive_fee = fields.Boolean(
        truthy={True},
        falsy={False},
        load_default=False,
        metadata={"description": "The teacher lets the student off the fees of late moves."},
    )

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> StatusChange:
        return status_change(**data)


class ChangeRestSchema(NewTimeSchema):
    """A new time or a new status for a lesson of a series and the later ones, and why."""

    EXAMPLE = {"from": 12, "starts_at": "2027-03-01T17:00:00Z"}

    first_id = IdNumber(required=True, data_key="from", metadata={"description": "The first of the lessons."})
    status = Choice(BookingStatus)

    @validates_schema
    def _is_one_change(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("starts_at" in data) == ("status" in data):
            raise ValidationError("Give either a new status or a new starts_at.", "status")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> RestChange:
        first_id = data.pop("first_id")
        return RestChange(first_id=first_id, change=NewTime(**data) if "starts_at" in data else status_change(**data))


class ChangedSeriesSchema(StrictSchema):
    """The lessons that were changed, in order of time."""

    series_id = fields.Integer(required=True)
    data = fields.List(fields.Nested(BookingSchema), required=True)


class ChangedRestSchema(ResultsSchema):
    """What became of each lesson that was still open, and how they are now, in order of time."""

    series_id = fields.Integer(required=True)
    data = fields.List(fields.Nested(BookingSchema), required=True)


class PlannedLessonSchema(StrictSchema):
    """A lesson of a series.

    `local` is its start by the reader's clock, `reason` says why it cannot be booked.
    """

    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    local = fields.AwareDateTime(required=True)
    available = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True)


class SeriesPreviewSchema(StrictSchema):
    """What would become of a series, in order of time.

    The time is the same every week in `teacher_time_zone`.
    """

    data = fields.List(fields.Nested(PlannedLessonSchema), required=True)
    time_zone = fields.String(required=True)
    teacher_time_zone = fields.String(required=True)
