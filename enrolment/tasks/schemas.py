"""What goes in and out of the API about tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from bookings.schemas import GigReferenceSchema, ReferenceSchema
from enrolment.statuses import AssignmentStatus, TaskStatus
from enrolment.tasks.models import LONGEST_INSTRUCTIONS, LONGEST_TITLE, NewTask, TaskChanges
from enrolment.tasks.queries import ORDERS, OVERDUE, SOONEST_FIRST, TasksQuery
from web.fields import Choice, InstantInReach, QueryId, QueryInstant, StrictSchema, Text
from web.pagination import PageQuery, PageSchema, position_for


class NewTaskSchema(StrictSchema):
    """What is to be done, and until when."""

    EXAMPLE = {
        "title": "Scales in C and G",
        "instructions": "Both hands, slowly. Record yourself.",
        "due_at": "2027-03-01T16:00:00Z",
    }
    MAKES = NewTask

    title = Text(at_least=1, at_most=LONGEST_TITLE, required=True)
    instructions = Text(at_most=LONGEST_INSTRUCTIONS, required=True)
    due_at = InstantInReach(allow_none=True, load_default=None)


class ChangeTaskSchema(StrictSchema):
    """What becomes different of a task, at least one of the three."""

    EXAMPLE = {"due_at": "2027-03-08T16:00:00Z"}

    title = Text(at_least=1, at_most=LONGEST_TITLE)
    instructions = Text(at_most=LONGEST_INSTRUCTIONS)
    due_at = InstantInReach(allow_none=True)

    @validates_schema
    def _changes_something(self, data: Mapping[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError("Give a new title, new instructions or another day.", "title")

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> TaskChanges:
        return TaskChanges(data)


class AssignmentReferenceSchema(StrictSchema):
    """An assignment, by id, with where it stands."""

    id = fields.Integer(required=True)
    status = Choice(AssignmentStatus, required=True)


class TaskSchema(StrictSchema):
    """A task.

    `versions` is how often something was handed in for it.
    """

    id = fields.Integer(required=True)
    status = Choice(TaskStatus, required=True)
    title = fields.String(required=True)
    instructions = fields.String(required=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    overdue = fields.Boolean(
        required=True, metadata={"description": "Whether it has still to be handed in, and the time is over."}
    )
    versions = fields.Integer(required=True)
    assignment = fields.Nested(AssignmentReferenceSchema, required=True)
    gig = fields.Nested(GigReferenceSchema, required=True)
    student = fields.Nested(ReferenceSchema, required=True)
    teacher = fields.Nested(ReferenceSchema, required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class NewTasksSchema(StrictSchema):
    """The tasks that were set, one for each student."""

    data = fields.List(fields.Nested(TaskSchema), required=True)


class TasksPageSchema(PageSchema):
    """A page of tasks."""

    data = fields.List(fields.Nested(TaskSchema), required=True)


class TasksQuerySchema(PageQuery):
    """Which of one's own tasks, those first that are due first.

    `status` may be given several times.

    `overdue` stands alone. What an ended assignment has left open is listed only with its `assignment_id`.
    """

    statuses = fields.List(Choice([*TaskStatus, OVERDUE]), data_key="status", load_default=list)
    assignment_id = QueryId(load_default=None)
    due_before = QueryInstant(load_default=None)
    order = Choice(list(ORDERS), load_default=SOONEST_FIRST)

    @validates_schema
    def _overdue_stands_alone(self, data: Mapping[str, Any], **_: Any) -> None:
        if OVERDUE in data["statuses"] and len(set(data["statuses"])) > 1:
            raise ValidationError("`overdue` stands alone.", "status")

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> TasksQuery:
        rest = {name: data[name] for name in ("assignment_id", "due_before", "order", "limit")}
        statuses = tuple(sorted(set(data["statuses"])))
        return TasksQuery(statuses=statuses, after=position_for(data["cursor"], data["order"]), **rest)
