"""Peers: the same list behind stock Flask-Caching, as its manual recommends.

`/peer/cached/bookings` keeps the whole answer under a key with the reader and the query in it; after a change the keys
of both people are deleted. `/peer/memoized/bookings` keeps what the query returned; after a change `delete_memoized`
forgets both people's calls. Both know every query of the load, as an application in earnest could not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from flask_caching import Cache

from accounts.sign_in.identity import require_viewer
from benchmarks.peers.host import host
from bookings import queries, service
from bookings.queries import BookingsQuery
from bookings.rules.agreement import LessonRequest, StatusChange
from config import load_settings
from database import reading
from web.answers import json_response
from web.clock import now
from web.fields import InstantField

TTL = 600
QUERIES = {
    "": BookingsQuery(),
    "limit=100&order=-starts_at": BookingsQuery(limit=100),
    "limit=100&status=pending&status=accepted": BookingsQuery(limit=100, statuses=("accepted", "pending")),
}

stock = Cache()
blueprint = Blueprint("peer", __name__)


def _read(user_id: int, role: str, query: str) -> dict[str, Any]:
    with reading() as connection:
        return queries.bookings_page.load(connection, user_id, role, QUERIES[query])  # type: ignore[return-value]


def _key(user_id: int, query: str) -> str:
    return f"bookings:{user_id}:{query}"


@blueprint.get("/cached/bookings")
@stock.cached(TTL, make_cache_key=lambda: _key(require_viewer().id, request.query_string.decode()))
def list_cached() -> Response:
    """Answer like GET /api/bookings with what `cached` keeps: the whole response."""
    viewer = require_viewer()
    return json_response(_read(viewer.id, viewer.role, request.query_string.decode()))


memoized_page = stock.memoize(TTL)(_read)


@blueprint.get("/memoized/bookings")
def list_memoized() -> Response:
    """Answer like GET /api/bookings with what `memoize` keeps: the query's result."""
    viewer = require_viewer()
    return json_response(memoized_page(viewer.id, viewer.role, request.query_string.decode()))


# How the lists of a person are forgotten, by the way in which they are kept.
FORGET: dict[str, Callable[[int, str, str], object]] = {
    "cached": lambda user_id, role, query: stock.delete(_key(user_id, query)),
    "memoized": lambda user_id, role, query: stock.delete_memoized(memoized_page, user_id, role, query),
}


@blueprint.post("/<any(cached, memoized):way>/bookings")
def create_booking(way: str) -> Response:
    """Book, then forget both people's lists."""
    viewer, body = require_viewer(), request.get_json()
    wanted = LessonRequest(gig_id=body["gig_id"], starts_at=InstantField().deserialize(body["starts_at"]))
    booking_id = service.create_booking(wanted, actor=viewer, now=now())
    return _changed(way, booking_id, 201)


@blueprint.patch("/<any(cached, memoized):way>/bookings/<int:booking_id>")
def change_booking(way: str, booking_id: int) -> Response:
    """Change the status, then forget both people's lists."""
    status = request.get_json()["status"]
    service.change_status(booking_id, StatusChange(to=status), actor=require_viewer(), now=now())
    return _changed(way, booking_id, 200)


def _changed(way: str, booking_id: int, status: int) -> Response:
    booking = queries.booking_detail(booking_id, require_viewer(), now())
    for role in ("student", "teacher"):
        for query in QUERIES:
            FORGET[way](booking[role]["id"], role, query)
    return json_response(booking, status)


app = host(blueprint)
stock.init_app(
    app,
    {"CACHE_TYPE": "RedisCache", "CACHE_REDIS_URL": load_settings().redis_url, "CACHE_KEY_PREFIX": "peer:"},
)
