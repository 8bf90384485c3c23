"""`GET /health`: says what works.

It fails only if the database does; without Redis everything works, just slower.
"""

from __future__ import annotations

from flask import Blueprint, Response

from caching.operations.health import check_up
from outages import State, current_watch
from web.answers import json_response

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> Response:
    """Answer 200 while pages can be shown, 503 if the database is away.

    A failing Redis, or a database that takes no changes, is `degraded`. The answer takes some two seconds at most.
    """
    database, checkup = current_watch().ask(), check_up()
    status = "ok" if database is State.OK and checkup.redis.works else "degraded"
    if database is State.DOWN:
        status = "down"
    answer = {"status": status, "database": database, "cache": checkup.summary()}
    return json_response(answer, 503 if status == "down" else 200)
