"""What goes in and out of the API about the directory."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load

from accounts.schemas import UserSchema
from gigs.directory.queries import NEWEST, TeachersQuery
from gigs.search.text import key_of, search_words
from web.fields import QueryNumber, StrictSchema, Text
from web.pagination import PageQuery, PageSchema, position_for


class LowestPriceSchema(StrictSchema):
    """What a teacher's cheapest gig in one currency costs."""

    currency = fields.String(required=True)
    price_cents = fields.Integer(required=True)


class OfferedSchema(StrictSchema):
    """A gig, as the directory names it."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)


class TeacherSchema(UserSchema):
    """A teacher with what they offer.

    `gigs` are the newest few that are public.
    """

    subjects = fields.List(fields.String(), required=True)
    price_from = fields.List(fields.Nested(LowestPriceSchema), required=True)
    gigs = fields.List(fields.Nested(OfferedSchema), required=True)


class TeachersPageSchema(PageSchema):
    """A page of teachers."""

    data = fields.List(fields.Nested(TeacherSchema), required=True)


class TeachersQuerySchema(PageQuery):
    """Filters of the directory.

    Empty ones count as not given, because a form sends them.
    """

    q = Text(at_most=100, load_default="", metadata={"description": "Words in name, headline or public gigs."})
    category = Text(at_most=60, load_default="", metadata={"description": "Only who teaches this."})
    min_rating = QueryNumber(at_least=1, at_most=5, load_default=None)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> TeachersQuery:
        words = search_words(data.pop("q"))
        category = key_of(data.pop("category")) or None
        return TeachersQuery(words=words, category=category, after=position_for(data.pop("cursor"), NEWEST), **data)
