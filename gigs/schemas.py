"""What goes in and out of the API about gigs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, missing, post_load

from gigs.models import Confirmation, Enrolment, GigChanges, GigDraft, GigStatus, Times, Visibility
from gigs.queries import MyGigsQuery
from gigs.search.text import without_repeats
from jsontext import JsonObject
from web.fields import Choice, Currency, IdNumber, Line, StrictSchema, Text, WholeNumber
from web.pagination import PageQuery, PageSchema, position_for

HIGHEST_PRICE = 10_000_000
LONGEST_PART = 100
MOST_SKILLS = 20
LONGEST_FREE_CANCELLATION = 30 * 24


class WordsQuery(PageQuery):
    """Which rows of a list: those of people and gigs whose name or title has these letters."""

    person = Line(at_most=LONGEST_PART, load_default=None, metadata={"description": "A part of either one's name."})
    teacher = Line(at_most=LONGEST_PART, load_default=None, metadata={"description": "A part of the teacher's name."})
    gig = Line(at_most=LONGEST_PART, load_default=None, metadata={"description": "A part of the gig's title."})


# The fields of the above.
NARROWING = ("person", "teacher", "gig")


class SkillsField(fields.List[str]):
    """Up to 20 skills, in their teacher's order.

    Repeats that differ in capitals alone are folded into the first.
    """

    def __init__(self, **kwargs: Any) -> None:
        """Take a list of texts."""
        super().__init__(Text(at_least=1, at_most=40), metadata={"maxItems": MOST_SKILLS}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if len(value) > MOST_SKILLS:
            raise ValidationError(f"At most {MOST_SKILLS} skills.")
        skills = super()._deserialize(value, attr, data, **kwargs)
        return tuple(without_repeats(str(skill) for skill in skills))


class NewGigSchema(StrictSchema):
    """A new gig."""

    # Every field that teachers enter is declared here, and the other schemas of gigs take it from here.
    EXAMPLE: ClassVar[JsonObject] = {
        "title": "Piano for beginners",
        "description": "We start with one hand, then we take the other one along.",
        "category": "Music",
        "skills": ["piano", "reading music"],
        "price_cents": 3000,
        "currency": "EUR",
        "duration_minutes": 45,
    }

    title = Text(at_least=3, at_most=120, required=True)
    summary = Text(at_most=200, load_default="")
    description = Text(at_least=20, at_most=10_000, required=True)
    category = Text(at_least=2, at_most=60, required=True)
    skills = SkillsField(required=True)
    price_cents = WholeNumber(at_least=0, at_most=HIGHEST_PRICE, required=True)
    currency = Currency(required=True)
    duration_minutes = WholeNumber(at_least=5, at_most=480, required=True)
    capacity = WholeNumber(at_least=1, at_most=500, load_default=1)
    free_cancellation_hours = WholeNumber(at_least=0, at_most=LONGEST_FREE_CANCELLATION, load_default=0)
    late_cancellation_percent = WholeNumber(at_least=0, at_most=100, load_default=0)
    enrolment = Choice(Enrolment, load_default=Enrolment.BOOKING)
    confirmation = Choice(
        Confirmation,
        load_default=Confirmation.ASK,
        metadata={"description": "Whether the teacher answers each request, or a chosen time is agreed on at once."},
    )
    times = Choice(
        Times,
        load_default=Times.OPEN,
        metadata={
            "description": "Whether students choose free times, or take places in sessions that the teacher sets."
        },
    )
    location = Text(at_most=500, load_default="")
    # None for the teacher's default schedule.
    schedule_id = IdNumber(allow_none=True, load_default=None)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> GigDraft | GigChanges:
        return GigDraft(**data)


class EditGigSchema(NewGigSchema):
    """What a teacher can change about a gig.

    All of it optional.
    """

    EXAMPLE: ClassVar[JsonObject] = {"title": "Piano for patient beginners", "price_cents": 3200}

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Make every field optional.

        What is left out has no default, so that it is not changed.
        """
        field_obj.required, field_obj.load_default = False, missing

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> GigChanges:
        return GigChanges(data)


class StatusSchema(StrictSchema):
    """Where a gig is to go."""

    EXAMPLE = {"status": "published"}

    status = Choice(GigStatus, required=True)


class VisibilitySchema(StrictSchema):
    """Who is to find a gig."""

    EXAMPLE = {"visibility": "unlisted"}

    visibility = Choice(Visibility, required=True)


class GigTeacherSchema(StrictSchema):
    """A gig's teacher."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    rating = fields.Float(required=True, allow_none=True)
    review_count = fields.Integer(required=True)


class GigSchema(NewGigSchema):
    """A gig.

    `location` for its teacher and administrators.
    """

    id = fields.Integer(required=True)
    status = Choice(GigStatus, required=True)
    visibility = Choice(Visibility, required=True)
    teacher = fields.Nested(GigTeacherSchema, required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Promise every field but the location, which not every viewer gets."""
        field_obj.required, field_obj.load_default = field_name != "location", missing


class GigsPageSchema(PageSchema):
    """A page of gigs.

    Of each `description` it has the first 200 characters; the gig itself has all of it.
    """

    data = fields.List(fields.Nested(GigSchema), required=True)


class CategorySchema(StrictSchema):
    """A category, and how many public gigs are in it."""

    name = fields.String(required=True)
    gigs = fields.Integer(required=True)
    value = fields.String(required=True, metadata={"description": "The same as `name`."})
    count = fields.Integer(required=True, metadata={"description": "The same as `gigs`."})


class CategoriesSchema(PageSchema):
    """The categories in use.

    All in one page.
    """

    data = fields.List(fields.Nested(CategorySchema), required=True)


class MyDraftsQuerySchema(PageQuery):
    """Where a page of a teacher's drafts begins."""

    MAKES = MyGigsQuery


class MyGigsQuerySchema(PageQuery):
    """Filters of a teacher's own list.

    `status` may be given several times.
    """

    statuses = fields.List(Choice(GigStatus), data_key="status", load_default=list)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> MyGigsQuery:
        after = position_for(data["cursor"], "newest")
        return MyGigsQuery(statuses=tuple(sorted(set(data["statuses"]))), limit=data["limit"], after=after)
