"""`GET /health`: says what works. It fails only if the database does; without Redis everything works, just slower."""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response
from redis import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from caching.store import current_store
from database import reading
from web.answers import json_response

logger = logging.getLogger(__name__)

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> Response:
    """Answer 200 while process and database work, 503 otherwise; a failing Redis is `degraded`."""
    database, redis = _database(), _redis()
    if database != "ok":
        return json_response({"status": "down", "database": database, "redis": redis}, 503)
    status = "ok" if redis in ("ok", "off") else "degraded"
    return json_response({"status": status, "database": database, "redis": redis})


def _database() -> str:
    try:
        with reading() as connection:
            connection.execute(select(1))
    except SQLAlchemyError:
        logger.exception("The database does not answer.")
        return "down"
    return "ok"


def _redis() -> Any:
    store = current_store()
    if store is None:
        return "off"
    if not store.breaker.closed:
        return f"down ({store.breaker.reason})"
    try:
        store.backend.client.ping()
    except RedisError as error:
        return f"down ({type(error).__name__})"
    return "ok"
