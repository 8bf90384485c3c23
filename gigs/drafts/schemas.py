"""What goes in and out of the API about what was typed and not saved yet."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import fields

from gigs.drafts.models import TYPED
from jsontext import JsonObject
from web.fields import StrictSchema, WholeNumber

_FIELDS = {"description": f"Any of these, as far as they are typed: {', '.join(TYPED)}. At most 64 KB."}


class TypedField(fields.Dict):
    """Fields of a gig, whatever stands in them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        return value


class NewAutosaveSchema(StrictSchema):
    """What was typed, and which version it takes the place of.

    That is 0 where nothing is stored.
    """

    EXAMPLE: ClassVar[JsonObject] = {"version": 0, "fields": {"title": "Piano for begin", "price_cents": None}}

    version = WholeNumber(at_least=0, at_most=2_000_000_000, required=True)
    typed = TypedField(data_key="fields", required=True, metadata=_FIELDS)


class AutosaveSchema(StrictSchema):
    """What was typed last."""

    version = fields.Integer(required=True)
    typed = fields.Dict(data_key="fields", required=True)
    saved_at = fields.AwareDateTime(required=True)
