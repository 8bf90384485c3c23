"""What comes into the API about changes, and what goes out."""

from __future__ import annotations

from typing import Any, NamedTuple

from marshmallow import fields, post_load, validates_schema
from marshmallow.exceptions import ValidationError

from database import MAX_ID
from jsontext import JsonObject
from web.fields import QueryNumber, StrictSchema


class GigOnPage(NamedTuple):
    """The gig whose page is open."""

    gig_id: int
    teacher_id: int


class ChangesQuerySchema(StrictSchema):
    """The gig whose page is open, if it is one."""

    gig = QueryNumber(at_least=1, at_most=MAX_ID, load_default=None)
    teacher = QueryNumber(at_least=1, at_most=MAX_ID, load_default=None)

    @validates_schema
    def _both_or_none(self, data: JsonObject, **_: Any) -> None:
        for name, other in (("gig", "teacher"), ("teacher", "gig")):
            if data[other] and not data[name]:
                raise ValidationError({name: [f"Name it together with {other}."]})

    @post_load
    def _make(self, data: JsonObject, **_: Any) -> GigOnPage | None:
        return GigOnPage(data["gig"], data["teacher"]) if data["gig"] else None


class ChangesSchema(StrictSchema):
    """The version of all that a user's pages show."""

    version = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Compare it with the one before. It is null while that cannot be told."},
    )
