"""Say what works, that this process lives, and whether the machine takes traffic.

They fail only if the database does, or when the server is about to stop; without Redis everything works, just slower.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from flask import Blueprint, Response, current_app

from caching.operations.health import check_up
from config import leaving_file
from database import reading
from errors import Unavailable
from jobs import inspection
from outages import State, current_watch
from revisions import why_unusable
from web.answers import json_response

blueprint = Blueprint("health", __name__)

_TABLES_WERE_RIGHT = "lectern-tables-were-right"


class NotReady(StrEnum):
    """Why a machine is to get no requests."""

    STOPPING = "stopping"
    DATABASE = "database"
    MIGRATIONS = "migrations"


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


@blueprint.get("/health/live")
def live() -> Response:
    """Answer 200 as long as this process answers at all, whatever becomes of the database."""
    return json_response({"status": "ok"})


@blueprint.get("/health/ready")
def ready() -> Response:
    """Answer 200 while this machine is to get requests, else 503 and why not."""
    if reason := _why_not_ready():
        return json_response({"status": "not-ready", "reason": reason}, 503)
    return json_response({"status": "ready"})


def _why_not_ready() -> NotReady | None:
    if leaving_file(Path(current_app.instance_path)).exists():
        return NotReady.STOPPING
    if current_watch().ask() is State.DOWN:
        return NotReady.DATABASE
    try:
        return None if _tables_are_right() else NotReady.MIGRATIONS
    except Unavailable:
        return NotReady.DATABASE


def _tables_are_right() -> bool:
    """Tell whether the database had this Lectern's tables at some time.

    What was right stays right: when the next version migrates the database this one goes on with it.
    """
    if not current_app.extensions.get(_TABLES_WERE_RIGHT):
        with reading() as connection:
            current_app.extensions[_TABLES_WERE_RIGHT] = why_unusable(connection) is None
    return bool(current_app.extensions[_TABLES_WERE_RIGHT])


def _state_of_jobs() -> str:
    """Say whether a runner is at work anywhere, by the periodic work that it does."""
    try:
        return "late" if inspection.is_late() else "ok"
    except Unavailable:
        return "unknown"
