"""What comes in to book a lesson, or to enter one for a student."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from accounts.by_mail.invitation import Invited
from accounts.schemas import EmailField
from bookings.entering.service import Entry
from bookings.rules.agreement import LessonRequest, wanted_in
from bookings.schemas import LessonSchema
from bookings.series.plan import MOST
from web.fields import Line, StrictSchema, WholeNumber

_AGREED = {"description": "The two have agreed already: it is accepted at once, at any free time of the teacher."}


class InvitedSchema(StrictSchema):
    """A student by name and address, who gets an account, or is asked if they have one."""

    MAKES = Invited

    name = Line(at_least=1, at_most=80, required=True)
    email = EmailField(required=True)


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
