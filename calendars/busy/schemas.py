"""What goes in and out of the API about busy calendars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from calendars.busy.models import LONGEST_ADDRESS, LONGEST_NAME
from web.fields import StrictSchema, Text

MOST_CALENDARS = 5


@dataclass(frozen=True, slots=True)
class Feed:
    """The address of a feed, and what its teacher calls it."""

    url: str
    name: str


class FeedSchema(StrictSchema):
    """A calendar that says when a teacher has no time.

    Without a name it is called by its host.
    """

    EXAMPLE = {"name": "Private", "url": "https://calendar.example.org/ada/basic.ics"}

    url = Text(at_most=LONGEST_ADDRESS, required=True)
    name = Text(at_most=LONGEST_NAME, load_default="")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Feed:
        url = data["url"]
        # What calendar programs call an address to subscribe to.
        if url.lower().startswith(("webcal://", "webcals://")):
            url = f"https://{url.partition('://')[2]}"
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            host = ""
        return Feed(url, data["name"] or host[:LONGEST_NAME] or "Calendar")


class FeedsSchema(StrictSchema):
    """All of a teacher's busy calendars."""

    EXAMPLE = {"data": [FeedSchema.EXAMPLE]}

    data = fields.List(fields.Nested(FeedSchema), required=True, validate=validate.Length(max=MOST_CALENDARS))

    @validates_schema
    def _are_different(self, data: Mapping[str, Any], **_: Any) -> None:
        urls = [feed.url for feed in data["data"]]
        if len(set(urls)) < len(urls):
            raise ValidationError("The same address stands here twice.", "data")


class BusyCalendarSchema(StrictSchema):
    """A busy calendar, and how the last looks at it went.

    `read_at` is when its events were read last; they count until it can be read again. `covers_until` is there if it
    has more of them than are counted.
    """

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    url = fields.String(required=True)
    looked_at = fields.AwareDateTime(required=True, allow_none=True)
    read_at = fields.AwareDateTime(required=True, allow_none=True)
    failing_since = fields.AwareDateTime(required=True, allow_none=True)
    problem = fields.String(required=True, allow_none=True)
    covers_until = fields.AwareDateTime(required=True, allow_none=True)


class BusyCalendarsSchema(StrictSchema):
    """A teacher's busy calendars."""

    data = fields.List(fields.Nested(BusyCalendarSchema), required=True)
