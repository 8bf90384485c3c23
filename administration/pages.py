"""The overview of all that those who run the school can do, and what stands around its pages."""

from __future__ import annotations

from flask import render_template

from accounts.rights import STAFF
from accounts.sign_in.identity import require_viewer
from administration.desk.queries import what_waits
from administration.sections import sections_for
from jsontext import JsonObject
from web.clock import now
from web.pages import PageBlueprint

pages = PageBlueprint("admin_pages", __name__)


@pages.app_context_processor
def _navigation() -> JsonObject:
    """Let the frame of these pages name the sections."""
    return {"sections_for": sections_for}


@pages.get("/admin")
def overview() -> str:
    """Say what needs a look, and list the sections, each with what is done there."""
    require_viewer(*STAFF)
    return render_template("administration/overview.html", waits=what_waits(now()))
