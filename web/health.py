"""`GET /health`: says what works. It fails only if the database does; without Redis everything works, just slower."""

from __future__ import annotations

import logging

from flask import Blueprint, Response
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from caching.operations.health import check_up
from database import reading
from web.answers import json_response

logger = logging.getLogger(__name__)

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> Response:
    """Answer 200 while process and database work, 503 otherwise; a failing Redis is `degraded`."""
    database, checkup = _database(), check_up()
    up = "ok" if checkup.redis.works else "degraded"
    status = up if database == "ok" else "down"
    answer = {"status": status, "database": database, "cache": checkup.summary()}
    return json_response(answer, 503 if status == "down" else 200)


def _database() -> str:
    try:
        with reading() as connection:
            connection.execute(select(1))
    except SQLAlchemyError:
        logger.exception("The database does not answer.")
        return "down"
    return "ok"
