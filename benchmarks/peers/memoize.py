"""A peer: the same list behind stock Flask-Caching, `memoize` to read and `delete_memoized` after each change.

It is Lectern's own application with one blueprint more, so that database, rules, schemas and server are the same. The
list is memoized per person and query, and after the commit the two people's entries are deleted for every query that
the load uses: as Flask-Caching's documentation recommends.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, request
from flask_caching import Cache

from accounts.identity import require_viewer
from app import create_app
from bookings import queries, service
from bookings.queries import BookingsQuery
from config import load_settings
from database import reading
from web.answers import json_response
from web.clock import now
from web.fields import InstantField

QUERIES = (BookingsQuery(limit=100), BookingsQuery(limit=100, statuses=("accepted", "pending")))

stock = Cache()
blueprint = Blueprint("peer", __name__, url_prefix="/peer")


@stock.memoize(600)
def memoized_page(user_id: int, role: str, number: int) -> dict[str, Any]:
    """Read one person's list, or what was remembered of it."""
    with reading() as connection:
        return queries.bookings_page.load(connection, user_id, role, QUERIES[number])  # type: ignore[return-value]


@blueprint.get("/bookings")
def list_bookings() -> Any:
    """Answer like GET /api/bookings."""
    viewer = require_viewer()
    return json_response(memoized_page(viewer.id, viewer.role, int("status" in request.args)))


@blueprint.post("/bookings")
def create_booking() -> Any:
    """Book, then forget both people's lists."""
    viewer, body = require_viewer(), request.get_json()
    booking_id = service.create_booking(
        gig_id=body["gig_id"],
        student_id=viewer.id,
        actor=viewer,
        starts_at=InstantField().deserialize(body["starts_at"]),
        note="",
        now=now(),
    )
    return _changed(booking_id, 201)


@blueprint.patch("/bookings/<int:booking_id>")
def change_booking(booking_id: int) -> Any:
    """Change the status, then forget both people's lists."""
    service.change_status(
        booking_id=booking_id, actor=require_viewer(), to=request.get_json()["status"], reason="", now=now()
    )
    return _changed(booking_id, 200)


def _changed(booking_id: int, status: int) -> Any:
    booking = queries.booking_detail(booking_id, require_viewer(), now())
    for person, role in ((booking["student"], "student"), (booking["teacher"], "teacher")):
        for number in range(len(QUERIES)):
            stock.delete_memoized(memoized_page, person["id"], role, number)
    return json_response(booking, status)


def make() -> Flask:
    """Build the application with the peer's endpoints."""
    settings = load_settings()
    app = create_app(settings)
    stock.init_app(
        app, {"CACHE_TYPE": "RedisCache", "CACHE_REDIS_URL": settings.redis_url, "CACHE_KEY_PREFIX": "peer:"}
    )
    app.register_blueprint(blueprint)
    return app


app = make()
