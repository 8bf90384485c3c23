"""The JSON API of series."""

from __future__ import annotations

from flask import Response

from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer, signed_in
from reports.analytics.queries import Asked, Subject, analytics
from reports.analytics.schemas import (
    ApplicationSeriesSchema,
    GigSeriesSchema,
    LessonSeriesSchema,
    RetentionSeriesSchema,
    RevenueSeriesSchema,
    SeriesQuerySchema,
    UserSeriesSchema,
)
from web.answers import list_response
from web.api import ApiBlueprint
from web.clock import now

blueprint = ApiBlueprint(
    "analytics", __name__, url_prefix="/api/reports/analytics", description="How the school is doing"
)


@blueprint.get("/bookings")
@signed_in(*STAFF)
@blueprint.arguments(SeriesQuerySchema, location="query")
@blueprint.response(200, LessonSeriesSchema, cached=True)
def show_bookings_by_period(asked: Asked) -> Response:
    """Show what became of the lessons of each period."""
    return _series(Subject.BOOKINGS, asked)


@blueprint.get("/revenue")
@signed_in(*STAFF)
@blueprint.arguments(SeriesQuerySchema, location="query")
@blueprint.response(200, RevenueSeriesSchema, cached=True)
def show_revenue_by_period(asked: Asked) -> Response:
    """Show what the lessons of each period have brought."""
    return _series(Subject.REVENUE, asked)


@blueprint.get("/retention")
@signed_in(*STAFF)
@blueprint.arguments(SeriesQuerySchema, location="query")
@blueprint.response(200, RetentionSeriesSchema, cached=True)
def show_retention_by_period(asked: Asked) -> Response:
    """Show how many students of each period came back."""
    return _series(Subject.RETENTION, asked)


@blueprint.get("/users")
@signed_in(*STAFF)
@blueprint.arguments(SeriesQuerySchema, location="query")
@blueprint.response(200, UserSeriesSchema, cached=True)
def show_users_by_period(asked: Asked) -> Response:
    """Show how many people registered in each period."""
    return _series(Subject.USERS, asked)


@blueprint.get("/gigs")
@signed_in(*STAFF)
@blueprint.arguments(SeriesQuerySchema, location="query")
@blueprint.response(200, GigSeriesSchema, cached=True)
def show_gigs_by_period(asked: Asked) -> Response:
    """Show how many gigs were written in each period."""
    return _series(Subject.GIGS, asked)


@blueprint.get("/applications")
@signed_in(*STAFF)
@blueprint.arguments(SeriesQuerySchema, location="query")
@blueprint.response(200, ApplicationSeriesSchema, cached=True)
def show_applications_by_period(asked: Asked) -> Response:
    """Show how many applications there were in each period."""
    return _series(Subject.APPLICATIONS, asked)


def _series(subject: Subject, asked: Asked) -> Response:
    return list_response(analytics(subject, asked.query(require_viewer().time_zone, now())))
