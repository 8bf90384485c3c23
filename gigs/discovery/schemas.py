"""What goes in and out of the API about recommended and popular things."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates

from web.fields import IdNumber, StrictSchema
from web.pagination import PageSchema

MOST_FEATURED = 24


class FeaturedSchema(StrictSchema):
    """Which gigs are recommended, in their order."""

    EXAMPLE = {"gig_ids": [3, 1]}

    gig_ids = fields.List(IdNumber(), required=True, validate=validate.Length(max=MOST_FEATURED))

    @validates("gig_ids")
    def _each_once(self, gig_ids: list[int], **_: Any) -> None:
        if len(set(gig_ids)) < len(gig_ids):
            raise ValidationError("Name each gig once.")


class SkillCountSchema(StrictSchema):
    """A skill, and how many public gigs teach it."""

    value = fields.String(required=True)
    count = fields.Integer(required=True)


class SkillsPageSchema(PageSchema):
    """The skills that most gigs teach, all in one page."""

    data = fields.List(fields.Nested(SkillCountSchema), required=True)
