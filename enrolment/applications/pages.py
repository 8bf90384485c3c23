"""Pages of applications: asking for a place, the inbox of a teacher, what a student waits for."""

from __future__ import annotations

from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.models import Role
from accounts.sign_in.identity import own_answers, require_viewer
from enrolment.applications import queries, service
from enrolment.applications.models import Decision
from enrolment.applications.schemas import ApplicationsQuerySchema, DecisionSchema
from enrolment.forms import ApplyForm
from enrolment.rows import PlacesQuery
from enrolment.statuses import APPLICATION_WORDS, COURSE_WORDS, TASK_WORDS, ApplicationStatus
from errors import Conflict, EmailUnconfirmed, GigFull, Invalid
from gigs.queries import gig
from gigs.states import shown_to
from web.clock import now
from web.forms import from_address, from_form
from web.pages import Page, PageBlueprint, go_back, refused, tell

pages = PageBlueprint("application_pages", __name__)

# As many as a page shows.
MOST_AT_ONCE = 100
_ANSWERED = tuple(sorted(set(ApplicationStatus) - {ApplicationStatus.PENDING}))
_DONE = {
    ApplicationStatus.REJECTED: "The application is declined. The student is told.",
    ApplicationStatus.WITHDRAWN: "Your application is taken back.",
}


@pages.app_context_processor
def _words() -> dict[str, object]:
    """Let templates say where applications, courses and tasks stand."""
    return {"application_words": APPLICATION_WORDS, "course_words": COURSE_WORDS, "task_words": TASK_WORDS}


@pages.get("/applications")
def mine() -> str:
    """List who has applied to a teacher, or what a student has applied for."""
    query: PlacesQuery = from_address(ApplicationsQuerySchema(), "gig_id", "cursor", limit="50")
    # Read on their own, so that those who have waited long do not stand behind many that are answered.
    pending = replace(queries.WAITING, gig_id=query.gig_id)
    viewer, (first, answer) = own_answers(
        lambda who: [
            queries.list_for(who.id, who.role, asked) for asked in (pending, replace(query, statuses=_ANSWERED))
        ]
    )
    page, waiting = answer.json(), [] if query.after else first.json()["data"]
    gigs = {one["gig"]["id"]: one["gig"]["title"] for one in waiting} if viewer.role == Role.TEACHER else {}
    return render_template(
        "courses/applications.html",
        waiting=waiting,
        groups=[(gig_id, title, *queries.places(gig_id)) for gig_id, title in gigs.items()],
        decided=page["data"],
        next_cursor=page["next_cursor"],
    )


@pages.form("/gigs/<id:gig_id>/apply", of="gig_page.show")
def apply(gig_id: int) -> Page:
    """Apply for a place in a gig."""
    viewer, form = require_viewer(), ApplyForm()
    shown = shown_to(gig(gig_id).json(), viewer)
    if form.validate():
        try:
            service.apply(gig_id, form.loaded["message"], actor=viewer, now=now())
        except (Conflict, EmailUnconfirmed) as error:
            form.form_errors.append(error.detail)
        else:
            tell(
                f"{shown['teacher']['name']} has your application, and answers it.",
                url=url_for(".mine"),
                link="See my applications",
            )
            return redirect(url_for("gig_page.show", gig_id=gig_id))
    return refused(render_template("courses/apply.html", gig=shown, form=form))


@pages.form("/applications/decide", of="application_pages.mine")
def decide() -> Response:
    """Accept those that are ticked up to the places that are left, or end one."""
    ids = [int(text) for text in request.form.getlist("ids") if text.isascii() and text.isdigit() and len(text) < 19]
    decision: Decision = from_form(DecisionSchema(), "status", "reason")
    if not ids:
        flash("Choose at least one application.", "error")
    elif decision.status == ApplicationStatus.ACCEPTED:
        _accept(ids[:MOST_AT_ONCE])
    else:
        _end(ids[0], decision)
    return go_back(url_for(".mine"))


def _accept(ids: list[int]) -> None:
    """Accept one after the other, the first to come first."""
    viewer, accepted = require_viewer(), 0
    for application_id in sorted(set(ids)):
        try:
            service.decide(application_id, Decision(status=ApplicationStatus.ACCEPTED), actor=viewer, now=now())
        except GigFull:
            flash("All places are taken now. The others wait until one is free.", "error")
            break
        except Conflict as error:
            flash(error.detail, "error")
        else:
            accepted += 1
    if accepted:
        words = "1 student has a place now." if accepted == 1 else f"{accepted} students have a place now."
        tell(words, url=url_for("course_pages.mine"), link="See my courses")


def _end(application_id: int, decision: Decision) -> None:
    try:
        service.decide(application_id, decision, actor=require_viewer(), now=now())
    except (Conflict, Invalid) as error:
        flash(error.detail, "error")
    else:
        flash(_DONE[decision.status])
