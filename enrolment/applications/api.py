"""The JSON API of applications, for their two people and administrators."""

from __future__ import annotations

from functools import partial

from flask import Response

from accounts.models import Role
from accounts.sign_in.cached_lists import ListBlueprint, Plain
from accounts.sign_in.identity import Who, own_answers, require_viewer, signed_in
from caching import Answer, BoundRead
from enrolment.applications import queries, service
from enrolment.applications.models import Decision
from enrolment.applications.schemas import (
    ApplicationDetailSchema,
    ApplicationsPageSchema,
    ApplicationsQuerySchema,
    DecisionSchema,
    GigApplicationsQuerySchema,
    NewApplicationSchema,
)
from enrolment.rows import PlacesQuery
from errors import (
    AlreadyApplied,
    EmailUnconfirmed,
    Forbidden,
    GigFull,
    NotByApplication,
    NotFound,
    TooManyOpen,
    WrongState,
)
from gigs.queries import gig
from gigs.states import manager_of, shown_to
from web.answers import detail_response, existing, json_response, list_response
from web.clock import now
from web.idempotency import idempotent

blueprint = ListBlueprint("applications", __name__, url_prefix="/api", description="Asking for a place in a gig")


@blueprint.cached_list("/applications", ApplicationsQuerySchema, ApplicationsPageSchema, own=True, staff_logged=True)
def list_applications(who: Who, query: PlacesQuery) -> BoundRead:
    """List what one has applied for, or as a teacher who has applied, the newest first."""
    return queries.list_for(who.id, who.role, query)


@blueprint.cached_list(
    "/gigs/<id:gig_id>/applications",
    GigApplicationsQuerySchema,
    ApplicationsPageSchema,
    own=True,
    raises=(Forbidden, NotFound),
)
def list_gig_applications(who: Who, query: PlacesQuery, gig_id: int) -> Plain:
    """List who has applied for a place in a gig: to its teacher and administrators."""
    return partial(_list_of_gig, query, gig_id)


@blueprint.post("/gigs/<id:gig_id>/applications")
@signed_in(Role.STUDENT)
@blueprint.arguments(NewApplicationSchema)
@blueprint.response(201, ApplicationDetailSchema)
@blueprint.raises(AlreadyApplied, EmailUnconfirmed, NotByApplication, NotFound, TooManyOpen, WrongState)
@blueprint.doc(operationId="apply_for_place")
@idempotent(lambda: require_viewer().id)
def apply(new: dict[str, str], gig_id: int) -> Response:
    """Apply for a place in a gig, also while all of them are taken."""
    application_id = service.apply(gig_id, new["message"], actor=require_viewer(), now=now())
    return _answer(application_id, 201)


@blueprint.get("/applications/<id:application_id>")
@signed_in()
@blueprint.response(200, ApplicationDetailSchema, cached=True)
@blueprint.raises(NotFound)
def show_application(application_id: int) -> Response:
    """Show an application, with what the viewer may do about it."""
    return detail_response(_shown(application_id))


@blueprint.patch("/applications/<id:application_id>")
@signed_in()
@blueprint.arguments(DecisionSchema)
@blueprint.response(200, ApplicationDetailSchema)
@blueprint.raises(Forbidden, GigFull, NotFound, WrongState)
def decide_application(decision: Decision, application_id: int) -> Response:
    """Accept or reject an application as its teacher, or withdraw it as its student.

    Accepting creates the assignment.
    """
    service.decide(application_id, decision, actor=require_viewer(), now=now())
    return _answer(application_id)


def _answer(application_id: int, status: int = 200) -> Response:
    return json_response(_shown(application_id).json(), status)


def _shown(application_id: int) -> Answer:
    _, (found,) = own_answers(lambda who: [queries.application_for(who.id, who.role, application_id)])
    return existing(found)


def _list_of_gig(query: PlacesQuery, gig_id: int) -> Response:
    viewer, (found, applications) = own_answers(
        lambda _: [gig.at(gig_id), queries.gig_applications_page.at(gig_id, query)]
    )
    shown = shown_to(found.json(), viewer)
    if manager_of(shown["teacher"]["id"], viewer.id, viewer.role) is None:
        raise Forbidden("Only the gig's teacher sees who has applied.")
    return list_response(applications)
