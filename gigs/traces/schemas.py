"""What goes out of the API about what people have looked at and searched for."""

from __future__ import annotations

from marshmallow import fields

from gigs.schemas import GigSchema
from web.fields import QueryId, StrictSchema
from web.pagination import PageSchema


class SeenGigSchema(GigSchema):
    """A gig, and when its reader has looked at it last."""

    seen_at = fields.AwareDateTime(required=True)


class SeenGigsPageSchema(PageSchema):
    """The gigs that a person has looked at, all in one page."""

    data = fields.List(fields.Nested(SeenGigSchema), required=True)


class ForgottenSchema(StrictSchema):
    """Which search is to be forgotten, as a form sends it."""

    search = QueryId(required=True)


class SearchSchema(StrictSchema):
    """A search as it was typed, and when last."""

    id = fields.Integer(required=True)
    q = fields.String(required=True)
    searched_at = fields.AwareDateTime(required=True)


class SearchesPageSchema(PageSchema):
    """What a person has searched for, all in one page."""

    data = fields.List(fields.Nested(SearchSchema), required=True)
