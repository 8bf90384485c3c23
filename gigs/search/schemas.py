"""What goes in and out of the API about searches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from gigs.models import HIGHEST_HOURLY
from gigs.schemas import HIGHEST_PRICE, GigSchema, GigsPageSchema
from gigs.search.filters import GigsQuery, asked_with
from gigs.search.hours import DAYS, PARTS_OF_DAY, WeeklyHours
from gigs.search.plan import RELEVANCE
from gigs.search.sorting import ORDERS
from gigs.search.text import key_of
from web.fields import Choice, QueryId, QueryInstant, QueryNumber, StrictSchema, Text, TimeZoneName
from web.pagination import PageQuery, position_for


class _HourlyPrice(QueryNumber):
    """A price for an hour in a query string."""

    def __init__(self, **kwargs: Any) -> None:
        """Accept what the dearest lesson can cost."""
        super().__init__(at_least=0, at_most=HIGHEST_HOURLY, **kwargs)


class _Optional(Choice):
    """One of a few words or, because a form sends it, none."""

    def __init__(self, words: Iterable[str], description: str) -> None:
        """Accept these words."""
        super().__init__(["", *words], load_default="", metadata={"description": description})


class GigsQuerySchema(PageQuery):
    """Filters of the public list.

    Empty ones count as not given, because a form sends them.
    """

    q = Text(
        at_most=100,
        load_default="",
        metadata={
            "description": "Words in title, summary, description, skills, subject or the teacher's name. The last one "
            "may go on, accents do not matter, and one typing error in a word of five letters or more is forgiven."
        },
    )
    category = Text(at_most=60, load_default="")
    skill = Text(at_most=40, load_default="")
    teacher_id = QueryId(load_default=None)
    currency = Text(at_most=3, load_default="", metadata={"description": "Only prices in this currency."})
    min_price = QueryNumber(at_least=0, at_most=HIGHEST_PRICE, load_default=None)
    max_price = QueryNumber(at_least=0, at_most=HIGHEST_PRICE, load_default=None)
    min_hourly = _HourlyPrice(load_default=None, metadata={"description": "The lowest price, in cents for an hour."})
    max_hourly = _HourlyPrice(load_default=None, metadata={"description": "The highest price, in cents for an hour."})
    min_rating = QueryNumber(at_least=1, at_most=5, load_default=None)
    day = _Optional(
        DAYS, "Only gigs whose teacher offers hours on such days every week. Lessons and days off do not count."
    )
    part_of_day = _Optional(
        PARTS_OF_DAY, "The same for mornings (from 6 to 12), afternoons (12 to 17) and evenings (17 to 22)."
    )
    time_zone = TimeZoneName(load_default="UTC", metadata={"description": "By which clock days and their parts count."})
    sort = Choice(
        [RELEVANCE, *ORDERS],
        load_default="",
        metadata={
            "description": "By relevance if there are words and nothing else is said, else the newest first. Prices "
            "are compared for an hour."
        },
    )

    @validates_schema
    def _prices_make_a_range(self, data: Mapping[str, Any], **_: Any) -> None:
        for kind in ("price", "hourly"):
            least, most = data[f"min_{kind}"], data[f"max_{kind}"]
            if least is not None and most is not None and least > most:
                raise ValidationError("The lowest price is above the highest.", f"min_{kind}")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> GigsQuery:
        asked = asked_with(data.pop("q"))
        sort = data.pop("sort") or RELEVANCE
        if asked is None and sort == RELEVANCE:
            sort = "newest"
        return GigsQuery(
            asked=asked,
            category=key_of(data.pop("category")) or None,
            skill=key_of(data.pop("skill")) or None,
            currency=data.pop("currency").upper() or None,
            hours=_hours(data.pop("day"), data.pop("part_of_day"), data.pop("time_zone")),
            sort=sort,
            after=position_for(data.pop("cursor"), sort),
            **data,
        )


def _hours(day: str, part: str, zone: str) -> WeeklyHours | None:
    if not day and not part:
        return None
    return WeeklyHours(day=day or None, part=part or None, zone=zone)


class GigSearchSchema(GigsQuerySchema):
    """The filters of the API's list, which also knows when gigs can be booked."""

    free_at = QueryInstant(load_default=None, metadata={"description": "Only gigs that can be booked for this time."})


class MarkedPartSchema(StrictSchema):
    """A stretch of a text, and whether it was looked for."""

    text = fields.String(required=True)
    marked = fields.Boolean(required=True)


class HighlightsSchema(StrictSchema):
    """Why a search has found a gig.

    Of texts in which something was found all parts, of a description an excerpt, of skills the names.
    """

    title = fields.List(fields.Nested(MarkedPartSchema))
    summary = fields.List(fields.Nested(MarkedPartSchema))
    category = fields.List(fields.Nested(MarkedPartSchema))
    teacher = fields.List(fields.Nested(MarkedPartSchema))
    excerpt = fields.List(fields.Nested(MarkedPartSchema))
    skills = fields.List(fields.String())


class FoundGigSchema(GigSchema):
    """A gig that was found.

    With words it says why.
    """

    highlights = fields.Nested(HighlightsSchema)

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Promise everything but what not every search has."""
        super().on_bind_field(field_name, field_obj)
        if field_name == "highlights":
            field_obj.required = False


class ValueCountSchema(StrictSchema):
    """A value, and how many gigs have it."""

    value = fields.String(required=True)
    count = fields.Integer(required=True)


class RatingCountSchema(StrictSchema):
    """A number of stars, and how many gigs are of teachers with as many or more."""

    value = fields.Integer(required=True)
    count = fields.Integer(required=True)


class PriceCountSchema(StrictSchema):
    """A band of prices in one currency, and how many gigs are in it.

    Its two ends are in cents for an hour, and part of it.
    """

    currency = fields.String(required=True)
    from_ = fields.Integer(required=True, data_key="from")
    to = fields.Integer(required=True)
    count = fields.Integer(required=True)


class FacetsSchema(StrictSchema):
    """How many gigs each further filter would show.

    Each of the lists leaves its own filter out and applies all others.
    """

    category = fields.List(fields.Nested(ValueCountSchema), required=True)
    skill = fields.List(fields.Nested(ValueCountSchema), required=True)
    price = fields.List(fields.Nested(PriceCountSchema), required=True)
    rating = fields.List(fields.Nested(RatingCountSchema), required=True)


class FoundGigsSchema(GigsPageSchema):
    """A page of the gigs that were found, with counts of all of them.

    `corrected` has the words that no gig has, each with those that were looked for instead. With `free_at` `facets` is
    null, because each of them would need a look at the lessons of every teacher. `total` is there on the first page if
    at most 500 gigs come into question, and null if there are more to look at.
    """

    data = fields.List(fields.Nested(FoundGigSchema), required=True)
    total = fields.Integer(required=True, allow_none=True)
    facets = fields.Nested(FacetsSchema, required=True, allow_none=True)
    corrected = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), required=True)
