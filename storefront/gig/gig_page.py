"""A gig's page, with the reviews of its teacher and the free times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import render_template, request, url_for
from marshmallow import ValidationError

from accounts.models import Role
from accounts.queries import profile
from accounts.sign_in.identity import Viewer, current_viewer, look_up_with_viewer
from accounts.sign_in.page_version import follow_also
from accounts.sign_in.page_viewer import show_times_in, visitors_zone
from bookings import kept_notes
from bookings.forms import OTHER, BookingForm
from bookings.rules.occupancy import taken_times
from bookings.sessions.queries import places_read
from bookings.slots.week import Sought, Week, day_asked_for, free_week, week_name, written
from caching import cache, watch
from enrolment.places import place_of
from gigs import queries
from gigs.discovery.queries import similar_to
from gigs.models import Enrolment, GigStatus
from gigs.states import shown_to
from gigs.watched import of_gig, of_its_teacher
from jsontext import JsonObject
from payments.packages.queries import offers
from reviews.queries import ReviewsQuery, reviews_of
from schedule.queries import absences, back_from, times_of
from schedule.times.intervals import Interval
from storefront.embed.snippet import is_shown, snippet
from web.clock import now
from web.fields import InstantField
from web.filters import FALLBACK_ZONE, local
from web.settings import chosen

REVIEWS_SHOWN = 5
SIMILAR_SHOWN = 3
# As far ahead as the page tells which times are taken.
LOOK_AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class GigPage:
    """A gig as `viewer` sees it.

    Times are chosen in `zone`: the viewer's, or that of a visitor's browser, or the teacher's. `away_until` is when the
    teacher is back, if time off hides the coming days, and `away` all of their time off.
    """

    viewer: Viewer | None
    gig: JsonObject
    reviews: list[JsonObject]
    zone: str
    away_until: datetime | None = None
    away: Sequence[Interval] = ()
    similar: Sequence[JsonObject] = ()
    packages: Sequence[JsonObject] = ()
    # The viewer's places in a group.
    own: Sequence[JsonObject] = ()

    @property
    def may_book(self) -> bool:
        """Tell whether to show a form: to students, and to visitors who will sign in."""
        return self.is_open and (self.viewer is None or self.viewer.role == Role.STUDENT)

    @property
    def is_open(self) -> bool:
        """Tell whether there are lessons to be asked for."""
        return (self.gig["status"], self.gig["enrolment"]) == (GigStatus.PUBLISHED, Enrolment.BOOKING)


def find(gig_id: int) -> GigPage:
    """Read what the page shows.

    Raises NotFound.
    """
    found, *seen = look_up_with_viewer(queries.gig.at(gig_id), *map(watch, of_gig(gig_id)))
    viewer = current_viewer()
    gig = shown_to(found.answer().json(), viewer)
    teacher_id = gig["teacher"]["id"]
    of_teacher = (reviews_of.at(teacher_id, ReviewsQuery(limit=REVIEWS_SHOWN)), profile.at(teacher_id))
    places = places_read(gig_id, viewer) if gig["capacity"] > 1 else ()
    shown = (*of_teacher, absences.at(teacher_id), similar_to(gig), offers.at(gig_id), *places)
    times, *ahead = cache.look_up(watch(of_its_teacher(teacher_id)), *shown)
    follow_also((*seen, times))
    reviews, teacher, away, similar, packages, *own = (read.answer().json() for read in ahead)
    place = visitors_zone() or (teacher["time_zone"] if teacher else FALLBACK_ZONE)
    zone = viewer.time_zone if viewer else place
    return GigPage(
        viewer,
        gig,
        reviews["data"] if reviews else [],
        zone,
        back_from(away, now()),
        times_of(away),
        similar["data"],
        packages["data"],
        own[0]["data"] if own else (),
    )


def show(page: GigPage) -> str:
    """Render the page, with the time and the note chosen before signing in."""
    show_times_in(page.zone)
    form = BookingForm(formdata=None, data={"note": kept_notes.kept(page.gig["id"])})
    wanted = _instant(request.args.get("starts_at"))
    week = _week(page, wanted)
    if wanted and week and (week.has(wanted) or not week.any_minute):
        form.starts_at.data = written(wanted)
    elif wanted:
        there = local(wanted, page.zone)
        form.starts_at.data, form.date.data, form.time.data = OTHER, there.date(), there.time()
    return _render(page, form, week)


def show_again(page: GigPage, form: BookingForm) -> str:
    """Render the page with a form that was refused, and the times as they are now."""
    show_times_in(page.zone)
    return _render(page, form, _week(page, _instant(form.starts_at.data)))


def _render(page: GigPage, form: BookingForm, week: Week | None) -> str:
    return render_template(
        "storefront/gig.html",
        gig=page.gig,
        form=form if page.may_book else None,
        week=week,
        reviews=page.reviews,
        similar=page.similar[:SIMILAR_SHOWN],
        away_until=page.away_until,
        place=_place(page),
        embed_snippet=_embed_snippet(page),
        packages=page.packages if page.may_book else (),
        taken=_taken(page.gig["teacher"]["id"]) if week and week.any_minute else None,
    )


def _embed_snippet(page: GigPage) -> str | None:
    """Return what its teacher copies into another website, if the school has listed any."""
    is_own = page.viewer is not None and page.viewer.id == page.gig["teacher"]["id"]
    if not is_own or not is_shown(page.gig) or not chosen().embed_origins:
        return None
    return snippet(page.gig, url_for("embed_pages.gig", gig_id=page.gig["id"], _external=True))


def _place(page: GigPage) -> JsonObject | None:
    """Say how many places of a gig that is applied for are taken, and whether one is the viewer's."""
    if page.gig["enrolment"] != Enrolment.APPLICATION:
        return None
    is_student = page.viewer is not None and page.viewer.role == Role.STUDENT
    return place_of(page.gig["id"], page.viewer.id if page.viewer and is_student else None)


def _week(page: GigPage, wanted: datetime | None) -> Week | None:
    """Read the free times of the week in the address, or of the chosen time."""
    if not page.may_book:
        return None
    name = request.values.get("week") or (week_name(wanted, page.zone) if wanted else None)
    teacher_id, gig_id = page.gig["teacher"]["id"], page.gig["id"]
    sought = Sought(
        teacher_id=teacher_id,
        gig_id=gig_id,
        viewer=page.viewer,
        time_zone=page.zone,
        now=now(),
        own=page.own,
        # The page says above all else until when a teacher is away who is so tomorrow.
        away=[times for times in page.away if times[1] != page.away_until],
    )
    return free_week(sought, name, day_asked_for(request.values.get("day")))


def _taken(teacher_id: int) -> list[dict[str, datetime]]:
    times = taken_times(teacher_id, now(), now() + LOOK_AHEAD)
    return [{"starts_at": starts_at, "ends_at": ends_at} for starts_at, ends_at in times]


def _instant(text: str | None) -> datetime | None:
    """Read an instant of the address.

    One that makes no sense was not chosen on our page.
    """
    try:
        return InstantField().deserialize(text) if text else None
    except ValidationError:
        return None
