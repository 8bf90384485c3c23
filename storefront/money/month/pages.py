"""The page of a month's money."""

from __future__ import annotations

from flask import render_template, request

from accounts.models import Role
from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer
from caching import cache
from payments.income.queries import SHOWN, Span, income_for
from payments.months import month_of
from web.clock import now
from web.pages import PageBlueprint

pages = PageBlueprint("month_pages", __name__)


@pages.get("/payments/month")
def show() -> str:
    """Show what a month has brought to a teacher, or to the school."""
    viewer = require_viewer(Role.TEACHER, *STAFF)
    at = now()
    month = month_of(request.args.get("month"), at, viewer.time_zone)
    (found,) = cache.look_up(income_for(viewer.id, viewer.role, Span.of(month)))
    return render_template(
        "payments/month.html",
        month=month,
        is_present=month == month_of(None, at, viewer.time_zone),
        income=found.answer().json(),
        most_named=SHOWN,
    )
