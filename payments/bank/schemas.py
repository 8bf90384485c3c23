"""What goes in and out where a bank's file is matched."""

from __future__ import annotations

from marshmallow import fields

from bookings.schemas import ReferenceSchema
from jsontext import JsonObject
from payments.bank.models import Match, Outcome, Reported
from web.fields import Choice, StrictSchema

LONGEST_TEXT = 200


class ImportQuerySchema(StrictSchema):
    """Whether what is matched is verified as well."""

    apply = Choice(("true", "false"), load_default="false", metadata={"description": "Without it nothing changes."})


class MatchedSchema(StrictSchema):
    """A payment, or a package, that a line names."""

    id = fields.Integer(required=True)
    reference = fields.String(required=True)
    amount_cents = fields.Integer(required=True)
    currency = fields.String(required=True)
    status = fields.String(required=True)
    student = fields.Nested(ReferenceSchema, required=True)


class LineSchema(StrictSchema):
    """A line of a bank's file: its number there, what it says, and what became of it."""

    line = fields.Integer(required=True)
    status = Choice(Match, required=True)
    date = fields.Date(required=True, allow_none=True)
    amount_cents = fields.Integer(required=True)
    currency = fields.String(required=True, allow_none=True)
    text = fields.String(required=True)
    detail = fields.String(required=True)
    payments = fields.List(fields.Nested(MatchedSchema), required=True)
    packages = fields.List(fields.Nested(MatchedSchema), required=True)


class ImportResultSchema(StrictSchema):
    """What a bank's file says, line by line."""

    applied = fields.Boolean(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    lines = fields.List(fields.Nested(LineSchema), required=True)


def shown(outcomes: list[Outcome], *, applied: bool) -> JsonObject:
    """Describe what became of a file."""
    counts = {str(match): sum(it.match == match for it in outcomes) for match in Match}
    return {"applied": applied, "counts": counts, "lines": [_line(it) for it in outcomes]}


def _line(outcome: Outcome) -> JsonObject:
    entry = outcome.entry
    return {
        "line": entry.number,
        "status": outcome.match,
        "date": entry.day and entry.day.isoformat(),
        "amount_cents": entry.amount_cents,
        "currency": entry.currency,
        "text": " ".join(" ".join(entry.cells).split())[:LONGEST_TEXT],
        "detail": outcome.detail,
        "payments": [_named(it) for it in outcome.named if not it.is_package],
        "packages": [_named(it) for it in outcome.named if it.is_package],
    }


def _named(found: Reported) -> JsonObject:
    names = ("id", "reference", "amount_cents", "currency", "status")
    student = {"id": found.student_id, "name": found.student_name}
    return {name: getattr(found, name) for name in names} | {"student": student}
