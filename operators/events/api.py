"""The JSON API of the log of events, for administrators' programs."""

from __future__ import annotations

from contextlib import suppress

from flask import Response

from accounts.rights import STAFF
from accounts.sign_in.identity import signed_in
from errors import Unavailable
from events.log.order import put_in_order
from events.log.queries import EventsQuery, events_since
from operators.events.schemas import ORDER, EventsPageSchema, EventsQuerySchema
from web.answers import json_response
from web.api import ApiBlueprint
from web.pagination import cursor_for

blueprint = ApiBlueprint("events", __name__, url_prefix="/api", description="What happened, for other programs")


@blueprint.get("/events")
@signed_in(*STAFF)
@blueprint.arguments(EventsQuerySchema, location="query")
@blueprint.response(200, EventsPageSchema)
@blueprint.doc(operationId="list_events")
def list_events(query: EventsQuery) -> Response:
    """List what has happened, the oldest first, from where one stopped the last time."""
    # What was committed by now is part of the answer. A database that takes no changes has no new events.
    with suppress(Unavailable):
        put_in_order()
    data, position = events_since(query)
    return json_response({"data": data, "next_cursor": cursor_for(ORDER, (0, position)), "cached": False})
