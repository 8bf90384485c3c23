"""The JSON API of recommended, popular and similar gigs."""

from __future__ import annotations

from flask import Response

from accounts.rights import STAFF
from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import public_answer, signed_in
from caching import BoundRead, cache
from gigs import queries
from gigs.discovery import service
from gigs.discovery.queries import featured, popular_skills, similar_to
from gigs.discovery.schemas import FeaturedSchema, SkillsPageSchema
from gigs.schemas import GigsPageSchema
from gigs.states import shown_to
from web.answers import list_response

blueprint = ListBlueprint("discovery", __name__, url_prefix="/api/gigs", description="Gigs that people come across")


@blueprint.cached_list("/featured", None, GigsPageSchema)
def list_featured() -> BoundRead:
    """List the recommended gigs."""
    return featured.at()


@blueprint.put("/featured")
@signed_in(*STAFF)
@blueprint.arguments(FeaturedSchema)
@blueprint.response(204)
def set_featured(body: dict[str, list[int]]) -> Response:
    """Recommend these gigs, in this order, and no others."""
    service.feature(body["gig_ids"])
    return Response(status=204)


@blueprint.cached_list("/popular-skills", None, SkillsPageSchema)
def list_popular_skills() -> BoundRead:
    """List the 50 skills that most public gigs teach."""
    return popular_skills.at()


@blueprint.get("/<id:gig_id>/similar")
@blueprint.response(200, GigsPageSchema, cached=True)
def list_similar(gig_id: int) -> Response:
    """List up to six public gigs of the same subject or with the same skills."""
    viewer, answer = public_answer(queries.gig.at(gig_id))
    gig = shown_to(answer.json(), viewer)
    return list_response(cache.look_up(similar_to(gig))[0].answer())
