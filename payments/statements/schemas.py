"""What goes in and out of the API about statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from bookings.schemas import ReferenceSchema
from payments.statements.queries import RowKind
from web.fields import FIRST_YEAR, LAST_YEAR, Choice, QueryId, StrictSchema

# A year, and one day more every fourth time.
MOST_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which statement is asked for, its days by the reader's clock."""

    first: date | None = None
    last: date | None = None
    person_id: int | None = None
    user_id: int | None = None


class StatementQuerySchema(StrictSchema):
    """From which day on, and before which one, by the reader's clock: by default the present month.

    `person_id` narrows it to one teacher or student. Administrators say whose statement they want by `user_id`.
    """

    MAKES = Asked

    first = fields.Date(data_key="from", load_default=None)
    last = fields.Date(data_key="to", load_default=None)
    person_id = QueryId(load_default=None)
    user_id = QueryId(load_default=None)

    @validates_schema
    def _require_sense(self, data: Mapping[str, Any], **_: Any) -> None:
        first, last = data.get("first"), data.get("last")
        if (first is None) != (last is None):
            raise ValidationError({"to" if first else "from": ["Give both days, or none."]})
        if first is None or last is None:
            return
        if not (first.year >= FIRST_YEAR and last.year <= LAST_YEAR):
            raise ValidationError({"from": [f"Choose days from {FIRST_YEAR} to {LAST_YEAR}."]})
        if not 0 < (last - first).days <= MOST_DAYS:
            raise ValidationError({"to": [f"It has to be after `from`, by at most {MOST_DAYS} days."]})


class StatementBookingSchema(StrictSchema):
    """The lesson that a row is about."""

    id = fields.Integer(required=True)
    starts_at = fields.AwareDateTime(required=True)
    title = fields.String(required=True)


class StatementPackageSchema(StrictSchema):
    """The package that a row is about."""

    id = fields.Integer(required=True)
    lessons = fields.Integer(required=True)
    title = fields.String(required=True)


class StatementRowSchema(StrictSchema):
    """One row: what it adds to what the student owes (`effect_cents`), and what is owed then.

    What is reported and not verified changes nothing. It is about a booking or about a package.
    """

    at = fields.AwareDateTime(required=True)
    kind = Choice(RowKind, required=True)
    booking = fields.Nested(StatementBookingSchema, required=True, allow_none=True)
    package = fields.Nested(StatementPackageSchema, required=True, allow_none=True)
    student = fields.Nested(ReferenceSchema, required=True)
    teacher = fields.Nested(ReferenceSchema, required=True)
    amount_cents = fields.Integer(required=True)
    effect_cents = fields.Integer(required=True)
    balance_cents = fields.Integer(required=True)
    reference = fields.String(required=True)
    reason = fields.String(required=True)


class CurrencyStatementSchema(StrictSchema):
    """The rows in one currency, the earliest first.

    A balance below zero is what was paid beyond what is owed.
    """

    currency = fields.String(required=True)
    opening_cents = fields.Integer(required=True)
    rows = fields.List(fields.Nested(StatementRowSchema), required=True)
    closing_cents = fields.Integer(required=True)


class StatementSchema(StrictSchema):
    """A statement, by currency."""

    # A row of it is no row of a table: `statement.csv` has those.
    OWN_FILE = True

    data = fields.List(fields.Nested(CurrencyStatementSchema), required=True)
    cached = fields.Boolean(required=True)
