"""The JSON API of figures."""

from __future__ import annotations

from flask import Response

from accounts.sign_in.identity import public_answer, require_viewer, signed_in
from bookings.statistics.queries import Period, figures, of_gig
from bookings.statistics.schemas import GigStatsSchema, PeriodSchema, UserStatsSchema
from errors import Forbidden
from gigs import queries
from gigs.states import manager_of, shown_to
from web.answers import detail_response, json_response
from web.api import ApiBlueprint
from web.clock import now

blueprint = ApiBlueprint("statistics", __name__, url_prefix="/api", description="How gigs and people are doing")


@blueprint.get("/gigs/<id:gig_id>/stats")
@signed_in()
@blueprint.arguments(PeriodSchema, location="query")
@blueprint.response(200, GigStatsSchema)
def show_gig_stats(query: dict[str, Period], gig_id: int) -> Response:
    """Show a gig's teacher how often it was looked at, asked for and given."""
    viewer, answer = public_answer(queries.gig.at(gig_id))
    gig = shown_to(answer.json(), viewer)
    if viewer is None or manager_of(gig["teacher"]["id"], viewer.id, viewer.role) is None:
        raise Forbidden
    return json_response(of_gig(gig, query["period"], now()))


@blueprint.get("/users/me/stats")
@signed_in()
@blueprint.response(200, UserStatsSchema, cached=True)
def show_my_stats() -> Response:
    """Count one's own lessons, hours and money."""
    viewer = require_viewer()
    return detail_response(figures(viewer.id, viewer.role))
