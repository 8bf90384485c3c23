"""The page of the school's settings, and the style sheet with its colour."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, url_for

from accounts.rights import SETTERS
from accounts.sign_in.identity import require_viewer
from administration.school import service
from administration.school.forms import SchoolForm
from errors import NotFound
from school.colours import is_readable, style_sheet
from school.queries import school
from web.clock import now
from web.pages import Page, PageBlueprint, shown

pages = PageBlueprint("school_pages", __name__)

# The address names the colour, so that what stands there never changes.
_KEPT = "public, max-age=31536000, immutable"


@pages.route("/admin/school", methods=["GET", "POST"])
def show() -> Page:
    """Show and change the school's settings."""
    require_viewer(*SETTERS)
    form = SchoolForm(data=school().json())
    if form.validate_on_submit():
        service.change(form.loaded, now=now())
        flash("Saved. Everybody sees it from now on.")
        return redirect(url_for(".show"))
    return shown(render_template("administration/school.html", form=form), form)


@pages.get("/school/colours-<colour>.css")
def colours(colour: str) -> Response:
    """Give pages an accent colour."""
    accent = f"#{colour}"
    if len(colour) != 6 or set(colour) - set("0123456789abcdef") or not is_readable(accent):
        raise NotFound
    answer = Response(style_sheet(accent), mimetype="text/css")
    answer.headers["Cache-Control"] = _KEPT
    return answer
