"""`GET /health`: says what works.

It fails only if the database does; without Redis everything works, just slower.
"""

from __future__ import annotations

from flask import Blueprint, Response

from caching.operations.health import check_up
from errors import Unavailable
from jobs import inspection
from outages import State, current_watch
from web.answers import json_response

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> Response:
    """Answer 200 while pages can be shown, 503 if the database is away.

    A failing Redis, a database that takes no changes, or no runner of jobs is `degraded`. The answer takes some two
    seconds at most.
    """
    database, checkup = current_watch().ask(), check_up()
    jobs = "unknown" if database is State.DOWN else _state_of_jobs()
    status = "ok" if database is State.OK and checkup.redis.works and jobs == "ok" else "degraded"
    if database is State.DOWN:
        status = "down"
    answer = {"status": status, "database": database, "jobs": jobs, "cache": checkup.summary()}
    return json_response(answer, 503 if status == "down" else 200)


def _state_of_jobs() -> str:
    """Say whether a runner is at work anywhere, by the periodic work that it does."""
    try:
        return "late" if inspection.is_late() else "ok"
    except Unavailable:
        return "unknown"
