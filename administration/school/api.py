"""The JSON API of the school's settings."""

from __future__ import annotations

from flask import Response, url_for

from accounts.rights import SETTERS
from accounts.sign_in.identity import require_viewer, signed_in
from administration.school import service
from administration.school.schemas import SchoolSchema, ShownSchoolSchema
from errors import Busy, NotFound, TooManyAttempts, UnsupportedMediaType
from jsontext import JsonObject
from school.models import SchoolSettings
from school.queries import school
from web.answers import json_response
from web.api import ApiBlueprint
from web.bodies import sent_file, takes_file
from web.clock import now
from web.pictures import PictureType
from web.ratelimits import count_file

blueprint = ApiBlueprint("school", __name__, url_prefix="/api/admin/school", description="The school's own settings")

_PICTURE = {kind.value: {"schema": {"type": "string", "format": "binary"}} for kind in PictureType}


@blueprint.get("")
@signed_in(*SETTERS)
@blueprint.response(200, ShownSchoolSchema)
def show_school() -> Response:
    """Show the school's settings."""
    return json_response(_shown())


@blueprint.put("")
@signed_in(*SETTERS)
@blueprint.arguments(SchoolSchema)
@blueprint.response(200, ShownSchoolSchema)
def replace_school(settings: SchoolSettings) -> Response:
    """Replace the school's settings.

    They count at once, on every page. What is left out becomes what it is before anything was chosen.
    """
    service.change(settings, now=now())
    return json_response(_shown())


@blueprint.put("/logo")
@signed_in(*SETTERS)
@blueprint.response(200, ShownSchoolSchema)
@blueprint.raises(Busy, TooManyAttempts, UnsupportedMediaType)
@blueprint.doc(operationId="put_school_logo", requestBody={"required": True, "content": _PICTURE})
@takes_file
def put_logo() -> Response:
    """Show a picture as the school's logo, in the place of the one before.

    The body is the file: PNG, JPEG or WebP of at most 5,000,000 bytes. What it is, its content says; it is drawn anew,
    without metadata and with at most 160,000 pixels.
    """
    count_file(require_viewer().id)
    service.set_logo(sent_file(), now=now())
    return json_response(_shown())


@blueprint.delete("/logo")
@signed_in(*SETTERS)
@blueprint.response(204)
@blueprint.raises(NotFound)
@blueprint.doc(operationId="delete_school_logo")
def delete_logo() -> None:
    """Take the school's logo away."""
    service.remove_logo()


def _shown() -> JsonObject:
    found: JsonObject = school().json()
    return found | {"logo": url_for("school_pages.logo", digest=found["logo"]) if found["logo"] else None}
