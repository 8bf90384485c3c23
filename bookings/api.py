"""The JSON API of bookings: booking a lesson, answering, and the lists of both sides."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, request

from accounts.models import Role
from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import Who, current_viewer, look_up_with_viewer, require_viewer, signed_in
from bookings import queries, service
from bookings.changes.schemas import Change, ChangeBookingSchema
from bookings.entering import service as entering
from bookings.entering.schemas import CreateBookingSchema
from bookings.entering.service import Entry
from bookings.history import booking_history
from bookings.moves import service as moves
from bookings.rules import cancellation
from bookings.rules.agreement import LessonRequest, MoveAnswer, NewTime, StatusChange
from bookings.rules.limits import Limits
from bookings.schemas import (
    BookingDetailSchema,
    BookingHistorySchema,
    BookingsPageSchema,
    BookingsQuerySchema,
    CancellationSchema,
)
from bookings.slots import queries as slots
from bookings.slots.schemas import SlotsQuerySchema, SlotsSchema
from caching import BoundRead
from caching.envelope import digest
from caching.reads import answer_at_once
from errors import (
    FeeChanged,
    NotFound,
    PriceChanged,
    SeriesConflict,
    SlotTaken,
    SlotUnavailable,
    TooManyOpen,
    WrongState,
)
from jsontext import dumps
from schedule.holidays.queries import closed_times, holidays
from web.answers import json_response, list_response
from web.clock import now
from web.idempotency import idempotent
from web.ratelimits import count_entry, counted
from web.settings import chosen

bookings = ListBlueprint("bookings", __name__, url_prefix="/api", description="Lessons, booked and answered")


@bookings.cached_list("/bookings", BookingsQuerySchema, BookingsPageSchema, own=True)
def list_bookings(who: Who, query: queries.BookingsQuery) -> BoundRead:
    """List one's own bookings, as student or as teacher.

    Administrators see all.
    """
    return queries.list_for(who.id, who.role, query)


def _count_entry() -> None:
    """Count a lesson that is entered for a student.

    It comes before the view, because attempts are not counted inside a write transaction.
    """
    sent = request.get_json()
    if sent.get("agreed") or "student" in sent:
        count_entry(require_viewer().id, by_address="student" in sent)


@bookings.post("/bookings")
@signed_in()
@bookings.arguments(CreateBookingSchema)
@bookings.response(201, BookingDetailSchema)
@bookings.raises(NotFound, PriceChanged, SeriesConflict, TooManyOpen, SlotTaken, SlotUnavailable, WrongState)
@counted(_count_entry)
@idempotent(lambda: require_viewer().id)
def create_booking(wanted: LessonRequest | Entry) -> Response:
    """Book a lesson, or as a teacher propose or enter one.

    Students book for themselves, administrators for a student. It is pending until the other one answers, unless the
    gig confirms at once. With `agreed` teachers and administrators enter what was agreed on elsewhere. A `student` by
    name and address is asked by mail, and called as typed until they have said yes: nothing tells whether they have an
    account.
    """
    viewer = require_viewer()
    if isinstance(wanted, Entry):
        booking_id = entering.enter(wanted, actor=viewer, now=now())
    elif viewer.role == Role.TEACHER:
        booking_id = service.propose(wanted, actor=viewer, now=now())
    else:
        booking_id = service.create_booking(wanted, actor=viewer, now=now(), limits=Limits.of(chosen()))
    return json_response(queries.booking_detail(booking_id, viewer, now()), 201)


@bookings.get("/bookings/<id:booking_id>")
@signed_in()
@bookings.response(200, BookingDetailSchema)
def show_booking(booking_id: int) -> Response:
    """Show a booking, with what the viewer may do now."""
    return json_response(queries.booking_detail(booking_id, require_viewer(), now()))


@bookings.patch("/bookings/<id:booking_id>")
@signed_in()
@bookings.arguments(ChangeBookingSchema)
@bookings.response(200, BookingDetailSchema)
@bookings.raises(FeeChanged, SlotTaken, SlotUnavailable, WrongState)
def change_booking(wanted: Change, booking_id: int) -> Response:
    """Give a booking another status or another time.

    A student's new time for an accepted lesson of a gig that asks is only asked for: the answer is `move`.
    """
    viewer, at = require_viewer(), now()
    if isinstance(wanted, NewTime):
        moves.move(booking_id, wanted, actor=viewer, now=at)
    elif isinstance(wanted, MoveAnswer):
        moves.answer(booking_id, wanted, actor=viewer, now=at)
    elif isinstance(wanted, StatusChange):
        service.change_status(booking_id, wanted, actor=viewer, now=at)
    else:
        service.see(booking_id, actor=viewer, now=at)
    return json_response(queries.booking_detail(booking_id, viewer, at))


@bookings.get("/bookings/<id:booking_id>/history")
@signed_in()
@bookings.response(200, BookingHistorySchema)
@bookings.doc(operationId="show_booking_history")
def show_history(booking_id: int) -> Response:
    """Show every change of a booking: who, when, from which state to which, and why."""
    queries.find_booking(booking_id, require_viewer())
    return json_response({"data": booking_history(booking_id)})


@bookings.get("/bookings/<id:booking_id>/cancellation")
@signed_in()
@bookings.response(200, CancellationSchema)
@bookings.doc(operationId="show_cancellation_costs")
def show_cancellation(booking_id: int) -> Response:
    """Show what it costs the student if the viewer cancels or rejects the booking now."""
    viewer = require_viewer()
    return json_response(cancellation.preview(queries.find_booking(booking_id, viewer).record, viewer, now()))


@bookings.get("/teachers/<id:teacher_id>/slots")
@bookings.arguments(SlotsQuerySchema, location="query")
@bookings.response(200, SlotsSchema, cached=True)
def list_slots(query: slots.SlotsQuery, teacher_id: int) -> Response:
    """List when a lesson of one of the teacher's gigs can be booked, in the reader's time zone."""
    looked_up = look_up_with_viewer(slots.read_for(teacher_id, query, now()), holidays.at())
    viewer = current_viewer()
    answer, off = answer_at_once(looked_up, slots.starts_and_holidays)
    zone = query.time_zone or (viewer.time_zone if viewer else None)
    body = dumps(
        slots.show(answer.json(), teacher_id, closed_times(off.json()), viewer=viewer, time_zone=zone, now=now())
    )
    return list_response(replace(answer, body=body, etag=digest(body)))
