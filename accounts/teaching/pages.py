"""The page on which a teacher asks the school, and sees what it has said."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for

from accounts.models import Role
from accounts.sign_in.identity import require_viewer
from accounts.teaching import service
from accounts.teaching.forms import AskToTeachForm
from accounts.teaching.queries import standing
from accounts.teaching.states import may_ask
from errors import WrongState
from web.clock import now
from web.pages import Page, PageBlueprint, shown
from web.ratelimits import count_asking_to_teach

pages = PageBlueprint("teaching_pages", __name__)


@pages.route("/teaching", methods=["GET", "POST"])
def show() -> Page:
    """Show how things stand, and ask."""
    viewer, form = require_viewer(Role.TEACHER), AskToTeachForm()
    if form.validate_on_submit():
        count_asking_to_teach(viewer.id)
        try:
            service.ask(viewer.id, form.loaded["message"], now=now())
        except WrongState:
            flash("Nothing was sent: the school has your question, or has answered it.", "error")
        else:
            flash("The school has your question. You get a mail as soon as it answers.")
        return redirect(url_for(".show"))
    stands = standing(viewer.id).json()
    page = render_template("accounts/teaching.html", form=form, standing=stands, may_ask=may_ask(stands["status"]))
    return shown(page, form)
