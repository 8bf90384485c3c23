"""What the API says about jobs."""

from __future__ import annotations

from marshmallow import fields

from jobs.models import LONGEST_NAME, JobState
from operators.jobs.queries import JobsQuery
from web.fields import Choice, Line, StrictSchema
from web.pagination import PageQuery, PageSchema


class JobsQuerySchema(PageQuery):
    """Which jobs."""

    MAKES = JobsQuery

    state = Choice(JobState, load_default=None)
    name = Line(at_most=LONGEST_NAME, load_default=None, metadata={"description": "For example `webhooks.send`."})


class JobSchema(StrictSchema):
    """A piece of work that no request waits for.

    One that is done is not kept.
    """

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    key = fields.String(required=True, allow_none=True)
    state = Choice(JobState, required=True)
    run_at = fields.AwareDateTime(required=True)
    attempts = fields.Integer(required=True)
    error = fields.String(required=True, allow_none=True, metadata={"description": "What the last attempt ended with."})
    created_at = fields.AwareDateTime(required=True)


class DepthSchema(StrictSchema):
    """How many jobs there are in each state."""

    waiting = fields.Integer(required=True)
    running = fields.Integer(required=True)
    dead = fields.Integer(required=True)


class JobsPageSchema(PageSchema):
    """Jobs, the newest first, and how many there are in all."""

    data = fields.List(fields.Nested(JobSchema), required=True)
    depth = fields.Nested(DepthSchema, required=True)


class RetriedSchema(StrictSchema):
    """How many jobs are tried again."""

    retried = fields.Integer(required=True)
