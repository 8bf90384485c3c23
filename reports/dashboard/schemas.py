"""What the API says about dashboards."""

from __future__ import annotations

from marshmallow import fields

from accounts.models import Role
from bookings.schemas import BookingSchema, ReferenceSchema
from bookings.statistics.schemas import FiguredGigSchema, MoneySchema
from web.fields import Choice, InstantField, StrictSchema, TimeZoneName


class StretchSchema(StrictSchema):
    """A day or a week of the reader's clock, and the lessons that begin in it.

    It goes from its first day to before `to`. `lessons` are those that both agreed on, over or not, and `hours`,
    `students` and `teachers` are theirs. The last two say who has registered, for administrators.
    """

    first = fields.Date(data_key="from", required=True)
    end = fields.Date(data_key="to", required=True)
    lessons = fields.Integer(required=True)
    pending = fields.Integer(required=True)
    completed = fields.Integer(required=True)
    no_show = fields.Integer(required=True)
    cancelled = fields.Integer(required=True)
    hours = fields.Float(required=True)
    students = fields.Integer(required=True)
    teachers = fields.Integer(required=True)
    new_students = fields.Integer()
    new_teachers = fields.Integer()


class WaitingSchema(StrictSchema):
    """How much waits for oneself.

    `unrecorded` are lessons of which it was not said yet whether they took place. Students have requests alone.
    """

    requests = fields.Integer(required=True)
    unrecorded = fields.Integer()
    payments = fields.Integer()
    applications = fields.Integer()
    handed_in = fields.Integer()


class NextTaskSchema(StrictSchema):
    """A task that is to be done."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)
    status = fields.String(required=True)
    due_at = InstantField(required=True, allow_none=True)
    overdue = fields.Boolean(required=True)
    gig = fields.Nested(FiguredGigSchema, required=True)
    teacher = fields.Nested(ReferenceSchema, required=True)


class OpenTasksSchema(StrictSchema):
    """What a student has to hand in.

    That is how many tasks, how many of them are late, and those that are due first.
    """

    open = fields.Integer(required=True)
    overdue = fields.Integer(required=True)
    next = fields.List(fields.Nested(NextTaskSchema), required=True)


class AttentionSchema(StrictSchema):
    """What needs a look in a school.

    Requests have waited for a day, and lessons were over for as long without a word on how they went. Payments and
    applications wait at all. `failed_jobs` are mails and other work that was given up.
    """

    requests = fields.Integer(required=True)
    unrecorded = fields.Integer(required=True)
    payments = fields.Integer(required=True)
    applications = fields.Integer(required=True)
    failed_jobs = fields.Integer(required=True)


class DashboardSchema(StrictSchema):
    """What stands out now.

    Students and teachers have `next` and `waiting`; teachers `unread_reviews` and `open_payments`, which students owe
    them; students `tasks` and what they have `owed`; administrators the day and the week before, and `attention`.
    """

    ONE_ROW = True

    role = Choice(Role, required=True)
    time_zone = TimeZoneName(required=True)
    day = fields.Nested(StretchSchema, required=True)
    day_before = fields.Nested(StretchSchema)
    week = fields.Nested(StretchSchema, required=True)
    week_before = fields.Nested(StretchSchema)
    next = fields.List(fields.Nested(BookingSchema))
    waiting = fields.Nested(WaitingSchema)
    unread_reviews = fields.Integer()
    open_payments = fields.List(fields.Nested(MoneySchema))
    tasks = fields.Nested(OpenTasksSchema)
    owed = fields.List(fields.Nested(MoneySchema))
    attention = fields.Nested(AttentionSchema)
    cached = fields.Boolean(required=True)
