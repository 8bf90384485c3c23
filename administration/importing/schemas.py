"""What goes in and out where a list is imported."""

from __future__ import annotations

from marshmallow import fields

from administration.importing.lines import Kind
from administration.importing.service import Outcome, What
from jsontext import JsonObject
from web.fields import Choice, StrictSchema


class ImportListQuerySchema(StrictSchema):
    """Whether to import what is found, and whether to write to new people."""

    apply = Choice(("true", "false"), load_default="false", metadata={"description": "Without it nothing changes."})
    invite = Choice(
        ("true", "false"),
        load_default="false",
        metadata={"description": "Of people: whether each gets a mail with which to choose a password."},
    )


class ImportFormSchema(StrictSchema):
    """A list as the page sends it, for the second time with `apply`."""

    what = Choice(What, required=True)
    # How long it may be is said on the page, as it is about a file.
    text = fields.String(load_default="")
    apply = Choice(("", "true"), load_default="")
    invite = Choice(("", "true"), load_default="")


class ImportLineSchema(StrictSchema):
    """A line of the file: new, there already, or wrong, with what is wrong by column."""

    line = fields.Integer(required=True)
    status = Choice(Kind, required=True)
    text = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), required=True)


class ImportCountsSchema(StrictSchema):
    """How many lines are which."""

    new = fields.Integer(required=True)
    exists = fields.Integer(required=True)
    invalid = fields.Integer(required=True)


class ImportOutcomeSchema(StrictSchema):
    """What became of each line.

    `applied` says whether the list was imported. `ignored` are the names of columns that nobody needs.
    """

    applied = fields.Boolean(required=True)
    counts = fields.Nested(ImportCountsSchema, required=True)
    ignored = fields.List(fields.String(), required=True)
    lines = fields.List(fields.Nested(ImportLineSchema), required=True)


def shown(outcome: Outcome) -> JsonObject:
    """Describe an outcome."""
    lines = [
        {"line": one.line.number, "status": one.kind, "text": one.shown, "errors": one.errors}
        for one in outcome.planned
    ]
    counts = {kind.value: outcome.count(kind) for kind in Kind}
    return {"applied": outcome.applied, "counts": counts, "ignored": outcome.ignored, "lines": lines}
