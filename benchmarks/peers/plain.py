"""A peer: the same list without any cache, as a Flask application usually makes it.

Entities of the ORM, dumped by marshmallow, written by `jsonify`.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from marshmallow import Schema, fields
from sqlalchemy import select
from sqlalchemy.orm import aliased

from accounts.models import User
from accounts.sign_in.identity import require_viewer
from benchmarks.peers.host import host
from bookings.models import Booking
from bookings.queries import BookingsQuery
from bookings.schemas import BookingsQuerySchema
from bookings.shown import own_side
from extensions import db
from gigs.models import Gig
from web.api import StrictParser

blueprint = Blueprint("peer", __name__)
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


@blueprint.get("/bookings")
@parser.use_args(BookingsQuerySchema(), location="query")
def list_bookings(query: BookingsQuery) -> Response:
    """Answer like GET /api/bookings."""
    viewer = require_viewer()
    statement = select(Booking, Gig, Student, Teacher).select_from(Booking).join(Gig, Gig.id == Booking.gig_id)
    statement = statement.join(Student, Student.id == Booking.student_id).join(
        Teacher, Teacher.id == Booking.teacher_id
    )
    statement = statement.where(own_side(viewer.role) == viewer.id)
    if query.end:
        statement = statement.where(Booking.starts_at < query.end)
    statement = statement.order_by(Booking.starts_at.desc(), Booking.id.desc()).limit(query.limit + 1)
    rows = db.session.execute(statement).all()[: query.limit]
    names = ("id", "status", "starts_at", "ends_at", "note", "price_cents", "currency", "created_at", "updated_at")
    shown = [
        {name: getattr(row[0], name) for name in names} | {"gig": row[1], "student": row[2], "teacher": row[3]}
        for row in rows
    ]
    return jsonify(data=_bookings.dump(shown), next_cursor=None, cached=False)


app = host(blueprint)
