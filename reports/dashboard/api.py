"""The JSON API of dashboards."""

from __future__ import annotations

from flask import Response

from accounts.models import Role
from accounts.sign_in.identity import require_viewer, signed_in
from reports.dashboard.contents import dashboard
from reports.dashboard.schemas import DashboardSchema
from web.answers import list_response
from web.api import ApiBlueprint
from web.clock import now

blueprint = ApiBlueprint("dashboard", __name__, url_prefix="/api/reports", description="What stands out now")


@blueprint.get("/dashboard")
@signed_in()
@blueprint.response(200, DashboardSchema, cached=True)
def show_dashboard() -> Response:
    """Show what stands out now: for a teacher, a student or an administrator."""
    viewer = require_viewer()
    return list_response(dashboard(viewer.id, Role(viewer.role), viewer.time_zone, now()))
