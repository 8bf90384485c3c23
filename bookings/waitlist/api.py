"""The JSON API of waitlists."""

from __future__ import annotations

from flask import Response

from accounts.models import Role
from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import Who, require_viewer, signed_in
from bookings import queries
from bookings.rules.agreement import LessonRequest, seen_in
from bookings.rules.limits import Limits
from bookings.schemas import BookingDetailSchema
from bookings.waitlist import service as waitlist
from bookings.waitlist.queries import WaitlistQuery, entry, queues, waitlist_page
from bookings.waitlist.schemas import (
    EntriesPageSchema,
    EntrySchema,
    JoinSchema,
    QueuesSchema,
    TakePlaceSchema,
    WaitlistQuerySchema,
)
from caching import BoundRead
from errors import (
    Forbidden,
    NotFound,
    PriceChanged,
    SlotFree,
    SlotTaken,
    SlotUnavailable,
    TooManyOpen,
    WaitlistFull,
    WrongState,
)
from web.answers import json_response
from web.clock import now
from web.idempotency import idempotent
from web.settings import chosen

blueprint = ListBlueprint("waitlist", __name__, url_prefix="/api", description="Waiting for a place that becomes free")


@blueprint.cached_list(
    "/waitlist", WaitlistQuerySchema, EntriesPageSchema, own=True, operation_id="list_waitlist_entries"
)
def list_entries(who: Who, query: WaitlistQuery) -> BoundRead:
    """List what one waits for, or has waited for, the newest first."""
    return waitlist_page.at(who.id, query)


@blueprint.post("/waitlist")
@signed_in(Role.STUDENT)
@blueprint.arguments(JoinSchema)
@blueprint.response(201, EntrySchema)
@blueprint.raises(NotFound, SlotFree, SlotTaken, SlotUnavailable, WaitlistFull)
@blueprint.doc(operationId="join_waitlist")
@idempotent(lambda: require_viewer().id)
def join(wanted: LessonRequest) -> Response:
    """Wait for a place in a lesson that is full or taken.

    Done twice, it is the same entry.
    """
    viewer = require_viewer()
    entry_id = waitlist.join(wanted, actor=viewer, now=now())
    return json_response(entry(entry_id, viewer.id), 201)


@blueprint.delete("/waitlist/<id:entry_id>")
@signed_in()
@blueprint.response(204)
@blueprint.raises(WrongState)
@blueprint.doc(operationId="leave_waitlist")
def leave(entry_id: int) -> Response:
    """Wait no longer.

    A place that is offered goes to the next in line.
    """
    waitlist.leave(entry_id=entry_id, actor=require_viewer(), now=now())
    return Response(status=204)


@blueprint.post("/waitlist/<id:entry_id>/accept")
@signed_in()
@blueprint.arguments(TakePlaceSchema, required=False)
@blueprint.response(200, BookingDetailSchema)
@blueprint.raises(PriceChanged, TooManyOpen, WrongState)
@blueprint.doc(operationId="accept_place")
def accept(seen: dict[str, object], entry_id: int) -> Response:
    """Take the place that is offered.

    The answer is its booking, which waits for the teacher's answer as any other.
    """
    viewer = require_viewer()
    booking_id = waitlist.accept(
        entry_id=entry_id, actor=viewer, now=now(), seen=seen_in(seen), limits=Limits.of(chosen())
    )
    return json_response(queries.booking_detail(booking_id, viewer, now()))


@blueprint.post("/waitlist/<id:entry_id>/decline")
@signed_in()
@blueprint.response(200, EntrySchema)
@blueprint.raises(WrongState)
@blueprint.doc(operationId="decline_place")
def decline(entry_id: int) -> Response:
    """Leave the place that is offered to the next in line."""
    viewer = require_viewer()
    waitlist.decline(entry_id=entry_id, actor=viewer, now=now())
    return json_response(entry(entry_id, viewer.id))


@blueprint.get("/gigs/<id:gig_id>/waitlist")
@signed_in()
@blueprint.response(200, QueuesSchema)
@blueprint.raises(Forbidden)
def count_waiting(gig_id: int) -> Response:
    """Count, for the gig's teacher, who waits for which of its times."""
    return json_response({"data": queues(gig_id, require_viewer(), now())})
