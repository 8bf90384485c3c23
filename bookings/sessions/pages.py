"""Pages of sessions: a gig's timetable, and one session with its roster."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.sign_in.identity import Viewer, require_viewer
from bookings.forms import OTHER
from bookings.sessions import plan, queries, service
from bookings.sessions.forms import MoveSessionForm, SessionsForm
from bookings.sessions.plan import Planned
from bookings.sessions.queries import SessionsQuery
from bookings.sessions.schemas import CancelFormSchema, LocationFormSchema, PlacesFormSchema
from bookings.sessions.service import SessionChange
from bookings.sessions.states import Act
from caching import cache
from errors import Busy, Forbidden, Invalid, SessionsTaken, SlotTaken, SlotUnavailable, WrongState
from gigs import queries as gig_queries
from gigs.states import manager_of, shown_to
from jsontext import JsonObject
from schedule.holidays.queries import closed_days, holidays, name_of_holiday
from schedule.times.wall_time import local_day
from web.clock import now
from web.forms import from_form
from web.pages import Page, PageBlueprint, shown

pages = PageBlueprint("session_pages", __name__)

ROWS = 100
# Sessions of the last days are listed, too, until it is said that they took place.
LOOK_BACK = timedelta(days=14)
ID = re.compile(r"\d{1,18}", re.ASCII)
TAKEN = "You have something else at this time. Please choose another one."


@pages.route("/gigs/<id:gig_id>/timetable", methods=["GET", "POST"])
def timetable(gig_id: int) -> Page:
    """List the sessions of a gig, and set new ones after a look at their dates."""
    viewer, gig = _managed(gig_id)
    form = SessionsForm(data={"starts_at": OTHER, "capacity": gig["capacity"]})
    dates: list[Planned] = []
    starts_at = form.resolve(viewer.time_zone) if form.validate_on_submit() else None
    if starts_at is not None:
        try:
            dates, zone = plan.preview(gig_id, form.wanted(starts_at), actor=viewer, now=now())
            if form.every_weeks.data == 0 or "day" in request.form:
                return _set(gig_id, form, starts_at, dates, zone, viewer)
        except Invalid as error:
            form.refuse({{"repeat": "until"}.get(name, name): _plain(words) for name, words in error.errors.items()})
        except SessionsTaken:
            form.refuse({"starts_at": [TAKEN]})
        except (WrongState, Busy) as error:
            form.form_errors.append(error.detail)
    reads = cache.look_up(queries.sessions_page.at(gig_id, SessionsQuery(start=_since(), limit=ROWS)), holidays.at())
    listed, off = (read.answer().json() for read in reads)
    days = closed_days(off)
    sessions = queries.shown_to(listed, viewer, days)["data"]
    length = timedelta(minutes=gig["duration_minutes"])
    closed = {it.starts_at: name_of_holiday(days, it.starts_at, it.starts_at + length) for it in dates}
    page = render_template("sessions/timetable.html", gig=gig, form=form, sessions=sessions, dates=dates, closed=closed)
    return shown(page, form)


@pages.get("/sessions/<id:session_id>")
def show(session_id: int) -> Page:
    """Show a session to its teacher: who has a place, and what can be done."""
    viewer, session = _session(session_id)
    form = MoveSessionForm(data={"starts_at": OTHER})
    return _session_page(session, viewer, form)


@pages.route("/sessions/<id:session_id>/move", methods=["GET", "POST"])
def move(session_id: int) -> Page:
    """Move a session with all its lessons."""
    viewer, session = _session(session_id)
    form = MoveSessionForm(data={"starts_at": OTHER})
    starts_at = form.resolve(viewer.time_zone) if form.validate_on_submit() else None
    if starts_at is not None:
        try:
            wanted = SessionChange(act=Act.MOVE, to=starts_at, reason=form.loaded["reason"])
            service.change(session_id, wanted, actor=viewer, now=now())
        except Invalid as error:
            form.refuse(error.errors)
        except SessionsTaken:
            form.refuse({"starts_at": [TAKEN]})
        except SlotUnavailable as error:
            form.refuse({"starts_at": [error.detail]})
        except (SlotTaken, WrongState, Busy) as error:
            form.form_errors.append(error.detail)
        else:
            flash("The session has its new time. Everyone who has a place is told.")
            return redirect(url_for(".show", session_id=session_id))
    return _session_page(session, viewer, form)


@pages.form("/sessions/<id:session_id>/cancel", of="session_pages.show")
def cancel(session_id: int) -> Response:
    """Cancel a session with all its lessons, at no cost for anyone."""
    reason = from_form(CancelFormSchema(), "reason")["reason"]
    return _done(session_id, SessionChange(act=Act.CANCEL, reason=reason), "The session is cancelled.")


@pages.form("/sessions/<id:session_id>/held", of="session_pages.show")
def hold(session_id: int) -> Response:
    """Note that a session took place, and who was absent."""
    absent, waived = (_ids(name) for name in ("absent", "waived"))
    wanted = SessionChange(act=Act.HOLD, no_show=absent, waived=waived)
    return _done(session_id, wanted, "All its lessons are noted as done.")


@pages.form("/sessions/<id:session_id>/places", of="session_pages.show")
def resize(session_id: int) -> Response:
    """Give a session another number of places."""
    places = from_form(PlacesFormSchema(), "capacity")["capacity"]
    return _done(session_id, SessionChange(act=Act.RESIZE, to=places), "The session has its new number of places.")


@pages.form("/sessions/<id:session_id>/place", of="session_pages.show")
def relocate(session_id: int) -> Response:
    """Give a session another place than the gig's, or the gig's again by leaving it empty."""
    place = from_form(LocationFormSchema(), "location")["location"]
    if place == (_session(session_id)[1]["location"] or ""):
        flash("The session takes place there already.")
        return redirect(url_for(".show", session_id=session_id))
    sentence = "The session has its new place. Everyone who has agreed to come is told."
    return _done(session_id, SessionChange(act=Act.RELOCATE, to=place), sentence)


def _ids(name: str) -> tuple[int, ...]:
    return tuple(int(text) for text in request.form.getlist(name) if ID.fullmatch(text))


def _set(
    gig_id: int, form: SessionsForm, starts_at: datetime, dates: list[Planned], zone: str, viewer: Viewer
) -> Response:
    """Set the sessions whose days are ticked."""
    ticked = set(request.form.getlist("day"))
    days = {local_day(it.starts_at, ZoneInfo(zone)) for it in dates}
    without = {day for day in days if form.every_weeks.data and day.isoformat() not in ticked}
    ids = service.create(gig_id, form.wanted(starts_at, without), actor=viewer, now=now())
    flash("The session is set." if len(ids) == 1 else f"{len(ids)} sessions are set.")
    return redirect(url_for(".timetable", gig_id=gig_id))


def _done(session_id: int, wanted: SessionChange, sentence: str) -> Response:
    viewer, _ = _session(session_id)
    try:
        service.change(session_id, wanted, actor=viewer, now=now())
    except (SlotTaken, WrongState, Busy) as error:
        flash(error.detail, "error")
    else:
        flash(sentence)
    return redirect(url_for(".show", session_id=session_id))


def _managed(gig_id: int) -> tuple[Viewer, JsonObject]:
    """Return the viewer and the gig whose sessions they set.

    Raises Unauthenticated, NotFound or Forbidden.
    """
    viewer = require_viewer()
    gig = shown_to(gig_queries.gig(gig_id).json(), viewer)
    if manager_of(gig["teacher"]["id"], viewer.id, viewer.role) is None:
        raise Forbidden("Only its teacher sets the sessions of a gig.")
    return viewer, gig


def _session(session_id: int) -> tuple[Viewer, JsonObject]:
    viewer = require_viewer()
    session = queries.session_detail(session_id, viewer, now())
    if "roster" not in session:
        raise Forbidden("Only its teacher sees who has a place in a session.")
    return viewer, session


def _session_page(session: JsonObject, viewer: Viewer, form: MoveSessionForm) -> Page:
    people = [row for row in session["roster"] if row["status"] in ("pending", "accepted")]
    begun = session["starts_at"] <= now()
    page = render_template("sessions/session.html", session=session, form=form, told=len(people), begun=begun)
    return shown(page, form)


def _since() -> datetime:
    """Return from when on sessions are listed, on a whole day, so that an answer can be used again."""
    return (now() - LOOK_BACK).replace(hour=0, minute=0, second=0, microsecond=0)


def _plain(words: object) -> list[str]:
    """Write messages that are sorted by field one after the other."""
    if isinstance(words, dict):
        return [word for each in words.values() for word in _plain(each)]
    return [str(word) for word in words] if isinstance(words, list) else [str(words)]
