"""What goes in and out of the API about applications."""

from __future__ import annotations

from marshmallow import fields

from bookings.schemas import GigReferenceSchema, ReferenceSchema
from enrolment.applications.models import Decision
from enrolment.schemas import PlacesQuerySchema
from enrolment.statuses import ApplicationStatus
from web.fields import Choice, QueryId, StrictSchema, Text
from web.pagination import PageSchema

LONGEST_MESSAGE, LONGEST_REASON = 5_000, 2_000
_DECISIONS = [status for status in ApplicationStatus if status != ApplicationStatus.PENDING]


class NewApplicationSchema(StrictSchema):
    """What a student writes who applies for a place."""

    EXAMPLE = {"message": "I have played for two years and would like to learn in a group."}

    message = Text(at_least=1, at_most=LONGEST_MESSAGE, required=True)


class DecisionSchema(StrictSchema):
    """The answer to an application: by its teacher, or by its student who takes it back."""

    EXAMPLE = {"status": "rejected", "reason": "This course is for beginners."}
    MAKES = Decision

    status = Choice(_DECISIONS, required=True)
    reason = Text(at_most=LONGEST_REASON, load_default="")


class ApplicationSchema(StrictSchema):
    """An application, with its assignment once it is accepted."""

    id = fields.Integer(required=True)
    status = Choice(ApplicationStatus, required=True)
    message = fields.String(required=True)
    reason = fields.String(required=True)
    gig = fields.Nested(GigReferenceSchema, required=True)
    student = fields.Nested(ReferenceSchema, required=True)
    teacher = fields.Nested(ReferenceSchema, required=True)
    assignment_id = fields.Integer(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)


class ApplicationDetailSchema(ApplicationSchema):
    """One application, with what the viewer may do now."""

    allowed_transitions = fields.List(Choice(ApplicationStatus), required=True)


class ApplicationsPageSchema(PageSchema):
    """A page of applications, the newest first."""

    data = fields.List(fields.Nested(ApplicationSchema), required=True)


class GigApplicationsQuerySchema(PlacesQuerySchema):
    """Which applications to a gig.

    `status` may be given several times.
    """

    statuses = fields.List(Choice(ApplicationStatus), data_key="status", load_default=list)


class ApplicationsQuerySchema(GigApplicationsQuerySchema):
    """Which of one's own applications.

    `status` may be given several times.
    """

    gig_id = QueryId(load_default=None)
