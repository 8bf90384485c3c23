"""The JSON API of a teacher's figures."""

from __future__ import annotations

from flask import Response

from accounts.models import Role
from accounts.rights import STAFF, runs_school
from accounts.sign_in.identity import Viewer, require_viewer, signed_in
from errors import Forbidden, Invalid, NotFound
from reports.performance.queries import performance
from reports.performance.schemas import Asked, PerformanceQuerySchema, PerformanceSchema
from reports.periods import days_of, today_in
from web.answers import list_response
from web.api import ApiBlueprint
from web.clock import now

blueprint = ApiBlueprint("performance", __name__, url_prefix="/api/reports", description="How a teacher's lessons went")


@blueprint.get("/performance")
@signed_in(Role.TEACHER, *STAFF)
@blueprint.arguments(PerformanceQuerySchema, location="query")
@blueprint.response(200, PerformanceSchema, cached=True)
@blueprint.raises(NotFound)
def show_performance(asked: Asked) -> Response:
    """Report on a teacher's lessons of a day, week, month, quarter or year."""
    viewer = require_viewer()
    teacher_id = _teacher(viewer, asked.teacher_id)
    zone = asked.time_zone or viewer.time_zone
    days = days_of(asked.period, asked.date or today_in(zone, now()), zone)
    return list_response(performance(teacher_id, asked.period, days))


def _teacher(viewer: Viewer, asked_for: int | None) -> int:
    """Return whose figures are meant.

    Raises Forbidden if they are another teacher's, Invalid if an administrator names nobody.
    """
    if runs_school(viewer.role):
        if asked_for is None:
            raise Invalid({"teacher_id": ["Say whose figures you want."]})
        return asked_for
    if asked_for not in (None, viewer.id):
        raise Forbidden("A teacher's figures are for them and for administrators.")
    return viewer.id
