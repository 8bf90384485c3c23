"""What comes in to book a lesson, or to enter one for a student."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from accounts.invitations.service import Invited
from accounts.schemas import EmailField
from bookings.entering.answers import Reply
from bookings.entering.service import Entry
from bookings.rules.agreement import LessonRequest, wanted_in
from bookings.schemas import LessonSchema, ReferenceSchema
from bookings.series.plan import MOST
from bookings.statuses import BookingStatus
from web.fields import Choice, Line, StrictSchema, WholeNumber

_AGREED = {"description": "The two have agreed already: it is accepted at once, at any free time of the teacher."}


class InvitedSchema(StrictSchema):
    """A student by name and address, who is asked by mail."""

    MAKES = Invited

    name = Line(at_least=1, at_most=80, required=True)
    email = EmailField(required=True)


class AnswerSchema(StrictSchema):
    """Whether lessons that were entered for one's address are one's own."""

    EXAMPLE = {"answer": "yes"}

    answer = Choice(Reply, required=True)


class OwnLessonSchema(StrictSchema):
    """A lesson of one's own that another one overlaps with."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)
    status = Choice(BookingStatus, required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)


class WaitingLessonSchema(OwnLessonSchema):
    """A lesson that was entered for an address."""

    overlaps_with = fields.Nested(OwnLessonSchema, required=True, allow_none=True)


class InvitationSchema(StrictSchema):
    """What one teacher has entered for an address."""

    id = fields.Integer(required=True)
    teacher = fields.Nested(ReferenceSchema, required=True)
    time_zone = fields.String(required=True, metadata={"description": "That of the teacher."})
    lessons = fields.List(fields.Nested(WaitingLessonSchema), required=True)


class InvitationsSchema(StrictSchema):
    """All that waits for one's answer."""

    data = fields.List(fields.Nested(InvitationSchema), required=True)


class CreateBookingSchema(LessonSchema):
    """A lesson to be booked or, by a teacher or an administrator, to be entered for a student."""

    student = fields.Nested(InvitedSchema)
    agreed = fields.Boolean(truthy={True}, falsy={False}, load_default=False, metadata=_AGREED)
    weeks = WholeNumber(
        at_least=1, at_most=MOST, load_default=1, metadata={"description": "Enter it every week, so often."}
    )

    @validates_schema
    def _names_one_student(self, data: Mapping[str, Any], **_: Any) -> None:
        if "student" in data and data["student_id"] is not None:
            raise ValidationError("Give either student_id or student.", "student")
        if data["weeks"] > 1 and not (data["agreed"] or "student" in data):
            raise ValidationError("Only what is entered for a student is repeated here.", "weeks")

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> LessonRequest | Entry:
        lesson = wanted_in(data)
        if not data["agreed"] and "student" not in data:
            return lesson
        return Entry(lesson=lesson, student=data.get("student"), agreed=data["agreed"], weeks=data["weeks"])
