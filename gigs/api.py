"""The JSON API of gigs: search, details, and a teacher's work on their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

from flask import Response

from accounts.models import Role
from accounts.sign_in.cached_lists import ListBlueprint, Noted, Plain
from accounts.sign_in.identity import Viewer, Who, current_viewer, public_answer, require_viewer, signed_in
from caching import BoundRead
from caching.envelope import digest
from errors import TeachingNotApproved, TooManyGigs, WrongState
from gigs import queries, service
from gigs.dependents import gigs_free_at
from gigs.models import GigChanges, GigDraft, GigStatus, Visibility
from gigs.schemas import (
    CategoriesSchema,
    EditGigSchema,
    GigSchema,
    GigsPageSchema,
    MyGigsQuerySchema,
    NewGigSchema,
    StatusSchema,
    VisibilitySchema,
)
from gigs.search.filters import GigsQuery
from gigs.search.queries import gigs_page
from gigs.search.schemas import FoundGigsSchema, GigSearchSchema
from gigs.states import shown_to
from gigs.traces.noticing import notice_search, notice_view
from jsontext import dumps
from web.answers import detail_response, json_response
from web.clock import now
from web.idempotency import idempotent

gigs = ListBlueprint("gigs", __name__, url_prefix="/api/gigs", description="What teachers offer")


@gigs.cached_list("", GigSearchSchema, FoundGigsSchema, noted=Noted("q", notice_search))
def list_gigs(query: GigsQuery) -> BoundRead | Plain:
    """List published public gigs.

    With `free_at` a page may be short, or empty, although others follow.
    """
    if query.free_at is not None:
        return partial(_free_at, query, query.free_at)
    return gigs_page.at(query)


@gigs.cached_list("/mine", MyGigsQuerySchema, GigsPageSchema, own=True, roles=(Role.TEACHER,))
def list_my_gigs(who: Who, query: queries.MyGigsQuery) -> BoundRead:
    """List a teacher's own gigs in all states."""
    return queries.my_gigs_page.at(who.id, query)


@gigs.cached_list("/categories", None, CategoriesSchema)
def list_categories() -> BoundRead:
    """List the 100 categories with the most public gigs."""
    return queries.categories.at()


@gigs.post("")
@signed_in(Role.TEACHER)
@gigs.arguments(NewGigSchema)
@gigs.response(201, GigSchema)
@idempotent(lambda: require_viewer().id)
def create_gig(draft: GigDraft) -> Response:
    """Begin a draft."""
    viewer = require_viewer()
    return _fresh(service.create(viewer.id, draft, now=now()), viewer, 201)


@gigs.get("/<id:gig_id>")
@gigs.response(200, GigSchema, cached=True)
def show_gig(gig_id: int) -> Response:
    """Show a gig.

    Published and paused ones are visible to everyone who has the link, others to their teacher and administrators.
    """
    viewer, answer = public_answer(queries.gig.at(gig_id))
    gig = answer.json()
    shown = shown_to(gig, viewer)
    notice_view(gig, viewer)
    if shown is not gig:
        body = dumps(shown)
        answer = replace(answer, body=body, etag=digest(body))
    return detail_response(answer)


@gigs.patch("/<id:gig_id>")
@signed_in()
@gigs.arguments(EditGigSchema)
@gigs.response(200, GigSchema)
@gigs.raises(WrongState)
def edit_gig(changes: GigChanges, gig_id: int) -> Response:
    """Change a gig."""
    viewer = require_viewer()
    service.edit(gig_id, changes, actor=viewer, now=now())
    return _fresh(gig_id, viewer)


@gigs.delete("/<id:gig_id>")
@signed_in()
@gigs.response(204)
@gigs.raises(WrongState)
def archive_gig(gig_id: int) -> Response:
    """Archive a gig: it cannot be found any more, and its lessons stay.

    If it is archived already, that is a 409.
    """
    viewer = require_viewer()
    service.set_status(gig_id, GigStatus.ARCHIVED, actor=viewer, now=now())
    return Response(status=204)


@gigs.post("/<id:gig_id>/status")
@signed_in()
@gigs.arguments(StatusSchema)
@gigs.response(200, GigSchema)
@gigs.raises(TeachingNotApproved, TooManyGigs, WrongState)
def set_gig_status(body: dict[str, GigStatus], gig_id: int) -> Response:
    """Publish, pause or archive a gig."""
    viewer = require_viewer()
    service.set_status(gig_id, body["status"], actor=viewer, now=now())
    return _fresh(gig_id, viewer)


@gigs.post("/<id:gig_id>/visibility")
@signed_in()
@gigs.arguments(VisibilitySchema)
@gigs.response(200, GigSchema)
@gigs.raises(WrongState)
def set_gig_visibility(body: dict[str, Visibility], gig_id: int) -> Response:
    """Choose who finds a gig: everyone, users with the link, or its teacher."""
    viewer = require_viewer()
    service.set_visibility(gig_id, body["visibility"], actor=viewer, now=now())
    return _fresh(gig_id, viewer)


def _free_at(query: GigsQuery, instant: datetime) -> Response:
    # It does not matter who asks, but a token that does not count is refused here as well.
    current_viewer()
    return json_response(gigs_free_at(query, instant, now()) | {"cached": False})


def _fresh(gig_id: int, viewer: Viewer, status: int = 200) -> Response:
    """Show a gig as it is after a change."""
    return json_response(shown_to(queries.gig(gig_id).json(), viewer), status)
