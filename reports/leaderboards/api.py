"""The JSON API of leaderboards."""

from __future__ import annotations

from flask import Response

from accounts.models import Role
from accounts.sign_in.identity import require_viewer, signed_in
from reports.leaderboards.queries import leaderboard
from reports.leaderboards.schemas import Asked, LeaderboardQuerySchema, LeaderboardSchema
from reports.periods import days_of, today_in
from web.answers import list_response
from web.api import ApiBlueprint
from web.clock import now

blueprint = ApiBlueprint(
    "leaderboards", __name__, url_prefix="/api/reports/leaderboards", description="Who gives and takes most lessons"
)


@blueprint.get("/teachers")
@signed_in()
@blueprint.arguments(LeaderboardQuerySchema, location="query")
@blueprint.response(200, LeaderboardSchema, cached=True)
def rank_teachers(asked: Asked) -> Response:
    """Rank the teachers who want to be seen by the lessons that they have given."""
    return _answer(Role.TEACHER, asked)


@blueprint.get("/students")
@signed_in()
@blueprint.arguments(LeaderboardQuerySchema, location="query")
@blueprint.response(200, LeaderboardSchema, cached=True)
def rank_students(asked: Asked) -> Response:
    """Rank the students who want to be seen by the lessons that they have taken."""
    return _answer(Role.STUDENT, asked)


def _answer(of: Role, asked: Asked) -> Response:
    viewer = require_viewer()
    zone = asked.time_zone or viewer.time_zone
    days = days_of(asked.period, asked.date or today_in(zone, now()), zone)
    return list_response(leaderboard(of, viewer.id, viewer.role, asked.period, days))
