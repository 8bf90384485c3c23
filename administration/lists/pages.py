"""The pages with all lessons, payments and applications, and the way to what can be done about each."""

from __future__ import annotations

from typing import Any

from flask import render_template

from accounts.rights import STAFF
from accounts.sign_in.identity import Viewer, require_viewer
from administration.lists.schemas import (
    ApplicationsAddressSchema,
    Asked,
    LessonsAddressSchema,
    PaymentsAddressSchema,
)
from bookings.my_lessons.lessons_query import LessonsQuery
from bookings.my_lessons.queries import all_lessons_page
from bookings.my_lessons.rows import fold_groups, with_actions
from caching import BoundRead, cache
from enrolment.applications.queries import all_applications_page
from enrolment.rows import PlacesQuery
from payments.packages import queries as packages
from payments.packages.models import PackageStatus
from payments.queries import PaymentsQuery, all_payments_page
from web.clock import now
from web.forms import from_address
from web.pages import PageBlueprint

# Each is a section of Administration, so each has a blueprint.
lessons = PageBlueprint("admin_lesson_pages", __name__)
payments = PageBlueprint("admin_payment_pages", __name__)
applications = PageBlueprint("admin_application_pages", __name__)

_FILTERS = ("person", "teacher", "gig", "status", "from", "to", "cursor")
ROWS = "50"


@lessons.get("/admin/lessons")
def listed() -> str:
    """List all lessons, each with what can be done about it."""
    viewer = require_viewer(*STAFF)
    asked: Asked = from_address(LessonsAddressSchema(), *_FILTERS, "order", limit=ROWS)
    page = all_lessons_page(asked.query(LessonsQuery, viewer.time_zone)).json()
    rows = [with_actions(row, viewer, now()) for row in page["data"]]
    return _page("lessons", asked, viewer, entries=fold_groups(rows), next_cursor=page["next_cursor"])


@payments.get("/admin/payments")
def listed_payments() -> str:
    """List all payments, each with the way to its decision."""
    viewer = require_viewer(*STAFF)
    asked: Asked = from_address(PaymentsAddressSchema(), *_FILTERS, limit=ROWS)
    page, bought = _read(
        all_payments_page.at(asked.query(PaymentsQuery, viewer.time_zone)),
        packages.list_for(viewer.id, viewer.role, packages.TO_CHECK),
    )
    waiting = [it for it in bought["data"] if it["status"] == PackageStatus.ORDERED or it["surplus_cents"]]
    return _page("payments", asked, viewer, **page, packages=len(waiting))


@applications.get("/admin/applications")
def listed_applications() -> str:
    """List all applications for places, with what their students wrote."""
    viewer = require_viewer(*STAFF)
    asked: Asked = from_address(ApplicationsAddressSchema(), *_FILTERS, limit=ROWS)
    page = all_applications_page(asked.query(PlacesQuery, viewer.time_zone)).json()
    return _page("applications", asked, viewer, **page)


def _read(*reads: BoundRead) -> list[Any]:
    """Read several in one round trip."""
    return [found.answer().json() for found in cache.look_up(*reads)]


def _page(name: str, asked: Asked, viewer: Viewer, **more: object) -> str:
    around = {"filters": asked.filters, "csv": asked.of_api(viewer.time_zone)}
    return render_template(f"administration/{name}.html", **around, **more)
