"""What goes in and out of the API about a month."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from bookings.schemas import ReferenceSchema
from web.fields import FIRST_YEAR, LAST_YEAR, StrictSchema, TimeZoneName

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


class MonthName(fields.String):
    """A month as "2026-11"."""

    def __init__(self, **kwargs: Any) -> None:
        """Say in the document what it looks like."""
        super().__init__(metadata={"pattern": r"^\d{4}-\d{2}$", "example": "2026-11"}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        match = _MONTH.fullmatch(value) if isinstance(value, str) else None
        if not match or not FIRST_YEAR <= int(match[1]) < LAST_YEAR:
            raise ValidationError("Give a month such as 2026-11.")
        return str(value)


class MonthQuerySchema(StrictSchema):
    """Which month, and by whose clock: by default the present one, in one's own time zone."""

    month = MonthName(load_default=None)
    time_zone = TimeZoneName(load_default=None)


class MonthSumsSchema(StrictSchema):
    """Sums of lessons that begin in a month.

    `earned_cents` is what is due for those that are over, `planned_cents` for those that are agreed on; what was
    received and not given back is `paid_cents` less `refunded_cents`.
    """

    currency = fields.String(required=True)
    lessons = fields.Integer(
        required=True,
        metadata={"description": "How many of them something is due for, or a package pays for."},
    )
    earned_cents = fields.Integer(required=True)
    planned_cents = fields.Integer(required=True)
    submitted_cents = fields.Integer(required=True)
    paid_cents = fields.Integer(required=True)
    refunded_cents = fields.Integer(required=True)
    open_cents = fields.Integer(required=True)
    credit_cents = fields.Integer(required=True)


class MonthTotalsSchema(MonthSumsSchema):
    """Those of all lessons.

    `packages_cents` is what was paid for packages in the month, less what was given back of them. Their lessons bring
    nothing themselves.
    """

    packages_cents = fields.Integer(required=True)


class PersonsMonthSchema(MonthSumsSchema):
    """Those of one person."""

    person = fields.Nested(ReferenceSchema, required=True)


class MonthSchema(StrictSchema):
    """A teacher's month or, with `teachers`, that of the school.

    The 200 people with the largest sums are named.
    """

    totals = fields.List(fields.Nested(MonthTotalsSchema), required=True)
    teachers = fields.List(fields.Nested(PersonsMonthSchema))
    students = fields.List(fields.Nested(PersonsMonthSchema), required=True)
    cached = fields.Boolean(required=True)
