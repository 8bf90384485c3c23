"""What goes in and out of the API about a teacher's students."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, post_load

from bookings.schemas import BookingSchema
from students.queries import BY_NAME, StudentsQuery
from web.fields import StrictSchema, Text
from web.pagination import PageQuery, PageSchema, position_for

LONGEST_SEARCH = 100


def _about(text: str) -> dict[str, str]:
    return {"description": text}


class StudentSchema(StrictSchema):
    """A student at a glance, as one of their teachers sees them.

    Administrators see lessons with all teachers.
    """

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    lessons = fields.Integer(required=True, metadata=_about("Lessons that are agreed on or took place."))
    next = fields.AwareDateTime(
        required=True, allow_none=True, metadata=_about("Start of the first agreed lesson that has not begun yet.")
    )
    last = fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata=_about("Start of the latest lesson, agreed on or completed, that has begun."),
    )
    open = fields.Integer(
        required=True,
        metadata=_about(
            "What waits for the teacher: requests of this student for a lesson or for another time, and agreed "
            "lessons that have begun and of which it is still to be said whether they took place."
        ),
    )


class StudentsPageSchema(PageSchema):
    """A page of students, by name."""

    data = fields.List(fields.Nested(StudentSchema), required=True)


class StudentDetailSchema(StudentSchema):
    """A student with the next and the last lessons, ten of each at most."""

    time_zone = fields.String(required=True)
    email = fields.String(
        required=True,
        allow_none=True,
        metadata=_about("For a teacher who has ever agreed on a lesson with them, as long as the account is open."),
    )
    active = fields.Boolean(required=True, metadata=_about("Whether the account is open."))
    next_lessons = fields.List(
        fields.Nested(BookingSchema),
        required=True,
        metadata=_about("Requests and agreed lessons that have not begun, the first one first."),
    )
    last_lessons = fields.List(
        fields.Nested(BookingSchema),
        required=True,
        metadata=_about("Agreed lessons that have begun, whatever became of them, the last one first."),
    )


class StudentsQuerySchema(PageQuery):
    """Which students: those whose name contains `q`."""

    q = Text(at_most=LONGEST_SEARCH, load_default=None)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> StudentsQuery:
        return StudentsQuery(q=data["q"] or None, limit=data["limit"], after=position_for(data["cursor"], BY_NAME))
