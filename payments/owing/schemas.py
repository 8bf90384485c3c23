"""What the API says about what is open."""

from __future__ import annotations

from marshmallow import fields

from bookings.schemas import ReferenceSchema
from payments.schemas import PaidBookingSchema
from web.fields import StrictSchema


class OpenLessonSchema(StrictSchema):
    """A lesson for which something is open, and what to write into a transfer for it."""

    booking = fields.Nested(PaidBookingSchema, required=True)
    due_cents = fields.Integer(required=True)
    open_cents = fields.Integer(required=True)
    submitted_cents = fields.Integer(required=True)
    reference = fields.String(required=True)


class OwedSchema(StrictSchema):
    """What is open with one person in one currency.

    The sums are those of all lessons. `lessons` names the oldest of those for which something is open; there are
    `open_lessons` of them.
    """

    person = fields.Nested(ReferenceSchema, required=True)
    currency = fields.String(required=True)
    open_cents = fields.Integer(required=True)
    submitted_cents = fields.Integer(required=True)
    credit_cents = fields.Integer(required=True)
    open_lessons = fields.Integer(required=True)
    lessons = fields.List(fields.Nested(OpenLessonSchema), required=True)


class OwingSchema(StrictSchema):
    """What is open between a student and their teachers, or a teacher and their students."""

    data = fields.List(fields.Nested(OwedSchema), required=True)
    cached = fields.Boolean(required=True)
