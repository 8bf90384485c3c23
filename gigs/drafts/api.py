"""The JSON API of what was typed and not saved yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Response

from accounts.models import Role
from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import Viewer, Who, public_answer, require_viewer, signed_in
from caching import BoundRead
from errors import DraftConflict, Forbidden, NotFound, WrongState
from gigs import queries
from gigs.drafts import service
from gigs.drafts.queries import autosave
from gigs.drafts.schemas import AutosaveSchema, NewAutosaveSchema
from gigs.models import GigStatus
from gigs.queries import MyGigsQuery
from gigs.schemas import GigsPageSchema, MyDraftsQuerySchema
from gigs.states import manager_of, shown_to
from web.answers import detail_response, json_response
from web.clock import now

blueprint = ListBlueprint("drafts", __name__, url_prefix="/api/gigs", description="Gigs before they are saved")


@blueprint.cached_list("/my-drafts", MyDraftsQuerySchema, GigsPageSchema, own=True, roles=(Role.TEACHER,))
def list_my_drafts(who: Who, query: MyGigsQuery) -> BoundRead:
    """List a teacher's own drafts."""
    return queries.my_gigs_page.at(who.id, replace(query, statuses=(GigStatus.DRAFT,)))


@blueprint.get("/<id:gig_id>/autosave")
@signed_in()
@blueprint.response(200, AutosaveSchema, cached=True)
def show_autosave(gig_id: int) -> Response:
    """Show what was typed last about a gig and not saved.

    It is for its teacher and administrators. If there is none, that is a 404.
    """
    viewer, answer = public_answer(queries.gig.at(gig_id))
    gig = shown_to(answer.json(), viewer)
    if viewer is None or manager_of(gig["teacher"]["id"], viewer.id, viewer.role) is None:
        raise Forbidden
    return _shown(gig["teacher"]["id"], gig_id)


@blueprint.put("/<id:gig_id>/autosave")
@signed_in()
@blueprint.arguments(NewAutosaveSchema)
@blueprint.response(200, AutosaveSchema)
@blueprint.raises(DraftConflict, WrongState)
def save_autosave(body: Mapping[str, Any], gig_id: int) -> Response:
    """Keep what was typed about a gig.

    Nothing of it has to be complete or right. A change of the gig itself deletes it, and so do 30 days.
    """
    return _save(gig_id, body, require_viewer())


@blueprint.delete("/<id:gig_id>/autosave")
@signed_in()
@blueprint.response(204)
@blueprint.raises(WrongState)
def delete_autosave(gig_id: int) -> Response:
    """Forget what was typed about a gig and not saved."""
    service.discard(gig_id, actor=require_viewer())
    return Response(status=204)


@blueprint.get("/new/autosave")
@signed_in(Role.TEACHER)
@blueprint.response(200, AutosaveSchema, cached=True)
@blueprint.raises(NotFound)
def show_new_autosave() -> Response:
    """Show what a teacher has typed about a gig that does not exist yet."""
    return _shown(require_viewer().id, None)


@blueprint.put("/new/autosave")
@signed_in(Role.TEACHER)
@blueprint.arguments(NewAutosaveSchema)
@blueprint.response(200, AutosaveSchema)
@blueprint.raises(DraftConflict)
def save_new_autosave(body: Mapping[str, Any]) -> Response:
    """Keep what was typed about a gig that does not exist yet."""
    return _save(None, body, require_viewer())


@blueprint.delete("/new/autosave")
@signed_in(Role.TEACHER)
@blueprint.response(204)
def delete_new_autosave() -> Response:
    """Forget what was typed about a gig that does not exist yet."""
    service.discard(None, actor=require_viewer())
    return Response(status=204)


def _save(gig_id: int | None, body: Mapping[str, Any], viewer: Viewer) -> Response:
    return json_response(service.save(gig_id, body["typed"], instead_of=body["version"], actor=viewer, now=now()))


def _shown(teacher_id: int, gig_id: int | None) -> Response:
    answer = autosave(teacher_id, gig_id)
    if answer.body == b"null":
        raise NotFound
    return detail_response(answer)
