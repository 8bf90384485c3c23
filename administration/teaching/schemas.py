"""What goes in and out about the school's teachers."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from accounts.teaching.models import TeachingDecision, TeachingStatus
from accounts.teaching.schemas import LONGEST_MESSAGE, StandingSchema
from accounts.teaching.states import DECISIONS, EXPLAINED
from administration.teaching.queries import TeachersQuery, WhichTeachers
from web.fields import Choice, Line, StrictSchema, Text
from web.pagination import PageQuery, PageSchema


class TeachersQuerySchema(PageQuery):
    """Which teachers."""

    MAKES = TeachersQuery

    status = Choice(WhichTeachers, load_default=WhichTeachers.ALL)
    q = Line(at_most=200, load_default=None)


class TeachingDecisionSchema(StrictSchema):
    """What the school says to a teacher.

    Where it says no, it says why.
    """

    EXAMPLE = {"status": "approved"}
    MAKES = TeachingDecision

    status = Choice(DECISIONS, required=True)
    reason = Text(at_most=LONGEST_MESSAGE, load_default="")

    @validates_schema
    def _explain(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("status") in EXPLAINED and not data.get("reason"):
            raise ValidationError({"reason": ["Please say why: the teacher reads it."]})


class SchoolTeacherSchema(StandingSchema):
    """A teacher, and how things stand between them and the school."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    published_gigs = fields.Integer(required=True)
    allowed = fields.List(Choice(TeachingStatus), required=True)


class SchoolTeachersPageSchema(PageSchema):
    """Teachers, the newest account first."""

    data = fields.List(fields.Nested(SchoolTeacherSchema), required=True)
