"""The JSON API of sessions: a group's timetable, its rosters, and changes of both."""

from __future__ import annotations

from dataclasses import replace

from flask import Response

from accounts.sign_in.identity import Who, answers_for, current_viewer, require_viewer, signed_in
from bookings.sessions import queries, service
from bookings.sessions.plan import NewSessions
from bookings.sessions.schemas import (
    ChangeSessionSchema,
    NewSessionsAnswerSchema,
    NewSessionsSchema,
    SessionDetailSchema,
    SessionsPageSchema,
    SessionsQuerySchema,
)
from bookings.sessions.service import SessionChange
from caching import BoundRead
from caching.envelope import digest
from errors import Forbidden, NotFound, SessionsTaken, SlotTaken, SlotUnavailable, WrongState
from jsontext import dumps
from schedule.holidays.queries import closed_days, holidays
from web.answers import json_response, list_response
from web.api import ApiBlueprint
from web.clock import now
from web.idempotency import idempotent

sessions = ApiBlueprint("sessions", __name__, url_prefix="/api", description="The timetables of groups")


@sessions.get("/gigs/<id:gig_id>/sessions")
@sessions.arguments(SessionsQuerySchema, location="query")
@sessions.response(200, SessionsPageSchema, cached=True)
@sessions.raises(NotFound)
def list_sessions(query: queries.SessionsQuery, gig_id: int) -> Response:
    """List the sessions of a gig in order of time.

    Where they take place is for its teacher and administrators.
    """

    def reads(who: Who | None) -> list[BoundRead]:
        return [queries.sessions_page.at(gig_id, query), holidays.at(), *queries.places_read(gig_id, who)]

    viewer, (answer, off, *own) = answers_for(reads)
    places = [place for each in own for place in each.json()["data"]]
    body = dumps(queries.shown_to(answer.json(), viewer, closed_days(off.json()), places))
    return list_response(replace(answer, body=body, etag=digest(body)))


@sessions.post("/gigs/<id:gig_id>/sessions")
@signed_in()
@sessions.arguments(NewSessionsSchema)
@sessions.response(201, NewSessionsAnswerSchema)
@sessions.raises(Forbidden, NotFound, SessionsTaken, WrongState)
@idempotent(lambda: require_viewer().id)
def create_sessions(wanted: NewSessions, gig_id: int) -> Response:
    """Set a session of a gig with a timetable, or a row of them.

    All of them are set, or none if one of the times is taken.
    """
    viewer, at = require_viewer(), now()
    ids = service.create(gig_id, wanted, actor=viewer, now=at)
    return json_response({"data": queries.several(ids)}, 201)


@sessions.get("/sessions/<id:session_id>")
@sessions.response(200, SessionDetailSchema)
@sessions.raises(NotFound)
def show_session(session_id: int) -> Response:
    """Show a session.

    Its teacher and administrators see who has a place.
    """
    return json_response(queries.session_detail(session_id, current_viewer(), now()))


@sessions.patch("/sessions/<id:session_id>")
@signed_in()
@sessions.arguments(ChangeSessionSchema)
@sessions.response(200, SessionDetailSchema)
@sessions.raises(Forbidden, NotFound, SlotTaken, SlotUnavailable, WrongState)
def change_session(wanted: SessionChange, session_id: int) -> Response:
    """Move, cancel or complete a session with all its lessons, or change its places or location."""
    viewer, at = require_viewer(), now()
    service.change(session_id, wanted, actor=viewer, now=at)
    return json_response(queries.session_detail(session_id, viewer, at))
