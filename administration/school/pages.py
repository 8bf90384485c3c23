"""The page of the school's settings, its logo, and the style sheet with its colour."""

from __future__ import annotations

from contextlib import suppress

from flask import Response, flash, redirect, render_template, request, url_for

from accounts.rights import SETTERS
from accounts.sign_in.identity import require_viewer
from administration.school import service
from administration.school.forms import SchoolForm
from errors import Invalid, NotFound, UnsupportedMediaType
from school import queries
from school.colours import is_readable, style_sheet
from school.queries import school
from web.answers import attachment
from web.bodies import takes_file
from web.clock import now
from web.pages import Page, PageBlueprint, refused, shown
from web.ratelimits import count_file

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
    return shown(render_template("administration/school.html", form=form, problem=None), form)


@pages.form("/admin/school/logo", of="school_pages.show")
@takes_file
def set_logo() -> Page:
    """Show a picture as the school's logo."""
    viewer, file = require_viewer(*SETTERS), request.files.get("logo")
    count_file(viewer.id)
    try:
        service.set_logo(file.read() if file else b"", now=now())
    except (Invalid, UnsupportedMediaType) as error:
        words = "Choose a picture: PNG, JPEG or WebP." if isinstance(error, UnsupportedMediaType) else error.detail
        page = render_template("administration/school.html", form=SchoolForm(None, data=school().json()), problem=words)
        return refused(page)
    flash("Saved. Everybody sees the logo from now on.")
    return redirect(url_for(".show"))


@pages.form("/admin/school/logo/remove", of="school_pages.show")
def remove_logo() -> Page:
    """Take the logo away."""
    require_viewer(*SETTERS)
    with suppress(NotFound):
        service.remove_logo()
    flash("The logo is taken away.")
    return redirect(url_for(".show"))


@pages.get("/school/logo-<digest>")
def logo(digest: str) -> Response:
    """Show the school's logo: a picture, and nothing that does something."""
    picture = queries.logo(digest)
    answer = attachment(picture.content, picture.media_type, f"logo.{picture.media_type.partition('/')[2]}")
    answer.headers["Content-Disposition"] = answer.headers["Content-Disposition"].replace("attachment", "inline")
    answer.headers["Cache-Control"] = _KEPT
    answer.set_etag(digest)
    answer.make_conditional(request)
    return answer


@pages.get("/school/colours-<colour>.css")
def colours(colour: str) -> Response:
    """Give pages an accent colour."""
    accent = f"#{colour}"
    if len(colour) != 6 or set(colour) - set("0123456789abcdef") or not is_readable(accent):
        raise NotFound
    answer = Response(style_sheet(accent), mimetype="text/css")
    answer.headers["Cache-Control"] = _KEPT
    return answer
