"""Pages of gigs: the search, a gig's page, and a teacher's work on their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for

from accounts.models import ProfileChanges, Role
from accounts.queries import own_profile, profile
from accounts.service import update_profile
from accounts.sign_in.identity import Viewer, answers_for, own_answers, require_viewer
from accounts.sign_in.page_viewer import shown_zone
from accounts.teaching.queries import may_publish
from caching import BoundRead
from errors import DraftConflict, Forbidden, TeachingNotApproved, TooManyGigs, WrongState
from gigs import queries
from gigs.dependents import gigs_free_at, has_said_when, schedule_names
from gigs.directory.queries import TeachersQuery, teachers_page
from gigs.drafts import editor, saving
from gigs.drafts import service as drafts
from gigs.drafts.queries import autosave
from gigs.forms import STATUS_SENTENCES, VISIBILITY_SENTENCES, EditorForm, GigForm, GigSearchForm
from gigs.models import GigStatus, Times, Visibility
from gigs.schemas import MyGigsQuerySchema
from gigs.search.facets import mixed_currencies
from gigs.search.filters import GigsQuery
from gigs.search.near import what_else
from gigs.search.queries import gigs_page
from gigs.search.text import search_words
from gigs.states import allowed, manager_of, shown_to
from gigs.traces import service as traces
from gigs.traces.noticing import notice_search
from gigs.traces.queries import recent_gigs, recently_viewed, search_history
from gigs.traces.schemas import ForgottenSchema
from jsontext import JsonObject
from school.around import shown_school
from web.clock import now
from web.forms import from_address, from_form
from web.pages import Page, PageBlueprint, shown, tell

pages = PageBlueprint("gig_pages", __name__)

# So many teachers with the searched name stand above the gigs.
NAMED_SHOWN = 3
# What stands in the place of results while the filters make no sense.
NOT_ASKED: JsonObject = {"data": [], "total": 0, "facets": {}, "corrected": {}, "next_cursor": None}


@pages.get("/gigs")
def search() -> Page:
    """Find gigs, and the teachers who have the searched name.

    The filters stay in the address.
    """
    form = GigSearchForm(request.args)
    query = _by_readers_clock(form.loaded, form) if form.validate() else None
    reads = _reads(query, form.q.data or "") if query else {}
    known, *answers = (answer.json() for answer in answers_for(lambda _: [queries.categories.at(), *reads.values()])[1])
    found = dict(zip(reads, answers, strict=True))
    if query and query.free_at:
        found["gigs"] = gigs_free_at(query, query.free_at, now())
    if query:
        # Who asks is known by now.
        notice_search()
    page: JsonObject = found["gigs"] if query else NOT_ASKED
    facets = page["facets"] or {}
    prices = facets.get("price", [])
    form.offer([category["name"] for category in known["data"]], {band["currency"] for band in prices})
    teacher = found.get("teacher")
    html = render_template(
        "gigs/list.html",
        form=form,
        filters=form.filters(),
        gigs=page["data"],
        number=page["total"],
        facets=facets,
        free_at=query.free_at if query else None,
        corrected=page["corrected"],
        teachers=found["named"]["data"] if "named" in found else [],
        next_cursor=page["next_cursor"],
        mixed_currencies=mixed_currencies(query, prices) if query else [],
        teacher_name=teacher["name"] if teacher else "somebody who has left",
        **what_else(query, page),
    )
    return shown(html, form)


def _by_readers_clock(query: GigsQuery, form: GigSearchForm) -> GigsQuery:
    """Take hours, and a single time, as those of the reader's own clock."""
    if query.hours is None and form.on.data is None:
        return query
    zone = shown_zone() or "UTC"
    hours = query.hours and replace(query.hours, zone=zone)
    return replace(query, hours=hours, free_at=form.free_at(zone))


def _reads(query: GigsQuery, typed: str) -> dict[str, BoundRead]:
    """Name what a page of the search shows beside the subjects."""
    # What is free at a time is not cached.
    reads = {} if query.free_at else {"gigs": gigs_page.at(query)}
    if query.asked and query.after is None:
        reads["named"] = teachers_page.at(TeachersQuery(named=search_words(typed), limit=NAMED_SHOWN))
    if query.teacher_id:
        reads["teacher"] = profile.at(query.teacher_id)
    return reads


@pages.get("/gigs/recent")
def recent() -> str:
    """Show what one has looked at and searched for."""
    viewer = require_viewer()
    return render_template(
        "gigs/recent.html",
        gigs=recently_viewed(recent_gigs.at(viewer.id))["data"],
        searches=search_history(viewer.id).json()["data"],
        keeps_searches=own_profile(viewer.id)["keeps_searches"],
    )


@pages.form("/gigs/recent/forget", of="gig_pages.recent")
def forget() -> Page:
    """Forget what one has looked at or searched for, or keep searches (no more)."""
    viewer = require_viewer()
    what = request.form.get("what", "")
    if what == "views":
        traces.forget_views(viewer.id)
    elif what == "searches":
        traces.forget_searches(viewer.id)
    elif what in ("keep", "stop"):
        update_profile(viewer.id, ProfileChanges(keeps_searches=what == "keep"), now=now())
    elif "search" in request.form:
        traces.forget_search(viewer.id, from_form(ForgottenSchema(), "search")["search"])
    return redirect(url_for("profile_page.show" if request.form.get("back") == "profile" else ".recent"))


@pages.get("/gigs/mine")
def mine() -> str:
    """List a teacher's own gigs."""
    query = from_address(MyGigsQuerySchema(), "cursor")
    viewer, (answer,) = own_answers(lambda who: [queries.my_gigs_page.at(who.id, query)])
    if viewer.role != Role.TEACHER:
        raise Forbidden("Only teachers have gigs.")
    gigs = answer.json()
    return render_template("gigs/mine.html", gigs=gigs["data"], next_cursor=gigs["next_cursor"])


@pages.route("/gigs/new", methods=["GET", "POST"])
def new() -> Page:
    """Write a gig.

    It is a draft at first.
    """
    viewer, currency = require_viewer(Role.TEACHER), shown_school()["currency"]
    form = GigForm(data={"currency": currency})
    form.offer_currency(currency)
    form.offer_schedules(schedule_names(viewer.id))
    if form.validate_on_submit():
        gig_id = saving.create(form.loaded, version=form.version, actor=viewer, now=now())
        flash("Your draft is saved. Only you can see it until you publish it.")
        return redirect(url_for(".edit", gig_id=gig_id))
    return shown(_editor(form, None, viewer), form)


@pages.route("/gigs/<id:gig_id>/edit", methods=["GET", "POST"])
def edit(gig_id: int) -> Page:
    """Change a gig.

    Every button saves what was written, some do more.
    """
    viewer, gig = _managed(gig_id)
    form = EditorForm.of(gig)
    form.offer_schedules(schedule_names(gig["teacher"]["id"]))
    if form.is_submitted():
        editor.take_choices(form)
    if "compare" in request.form:
        return _compared(form, gig, viewer)
    if form.validate_on_submit():
        first = _comes_first(form, gig, viewer)
        status = None if first else form.status
        try:
            saving.save(gig_id, _edited(form, status), actor=viewer, now=now())
        except DraftConflict:
            return _compared(form, gig, viewer)
        except (TeachingNotApproved, TooManyGigs, WrongState) as error:
            form.form_errors.append(error.detail)
        else:
            if first:
                return redirect(first)
            tell(_saved(form, gig), url=url_for("gig_page.show", gig_id=gig_id), link="See the gig")
            return redirect(url_for(".edit", gig_id=gig_id))
    return shown(_editor(form, gig, viewer), form)


@pages.form("/gigs/<id:gig_id>/edit/discard", of="gig_pages.edit")
def discard_typed(gig_id: int) -> Page:
    """Forget what was typed about a gig and not saved, in the version that the page showed."""
    return _discard(gig_id, url_for(".edit", gig_id=gig_id))


@pages.form("/gigs/new/discard", of="gig_pages.new")
def discard_new() -> Page:
    """Forget what was typed about a gig that does not exist yet."""
    require_viewer(Role.TEACHER)
    return _discard(None, url_for(".new"))


def _discard(gig_id: int | None, back: str) -> Page:
    version = request.form.get("version", type=int)
    try:
        drafts.discard(gig_id, actor=require_viewer(), version=version)
    except DraftConflict:
        flash("More was typed meanwhile on another page, so nothing was discarded.", "error")
    else:
        flash("What was not saved is discarded.")
    return redirect(back)


def _edited(form: EditorForm, status: GigStatus | None) -> saving.Edited:
    return saving.Edited(
        draft=form.loaded,
        visibility=Visibility(form.visibility.data),
        status=status,
        version=form.version,
        based_on=form.based_on.data or None,
    )


def _compared(form: EditorForm, gig: JsonObject, viewer: Viewer) -> Page:
    """Show what stands in the form beside what another page has saved, to choose from."""
    found = editor.compare(form, saving.current(gig["id"], actor=viewer))
    return _editor(form, gig, viewer, differences=found), 409 if found else 200


def _comes_first(form: EditorForm, gig: JsonObject, viewer: Viewer) -> str | None:
    """Return the page on which a teacher does first what publishing needs, None if there is none."""
    if form.status != GigStatus.PUBLISHED or gig["teacher"]["id"] != viewer.id:
        return None
    if not may_publish(viewer.id):
        return url_for("teaching_pages.show")
    # With a timetable lessons take place in sessions, whatever the hours are.
    if form.loaded.times == Times.OPEN and not has_said_when(viewer.id, form.loaded.schedule_id):
        return url_for("schedule_pages.first_hours", gig_id=gig["id"])
    return None


def _saved(form: EditorForm, before: JsonObject) -> str:
    """Say what has changed besides the text."""
    title = form.loaded.title
    if form.status:
        return STATUS_SENTENCES[GigStatus(form.status)].format(title=title)
    if form.visibility.data != before["visibility"]:
        return f"Your changes are saved. {VISIBILITY_SENTENCES[Visibility(form.visibility.data)].format(title=title)}"
    return "Your changes are saved."


def _managed(gig_id: int) -> tuple[Viewer, JsonObject]:
    """Return the viewer and the gig that they may change.

    Raises Unauthenticated, NotFound or Forbidden.
    """
    viewer = require_viewer()
    gig = shown_to(queries.gig(gig_id).json(), viewer)
    if manager_of(gig["teacher"]["id"], viewer.id, viewer.role) is None:
        raise Forbidden("Only its teacher can change a gig.")
    return viewer, gig


def _offer(form: GigForm, gig: JsonObject | None, teacher_id: int) -> JsonObject | None:
    """Return what was typed before and not saved, unless the form shows it already.

    It is put back into the form where the address asks for that.
    """
    stored: JsonObject | None = autosave(teacher_id, gig["id"] if gig else None).json()
    if stored is None or form.is_submitted():
        return None
    if "typed" in request.args:
        editor.put_back(form, stored["fields"], version=stored["version"])
        return None
    return stored


def _editor(
    form: GigForm, gig: JsonObject | None, viewer: Viewer, differences: Sequence[editor.Difference] = ()
) -> str:
    teacher_id = gig["teacher"]["id"] if gig else viewer.id
    offered = _offer(form, gig, teacher_id)
    manager = manager_of(gig["teacher"]["id"], viewer.id, viewer.role) if gig else None
    return render_template(
        "gigs/edit.html",
        gig=gig,
        form=form,
        offered=offered,
        differences=differences,
        discard_url=url_for(".discard_typed", gig_id=gig["id"]) if gig else url_for(".discard_new"),
        autosave_url=url_for("drafts.save_autosave", gig_id=gig["id"]) if gig else url_for("drafts.save_new_autosave"),
        categories=queries.categories().json()["data"],
        allowed_statuses=allowed(gig["status"], manager) if gig else [],
    )
