"""What goes in and out of the API about notifications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, post_load

from notifications.queries import NEWEST, Filter, NotificationsQuery
from web.fields import Choice, StrictSchema
from web.pagination import PageQuery, PageSchema, position_for


class NotificationSchema(StrictSchema):
    """Something that a person was told.

    `link` is the path of the page that it is about, below the address of this Lectern.
    """

    id = fields.Integer(required=True)
    type = fields.String(required=True)
    title = fields.String(required=True)
    text = fields.String(required=True)
    link = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    read_at = fields.AwareDateTime(required=True, allow_none=True)


class NotificationsPageSchema(PageSchema):
    """A page of notifications."""

    data = fields.List(fields.Nested(NotificationSchema), required=True)


class NotificationsQuerySchema(PageQuery):
    """Which of one's own notifications."""

    filter = Choice(Filter, load_default=Filter.ALL)

    @post_load
    def _make(self, data: Mapping[str, Any], **_: Any) -> NotificationsQuery:
        after = position_for(data["cursor"], NEWEST)
        return NotificationsQuery(filter=data["filter"], limit=data["limit"], after=after)
