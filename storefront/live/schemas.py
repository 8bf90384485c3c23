"""What goes out of the API about changes."""

from __future__ import annotations

from marshmallow import fields

from web.fields import StrictSchema


class ChangesSchema(StrictSchema):
    """The version of all that a user's pages show."""

    version = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Compare it with the one before. It is null while that cannot be told."},
    )
