"""Pages for registering, signing in and signing out."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts import service
from accounts.forms import RegisterForm, SignInForm, ZoneForm
from accounts.models import NewAccount, Role
from accounts.names import normalise_email
from accounts.rights import CALLED
from accounts.sign_in import known_browsers
from accounts.sign_in import service as sign_ins
from accounts.sign_in.identity import current_viewer
from accounts.sign_in.page_viewer import (
    keep_visitors_zone,
    page_version,
    page_viewer,
    shown_around,
    shown_zone,
    visitors_zone,
)
from accounts.sign_in.sessions import begin_session, end_session, sign_browser_in
from accounts.two_factor import first_step
from errors import EmailTaken, Invalid, TwoFactorRequired, WrongCredentials
from mail.delivery import reaches_people
from school.around import keep, schools_zone, shown_school
from school.models import Registration
from web.clock import now
from web.pages import Page, PageBlueprint, next_path, shown, tell
from web.ratelimits import count_sign_in, registration_counted

pages = PageBlueprint("account_pages", __name__)


@pages.app_context_processor
def _about_viewer() -> dict[str, Any]:
    viewer = page_viewer()
    unconfirmed = viewer is not None and not viewer.confirmed and reaches_people()
    if (found := shown_around("school")) is not None:
        keep(found)
    shown = {"shown_zone": shown_zone(), "page_version": page_version(), "school": shown_school()}
    return {"viewer": viewer, "unconfirmed": unconfirmed, "called": CALLED, **shown}


@pages.route("/register", methods=["GET", "POST"])
def register() -> Page:
    """Create an account, and sign in with it."""
    if current_viewer():
        return redirect(next_path() or url_for("home.index"))
    if shown_school()["registration"] != Registration.OPEN:
        return render_template("accounts/no_registration.html")
    form = RegisterForm(data={"time_zone": visitors_zone() or schools_zone()})
    if form.validate_on_submit():
        try:
            with registration_counted(normalise_email(form.loaded.email)):
                user_id = service.register(form.loaded, now=now())
        except EmailTaken as error:
            form.refuse({"email": [error.detail]})
        except Invalid as error:
            form.refuse(error.errors)
        else:
            return _welcome(user_id, form.loaded)
    return shown(render_template("accounts/register.html", form=form), form)


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Page:
    """Sign in.

    A wrong pair gets the same answer whether or not the address has an account. With two-factor sign-in the next page
    asks for a code.
    """
    if current_viewer():
        return redirect(next_path() or url_for("home.index"))
    form = SignInForm()
    if form.validate_on_submit():
        email = form.loaded["email"]
        count_sign_in(normalise_email(email), known_browsers.recognise(email))
        try:
            verified = sign_ins.authenticate(email, form.loaded["password"])
            if verified.needs_code:
                return _ask_for_code(verified)
            sign_browser_in(verified, email)
        except TwoFactorRequired:
            # It was switched on in this very moment, so that the next attempt is asked for a code.
            form.form_errors.append("Please try once more.")
        except WrongCredentials as error:
            form.form_errors.append(error.detail)
        else:
            return redirect(next_path() or url_for("booking_pages.mine"))
    return shown(render_template("accounts/sign_in.html", form=form), form)


@pages.get("/time-zone")
def time_zone() -> Page:
    """Let a visitor choose in which time zone they read times.

    Who is signed in has one in their profile.
    """
    if current_viewer():
        return redirect(url_for("profile_page.show"))
    form = ZoneForm(request.args if "time_zone" in request.args else None, data={"time_zone": visitors_zone()})
    if "time_zone" in request.args and form.validate():
        answer = redirect(next_path() or url_for("home.index"))
        keep_visitors_zone(answer, form.time_zone.data)
        return answer
    return shown(render_template("accounts/time_zone.html", form=form), form)


@pages.form("/sign-out", of="home.index")
def sign_out() -> Response:
    """End this sign-in, at once and everywhere."""
    end_session()
    flash("You are signed out.")
    return redirect(url_for("home.index"))


def _ask_for_code(verified: sign_ins.Verified) -> Response:
    first_step.keep(verified, now())
    return redirect(url_for("two_factor_pages.enter_code", next=next_path()))


def _welcome(user_id: int, account: NewAccount) -> Response:
    begin_session(user_id)
    known_browsers.remember(account.email)
    teaches = account.role == Role.TEACHER
    endpoint, link = ("gig_pages.new", "Write your first gig") if teaches else ("gig_pages.search", "Find a teacher")
    tell(f"Welcome to {shown_school()['name']}, {account.name}.", url=url_for(endpoint), link=link)
    return redirect(next_path() or url_for("gig_pages.mine" if teaches else "home.index"))
