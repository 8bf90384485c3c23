"""What goes in and out of the API about assignments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_load, validates_schema

from bookings.schemas import GigReferenceSchema, ReferenceSchema
from enrolment.assignments.models import Ending
from enrolment.assignments.queries import LAST_ENDED, HistoryQuery
from enrolment.schemas import PlacesQuerySchema
from enrolment.statuses import ENDED, AssignmentStatus
from web.fields import Choice, QueryId, StrictSchema, Text, WholeNumber
from web.pagination import PageQuery, PageSchema, position_for

LONGEST_REASON = 2_000
_RATING = {"description": "What the teacher thinks of the student's work, when it is completed."}


class EndingSchema(StrictSchema):
    """How an assignment ends.

    Who drops it says why.
    """

    EXAMPLE = {"status": "completed", "rating": 5}
    MAKES = Ending

    status = Choice(list(ENDED), required=True)
    reason = Text(at_most=LONGEST_REASON, load_default="")
    rating = WholeNumber(at_least=1, at_most=5, allow_none=True, load_default=None, metadata=_RATING)

    @validates_schema
    def _is_whole(self, data: Mapping[str, Any], **_: Any) -> None:
        dropped = data.get("status") == AssignmentStatus.DROPPED
        if dropped and not data["reason"]:
            raise ValidationError("Say why, so that the other one knows.", "reason")
        if dropped and data["rating"] is not None:
            raise ValidationError("Only completed work is rated.", "rating")


class CourseEndSchema(EndingSchema):
    """The same as a page sends it, where numbers are texts."""

    @pre_load
    def _read(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        given = {name: value for name, value in data.items() if value}
        rating = given.get("rating")
        return given | ({"rating": int(rating)} if rating in ("1", "2", "3", "4", "5") else {})


class AssignmentSchema(StrictSchema):
    """A student's place in a gig.

    `open_tasks` are those that the student has still to hand in.
    """

    id = fields.Integer(required=True)
    application_id = fields.Integer(required=True)
    status = Choice(AssignmentStatus, required=True)
    gig = fields.Nested(GigReferenceSchema, required=True)
    student = fields.Nested(ReferenceSchema, required=True)
    teacher = fields.Nested(ReferenceSchema, required=True)
    tasks = fields.Integer(required=True)
    open_tasks = fields.Integer(required=True)
    tasks_done = fields.Integer(required=True)
    reason = fields.String(required=True)
    rating = fields.Integer(required=True, allow_none=True, metadata=_RATING)
    created_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)


class AssignmentDetailSchema(AssignmentSchema):
    """One assignment, with what the viewer may do now."""

    allowed_transitions = fields.List(Choice(AssignmentStatus), required=True)


class AssignmentsPageSchema(PageSchema):
    """A page of assignments."""

    data = fields.List(fields.Nested(AssignmentSchema), required=True)


class AssignmentsQuerySchema(PlacesQuerySchema):
    """Which of one's own assignments.

    `status` may be given several times.
    """

    statuses = fields.List(Choice(AssignmentStatus), data_key="status", load_default=list)
    gig_id = QueryId(load_default=None)


class HistoryQuerySchema(PageQuery):
    """Which page of the work history."""

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> HistoryQuery:
        return HistoryQuery(limit=data["limit"], after=position_for(data["cursor"], LAST_ENDED.name))
