"""The JSON API of what a month has brought."""

from __future__ import annotations

from typing import Any

from flask import Response

from accounts.models import Role
from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer, signed_in
from caching import cache
from payments.income import queries
from payments.income.queries import Span
from payments.income.schemas import MonthQuerySchema, MonthSchema
from payments.months import month_of
from web.answers import list_response
from web.api import ApiBlueprint
from web.clock import now

blueprint = ApiBlueprint("income", __name__, url_prefix="/api/payments", description="What a month has brought")


@blueprint.get("/month")
@signed_in(Role.TEACHER, *STAFF)
@blueprint.arguments(MonthQuerySchema, location="query")
@blueprint.response(200, MonthSchema, cached=True)
def show_month(asked: dict[str, Any]) -> Response:
    """Show what the lessons of a month have brought: a teacher's, or to an administrator all."""
    viewer = require_viewer()
    month = month_of(asked["month"], now(), asked["time_zone"] or viewer.time_zone)
    read = queries.income_for(viewer.id, viewer.role, Span.of(month))
    return list_response(cache.look_up(read)[0].answer())
