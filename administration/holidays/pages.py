"""The pages of the school's holidays, and of the lessons that were booked for these days before."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for

from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer
from administration.holidays.forms import HolidayForm
from bookings.many import moving, words
from bookings.many.closed_days import Booked, booked_during
from bookings.many.day import cancel_all
from bookings.many.moving import ManyMoves
from bookings.many.schemas import CancelDaySchema, MovesFormSchema
from errors import TooManyHolidays
from jsontext import JsonObject
from schedule.holidays import queries, service
from schedule.times.wall_time import local_day
from school.queries import school
from web.clock import now
from web.forms import from_form
from web.pages import Page, PageBlueprint, shown

pages = PageBlueprint("holiday_pages", __name__)

REASON = "The school is closed: {}."


@pages.route("/admin/holidays", methods=["GET", "POST"])
def overview() -> Page:
    """List the holidays, and enter one."""
    require_viewer(*STAFF)
    form = HolidayForm()
    if form.validate_on_submit():
        try:
            holiday_id = service.add_holiday(form.loaded)
        except TooManyHolidays as error:
            form.form_errors.append(error.detail)
        else:
            return _entered(holiday_id)
    found, zone = queries.holidays().json()["data"], school().json()["time_zone"]
    today = str(local_day(now(), ZoneInfo(zone)))
    coming = [each for each in found if each["last_day"] >= today]
    over = [each for each in reversed(found) if each["last_day"] < today]
    page = render_template("administration/holidays.html", form=form, coming=coming, over=over, zone=zone)
    return shown(page, form)


@pages.get("/admin/holidays/<id:holiday_id>")
def show(holiday_id: int) -> str:
    """Show a holiday, and the lessons that were booked for these days before."""
    require_viewer(*STAFF)
    holiday = queries.holiday(holiday_id)
    return render_template("administration/holiday.html", holiday=holiday, booked=_booked(holiday))


@pages.form("/admin/holidays/<id:holiday_id>/cancel", of="holiday_pages.show")
def cancel(holiday_id: int) -> Page:
    """Cancel the sessions and lessons that are ticked, and decline the requests among them."""
    viewer, sent = require_viewer(*STAFF), from_form(CancelDaySchema(), "sessions", "ids", "reason")
    outcomes = cancel_all(sent["sessions"], sent["ids"], sent["reason"], viewer, now())
    words.tell_of_day(*outcomes, viewer, then="")
    return redirect(url_for(".show", holiday_id=holiday_id))


@pages.get("/admin/holidays/<id:holiday_id>/move")
def ask_to_move(holiday_id: int) -> Page:
    """Propose other times for the lessons of a holiday."""
    viewer, holiday = require_viewer(*STAFF), queries.holiday(holiday_id)
    lessons = _booked(holiday).lessons
    if not lessons:
        flash("No lesson is booked for these days.")
        return redirect(url_for(".show", holiday_id=holiday_id))
    found = moving.proposals([lesson["id"] for lesson in lessons], viewer, now())
    reason = REASON.format(holiday["name"])
    return render_template(
        "administration/holiday_move.html", holiday=holiday, lessons=lessons, found=found, reason=reason
    )


@pages.post("/admin/holidays/<id:holiday_id>/move")
def move(holiday_id: int) -> Page:
    """Move lessons to the times that were chosen for them, and say what became of each."""
    viewer = require_viewer(*STAFF)
    wanted: ManyMoves = from_form(MovesFormSchema(), "moves", "reason")
    if not wanted.to:
        flash("No lesson was moved: a new time was chosen for none.", "error")
        return redirect(url_for(".ask_to_move", holiday_id=holiday_id))
    words.tell_of_moves(moving.move_all(wanted, actor=viewer, now=now()), viewer)
    return redirect(url_for(".show", holiday_id=holiday_id))


@pages.form("/admin/holidays/<id:holiday_id>/delete", of="holiday_pages.show")
def delete(holiday_id: int) -> Page:
    """Open the school again on these days."""
    require_viewer(*STAFF)
    name = queries.holiday(holiday_id)["name"]
    service.remove_holiday(holiday_id)
    flash(f"“{name}” is deleted. Lessons can be booked on these days again.")
    return redirect(url_for(".overview"))


def _entered(holiday_id: int) -> Page:
    """Lead to the lessons that were booked for these days, if there are any."""
    holiday = queries.holiday(holiday_id)
    flash(f"Saved: {holiday['name']}. Nothing is offered on these days any more, by no teacher.")
    if _booked(holiday).number:
        return redirect(url_for(".show", holiday_id=holiday_id))
    return redirect(url_for(".overview"))


def _booked(holiday: JsonObject) -> Booked:
    (closed,) = queries.closed_days({"data": [holiday]})
    return booked_during(closed.interval, now())
