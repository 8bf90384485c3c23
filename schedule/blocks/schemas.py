"""What goes in and out of the API about blocks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from schedule.models import LONGEST_NOTE, Stretch
from schedule.schemas import RangeQuery
from web.fields import InstantInReach, StrictSchema, Text
from web.pagination import PageSchema

LONGEST_BLOCK = timedelta(days=366)


class NewBlockSchema(StrictSchema):
    """Some time that is not to be offered.

    Only its teacher sees the note.
    """

    EXAMPLE = {"starts_at": "2027-03-01T09:00:00Z", "ends_at": "2027-03-01T11:00:00Z", "note": "At the dentist's"}

    starts_at = InstantInReach(required=True)
    ends_at = InstantInReach(required=True)
    note = Text(at_most=LONGEST_NOTE, load_default="")

    @validates_schema
    def _is_a_stretch(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["starts_at"] >= data["ends_at"]:
            raise ValidationError("This has to be after `starts_at`.", "ends_at")
        if data["ends_at"] - data["starts_at"] > LONGEST_BLOCK:
            raise ValidationError(f"Block at most {LONGEST_BLOCK.days} days at once.", "ends_at")


class BlockSchema(StrictSchema):
    """A block."""

    id = fields.Integer(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    note = fields.String(required=True)


class NewBlockAnswerSchema(BlockSchema):
    """A block, and the ids of booked lessons that it overlaps with."""

    outside = fields.List(fields.Integer(), required=True)


class BlocksPageSchema(PageSchema):
    """The blocks of a stretch of time, in order, all in one page."""

    data = fields.List(fields.Nested(BlockSchema), required=True)


class BlocksQuerySchema(RangeQuery):
    """Which blocks: those that have a part in this time."""

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Stretch:
        return Stretch(**data)
