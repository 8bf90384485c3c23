"""A gig's page, and asking for a lesson on it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from accounts.sign_in.identity import Viewer, require_viewer
from bookings import kept_notes, queries, service
from bookings.forms import BookingForm, new_price, seen_in_form, why_not
from bookings.rules.agreement import LessonRequest
from bookings.rules.limits import Limits
from bookings.slots.week import written
from bookings.statuses import BookingStatus
from errors import Busy, Invalid, PriceChanged, SlotTaken, SlotUnavailable, TooManyOpen, WrongState
from gigs.traces.noticing import notice_view
from schedule.times.wall_time import Kind, resolve
from storefront.gig import gig_page
from web.clock import now
from web.filters import day, time_range, zone_name
from web.pages import Page, PageBlueprint, refused
from web.settings import chosen

pages = PageBlueprint("gig_page", __name__)


@pages.get("/gigs/<id:gig_id>")
def show(gig_id: int) -> str:
    """Show a gig, with its teacher's reviews and a form to ask for a lesson."""
    page = gig_page.find(gig_id)
    notice_view(page.gig, page.viewer)
    return gig_page.show(page)


@pages.form("/gigs/<id:gig_id>/lessons", of="gig_page.show")
def ask(gig_id: int) -> Page:
    """Ask for a lesson.

    A visitor signs in first, and then finds again what they chose.
    """
    page = gig_page.find(gig_id)
    seen = seen_in_form()
    form = BookingForm()
    wanted = form.resolve(page.zone) if form.validate() else None
    if wanted is None:
        return refused(gig_page.show_again(page, form))
    note = form.loaded["note"]
    series = _preview_of_series(gig_id, wanted, form.lessons(wanted, page.zone))
    if page.viewer is None or series:
        kept_notes.keep(gig_id, note)
        return redirect(series) if page.viewer and series else _sign_in_first(gig_id, wanted, series)
    request = LessonRequest(gig_id=gig_id, starts_at=wanted, note=note, seen=seen)
    if booking_id := _booked(form, request, page.viewer):
        kept_notes.keep(gig_id, "")
        return _asked(booking_id, wanted)
    return refused(gig_page.show_again(gig_page.find(gig_id), form))


def _booked(form: BookingForm, request: LessonRequest, viewer: Viewer) -> int | None:
    """Ask for a lesson, and return its id, or None with the reason in the form."""
    try:
        return service.create_booking(request, actor=viewer, now=now(), limits=Limits.of(chosen()))
    except PriceChanged as error:
        form.form_errors.append(new_price(error))
    except Invalid as error:
        form.refuse(error.errors)
    except (SlotTaken, SlotUnavailable) as error:
        form.refuse({"starts_at": [why_not(error)]})
    except (WrongState, TooManyOpen, Busy) as error:
        form.form_errors.append(error.detail)
    return None


def _preview_of_series(gig_id: int, first: datetime, weeks: int) -> str | None:
    """Return the address that shows a weekly series before it is booked.

    None for a single lesson.
    """
    if weeks == 1:
        return None
    return url_for("series_pages.preview", gig_id=gig_id, starts_at=written(first), weeks=weeks)


def _sign_in_first(gig_id: int, wanted: datetime, series: str | None) -> Response:
    flash("Please sign in to ask for this lesson. The time you chose is kept.")
    gig_url = url_for(".show", gig_id=gig_id, starts_at=wanted.isoformat())
    return redirect(url_for("account_pages.sign_in", next=series or gig_url))


def _asked(booking_id: int, wanted: datetime) -> Response:
    """Say which time was asked for, in full, and which one of two if it comes twice."""
    viewer = require_viewer()
    booking = queries.booking_detail(booking_id, viewer, now())
    times = time_range(booking["starts_at"], booking["ends_at"])
    when = f"{day(booking['starts_at'])}, {times}"
    teacher = booking["teacher"]["name"]
    agreed = booking["status"] == BookingStatus.ACCEPTED
    text = f"You booked {when} with {teacher}" if agreed else f"You asked {teacher} for {when}"
    flash(f"{text} ({zone_name(viewer.time_zone)}).{_which_of_two(wanted, ZoneInfo(viewer.time_zone))}")
    return redirect(url_for("lesson_page.show", booking_id=booking_id))


def _which_of_two(instant: datetime, zone: ZoneInfo) -> str:
    there = instant.astimezone(zone)
    found = resolve(there.replace(tzinfo=None), zone)
    if found.kind != Kind.FOLD:
        return ""
    which = "earlier" if found.instant == instant else "later"
    return f" {there:%H:%M} comes twice that day, because the clocks are put back; the {which} one is meant."
