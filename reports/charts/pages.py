"""The pages of the school's charts, and of what happened on a day."""

from __future__ import annotations

from flask import render_template

from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer
from reports.analytics.queries import Asked, Subject, analytics
from reports.charts.schemas import ChosenSchema, DayChosenSchema
from reports.charts.subjects import CHARTS, named, with_earned
from reports.daily.queries import day_of_school
from reports.navigation import LABELS, PRESENT, Shown
from reports.periods import Period, today_in
from web.clock import now
from web.forms import from_address
from web.pages import PageBlueprint

pages = PageBlueprint("chart_pages", __name__)


@pages.get("/reports/analytics")
def show() -> str:
    """Show who runs the school how that is doing, period by period."""
    viewer = require_viewer(*STAFF)
    chosen = from_address(ChosenSchema(), "subject", "period")
    found = analytics(chosen.subject, Asked(period=chosen.period).query(viewer.time_zone, now())).json()
    rows, currency = named(found["data"], chosen.period), ""
    if chosen.subject == Subject.REVENUE:
        rows, currency = with_earned(rows)
    return render_template(
        "reports/analytics.html",
        rows=rows,
        currency=currency,
        subject=chosen.subject,
        chart=CHARTS[chosen.subject],
        charts=CHARTS,
        period=chosen.period,
        labels=LABELS,
    )


@pages.get("/reports/daily")
def day() -> str:
    """Show who runs the school what happened on a day."""
    viewer = require_viewer(*STAFF)
    chosen = from_address(DayChosenSchema(), "date")
    today = today_in(viewer.time_zone, now())
    shown = Shown.of(Period.DAY, chosen.date, viewer.time_zone, today)
    found = day_of_school(shown.days).json()
    return render_template("reports/day.html", found=found, shown=shown, charts=CHARTS, present=PRESENT)
