"""The directory of teachers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flask import render_template, request

from accounts.sign_in.identity import answers_for
from accounts.sign_in.page_viewer import show_times_in
from gigs.directory.queries import teachers_page
from gigs.queries import categories
from jsontext import JsonObject
from storefront.directory.forms import TeachersForm
from storefront.free_times import next_free
from web.clock import now
from web.filters import FALLBACK_ZONE
from web.pages import Page, PageBlueprint, shown

pages = PageBlueprint("directory_pages", __name__)

# Of each teacher the next free time is looked up, so a page has fewer of them than an answer of the API.
TEACHERS_SHOWN = 12


@pages.get("/teachers")
def teachers() -> Page:
    """List the teachers who offer something.

    The filters stay in the address.
    """
    show_times_in(FALLBACK_ZONE)
    form = TeachersForm(request.args)
    reads = [categories.at()]
    if form.validate():
        reads.append(teachers_page.at(replace(form.loaded, limit=TEACHERS_SHOWN, offering=True)))
    known, *found = (answer.json() for answer in answers_for(lambda _: reads)[1])
    form.offer(category["name"] for category in known["data"])
    people = found[0]["data"] if found else []
    page = render_template(
        "storefront/teachers.html",
        form=form,
        filters=form.filters(),
        teachers=people,
        free=_next_free_of(people),
        next_cursor=found[0]["next_cursor"] if found else None,
    )
    return shown(page, form)


def _next_free_of(people: Sequence[JsonObject]) -> dict[int, datetime]:
    """Find the next free time of these teachers' newest gigs, by the teachers' ids."""
    gigs = [(person["id"], gig["id"]) for person in people for gig in person["gigs"]]
    starts = next_free(gigs, now())
    free: dict[int, datetime] = {}
    for teacher_id, gig_id in gigs:
        if gig_id in starts:
            free[teacher_id] = min(starts[gig_id], free.get(teacher_id, starts[gig_id]))
    return free
