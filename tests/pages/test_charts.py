"""The pages of the school's charts, and of a day."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reports.analytics.queries import Subject
from reports.charts.subjects import CHARTS
from tests.bookings.rows import insert_booking
from tests.pages.visitor import Visitor
from tests.support.world import World

Visit = Callable[..., Visitor]


def test_every_subject_has_its_chart_and_its_table(visit: Visit, world: World) -> None:
    ada, admin = world.teacher(), world.admin()
    insert_booking(world.app, world.student(), world.gig(ada), world.clock(), status="completed")
    visitor = visit(admin)

    assert set(CHARTS) == set(Subject)
    for subject, chart in CHARTS.items():
        page = visitor.open(f"/reports/analytics?subject={subject}&period=quarter")
        headings = [label for label, _ in chart.columns]
        assert page.status == 200
        assert all(text in page.text for text in (chart.title, "In numbers", *headings)), subject
    assert "€30" in visitor.open("/reports/analytics?subject=revenue").text
    assert visitor.open("/reports/analytics?subject=weather").status == 422


@pytest.mark.parametrize("path", ["/reports/analytics", "/reports/daily"])
def test_charts_are_for_those_who_run_the_school(visit: Visit, world: World, path: str) -> None:
    assert visit(world.teacher()).open(path).status == 403
    assert visit(world.student()).open(path).status == 403


def test_a_day_leads_to_the_one_before(visit: Visit, world: World) -> None:
    visitor, admin = visit(world.admin()), world.admin()

    page = visitor.open("/reports/daily?date=2026-03-01")

    assert all(text in page.text for text in ("Sunday 1 March 2026", "Earlier", "Later", "Today", "Registered"))
    as_csv = admin.get("/api/reports/daily?date=2026-03-01&format=csv")
    assert as_csv.text.startswith("date,time_zone,bookings.requested,")
