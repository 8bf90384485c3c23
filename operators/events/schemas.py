"""What the API says about events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, post_load

from events.log.queries import EventsQuery
from events.types import LOGGED
from web.fields import Choice, InstantField, QueryNumber, StrictSchema
from web.pagination import MAX_LIMIT, CursorField, PageSchema, position_for

ORDER = "events"


class EventSchema(StrictSchema):
    """Something that happened, with the names of the tags whose lists it has made old."""

    id = fields.String(required=True)
    type = Choice(LOGGED, required=True)
    occurred_at = InstantField(required=True)
    data = fields.Dict(required=True, metadata={"description": "The ids that it is about, and facts about them."})
    invalidates = fields.List(fields.String(), required=True)


class EventsPageSchema(PageSchema):
    """Events, the oldest first.

    `next_cursor` is there on the last page, too: ask with it again later.
    """

    data = fields.List(fields.Nested(EventSchema), required=True)


class EventsQuerySchema(StrictSchema):
    """Which events: `type` may be given several times."""

    since = CursorField(load_default=None, metadata={"description": "`next_cursor` of the page before; opaque."})
    types = fields.List(Choice(LOGGED), data_key="type", load_default=list)
    limit = QueryNumber(at_least=1, at_most=MAX_LIMIT, load_default=MAX_LIMIT)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> EventsQuery:
        position = position_for(data["since"], ORDER)
        since = position[1] if position else 0
        return EventsQuery(since=since, types=tuple(sorted(set(data["types"]))), limit=data["limit"])
