"""The JSON API of the school's settings."""

from __future__ import annotations

from flask import Response

from accounts.rights import SETTERS
from accounts.sign_in.identity import signed_in
from administration.school import service
from administration.school.schemas import SchoolSchema
from school.models import SchoolSettings
from school.queries import school
from web.answers import json_response
from web.api import ApiBlueprint
from web.clock import now

blueprint = ApiBlueprint("school", __name__, url_prefix="/api/admin/school", description="The school's own settings")


@blueprint.get("")
@signed_in(*SETTERS)
@blueprint.response(200, SchoolSchema)
def show_school() -> Response:
    """Show the school's settings."""
    return json_response(school().json())


@blueprint.put("")
@signed_in(*SETTERS)
@blueprint.arguments(SchoolSchema)
@blueprint.response(200, SchoolSchema)
def replace_school(settings: SchoolSettings) -> Response:
    """Replace the school's settings.

    They count at once, on every page. What is left out becomes what it is before anything was chosen.
    """
    service.change(settings, now=now())
    return json_response(school().json())
