"""The JSON API of messages beside a lesson.

Only its two people read and write them. To everybody else, administrators among them, there are none: 404.
"""

from __future__ import annotations

from functools import partial

from flask import Response

from accounts.sign_in.cached_lists import ListBlueprint, Plain
from accounts.sign_in.identity import Who, own_answers, require_viewer, signed_in
from bookings.messages import queries, service
from bookings.messages.queries import MessagesQuery
from bookings.messages.schemas import MessageSchema, MessagesPageSchema, MessagesQuerySchema, NewMessageSchema
from errors import NotFound, TooManyAttempts, WrongState
from web.answers import json_response, list_response
from web.clock import now
from web.idempotency import idempotent
from web.ratelimits import count_message, counted

blueprint = ListBlueprint(
    "messages", __name__, url_prefix="/api/bookings/<id:booking_id>/messages", description="What two people write"
)


@blueprint.cached_list("", MessagesQuerySchema, MessagesPageSchema, own=True, raises=(NotFound,))
def list_messages(who: Who, query: MessagesQuery, booking_id: int) -> Plain:
    """List what a lesson's two people wrote to each other, the newest first: to the two alone.

    Administrators do not see it either. Listing marks nothing as read.
    """
    return partial(_list, query, booking_id)


@blueprint.post("")
@signed_in()
@blueprint.arguments(NewMessageSchema)
@blueprint.response(201, MessageSchema)
@blueprint.raises(NotFound, TooManyAttempts, WrongState)
@counted(lambda: count_message(require_viewer().id))
@idempotent(lambda: require_viewer().id)
def write_message(new: dict[str, str], booking_id: int) -> Response:
    """Write to the other one of a lesson's two people.

    They get one mail about all that they have not read ten minutes after the first of it. If they have closed their
    account it is refused (`wrong-state`).
    """
    viewer = require_viewer()
    message_id = service.write_message(booking_id, new["text"], author_id=viewer.id, now=now())
    return json_response(queries.message(message_id, viewer.id), 201)


@blueprint.post("/read")
@signed_in()
@blueprint.response(204)
@blueprint.raises(NotFound)
def read_messages(booking_id: int) -> Response:
    """Mark all that one got beside a lesson until now as read."""
    service.mark_read(booking_id, require_viewer().id, now=now())
    return Response(status=204)


def _list(query: MessagesQuery, booking_id: int) -> Response:
    _, (talks, messages) = own_answers(
        lambda who: [queries.talks.at(who.id, booking_id), queries.messages_page.at(who.id, booking_id, query)]
    )
    if not talks.json():
        raise NotFound
    return list_response(messages)
