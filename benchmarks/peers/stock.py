"""Peers: the same list behind stock Flask-Caching, `cached` and `memoize`, as its documentation recommends, and plain.

It is Lectern's own application with one blueprint more, so that database, sign-in, schemas and server are the same.
`/peer/cached` keeps the whole answer under a key with the reader and the query in it; `/peer/memoized` keeps what the
query returned; `/peer/plain` keeps nothing: entities of the ORM, dumped by marshmallow, written by `jsonify`. For what
`memoize` lets people see under concurrent writes see `memoize.py`.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from flask_caching import Cache
from marshmallow import Schema, fields
from sqlalchemy import select
from sqlalchemy.orm import aliased

from accounts.identity import require_viewer
from accounts.models import User
from app import create_app
from bookings import queries
from bookings.models import Booking
from bookings.queries import BookingsQuery, own_side
from bookings.schemas import BookingsQuerySchema
from config import load_settings
from database import reading
from extensions import db
from gigs.models import Gig
from web.answers import json_response
from web.api import StrictParser

stock = Cache()
blueprint = Blueprint("peer", __name__, url_prefix="/peer")
parser = StrictParser()
Student, Teacher = aliased(User), aliased(User)


class _Reference(Schema):
    id = fields.Integer()
    name = fields.String()


class _Gig(Schema):
    id = fields.Integer()
    title = fields.String()


class _Booking(Schema):
    id = fields.Integer()
    status = fields.String()
    starts_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime()
    note = fields.String()
    price_cents = fields.Integer()
    currency = fields.String()
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()
    gig = fields.Nested(_Gig)
    student = fields.Nested(_Reference)
    teacher = fields.Nested(_Reference)


_bookings = _Booking(many=True)


@blueprint.get("/plain")
@parser.use_args(BookingsQuerySchema(), location="query")
def plain(query: BookingsQuery) -> Response:
    """Answer like GET /api/bookings, without any cache, as a Flask application usually does."""
    viewer = require_viewer()
    found = select(Booking, Gig, Student, Teacher).select_from(Booking).join(Gig, Gig.id == Booking.gig_id)
    found = found.join(Student, Student.id == Booking.student_id).join(Teacher, Teacher.id == Booking.teacher_id)
    found = found.where(own_side(viewer.role) == viewer.id)
    if query.end:
        found = found.where(Booking.starts_at < query.end)
    found = found.order_by(Booking.starts_at.desc(), Booking.id.desc()).limit(query.limit + 1)
    rows = db.session.execute(found).all()[: query.limit]
    names = ("id", "status", "starts_at", "ends_at", "note", "price_cents", "currency", "created_at", "updated_at")
    shown = [
        {name: getattr(row[0], name) for name in names} | {"gig": row[1], "student": row[2], "teacher": row[3]}
        for row in rows
    ]
    return jsonify(data=_bookings.dump(shown), next_cursor=None, cached=False)


@blueprint.get("/cached")
@stock.cached(600, make_cache_key=lambda: f"{require_viewer().id}:{request.query_string.decode()}")
def cached() -> Response:
    """Answer with what `cached` keeps: the whole response."""
    viewer = require_viewer()
    with reading() as connection:
        return json_response(queries.bookings_page.load(connection, viewer.id, viewer.role, BookingsQuery()))


@stock.memoize(600)
def memoized_page(user_id: int, role: str) -> dict[str, Any]:
    """Read one person's list, or what was remembered of it."""
    with reading() as connection:
        return queries.bookings_page.load(connection, user_id, role, BookingsQuery())  # type: ignore[return-value]


@blueprint.get("/memoized")
def memoized() -> Response:
    """Answer with what `memoize` keeps: the query's result."""
    viewer = require_viewer()
    return json_response(memoized_page(viewer.id, viewer.role))


def make() -> Flask:
    """Build the application with the peers' endpoints."""
    settings = load_settings()
    app = create_app(settings)
    stock.init_app(
        app, {"CACHE_TYPE": "RedisCache", "CACHE_REDIS_URL": settings.redis_url, "CACHE_KEY_PREFIX": "peer:"}
    )
    app.register_blueprint(blueprint)
    return app


app = make()
