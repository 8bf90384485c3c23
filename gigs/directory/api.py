"""The JSON API of the directory."""

from __future__ import annotations

from accounts.sign_in.cached_lists import ListBlueprint
from caching import BoundRead
from gigs.directory.queries import TeachersQuery, teachers_page
from gigs.directory.schemas import TeachersPageSchema, TeachersQuerySchema

blueprint = ListBlueprint("directory", __name__, url_prefix="/api", description="Teachers and what they offer")


@blueprint.cached_list("/teachers", TeachersQuerySchema, TeachersPageSchema)
def list_teachers(query: TeachersQuery) -> BoundRead:
    """List the teachers with their subjects and lowest prices.

    When they are free next changes with every lesson, so `/api/teachers/{teacher_id}/slots` says it.
    """
    return teachers_page.at(query)
