"""Pages of two-factor sign-in: the second step, and setting it up for oneself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for

from accounts import queries as accounts
from accounts.forms import CurrentPasswordForm
from accounts.sign_in import known_browsers
from accounts.sign_in.identity import current_viewer, require_viewer
from accounts.sign_in.second_factor import lacks_second_factor, open_without_second_factor
from accounts.sign_in.sessions import sign_browser_in
from accounts.two_factor import codes, first_step, queries, service
from accounts.two_factor.forms import CodeForm, ProofForm
from errors import WrongCode, WrongCredentials
from web.clock import now
from web.forms import SchemaForm
from web.pages import Page, PageBlueprint, next_path, refused, shown
from web.ratelimits import count_code
from web.settings import chosen

pages = PageBlueprint("two_factor_pages", __name__)
open_without_second_factor(pages)


@pages.route("/sign-in/code", methods=["GET", "POST"])
def enter_code() -> Page:
    """Sign in with a code, after the password."""
    if current_viewer():
        return redirect(next_path() or url_for("home.index"))
    verified = first_step.taken(now())
    if verified is None:
        flash("Please sign in with your password first.")
        return redirect(url_for("account_pages.sign_in", next=next_path()))
    form = CodeForm()
    if form.validate_on_submit():
        email = accounts.own_profile(verified.user_id)["email"]
        count_code(verified.user_id, known_browsers.recognise(email))
        try:
            sign_browser_in(service.prove(verified, form.loaded["code"], now=now()), email)
        except WrongCode as error:
            form.refuse({"code": [error.detail]})
        else:
            return redirect(next_path() or url_for("booking_pages.mine"))
    return shown(render_template("accounts/enter_code.html", form=form), form)


@pages.get("/profile/two-factor")
def show() -> Page:
    """Show whether two-factor sign-in is on, and what can be done about it."""
    return _page()


@pages.form("/profile/two-factor/begin", of="two_factor_pages.show")
def begin() -> Page:
    """Make a key for the reader's app, which the page shows next."""
    viewer, form = require_viewer(), CurrentPasswordForm()
    if form.validate() and _done(
        form, lambda: service.begin_setup(viewer.credentials, form.loaded["current_password"], now=now())
    ):
        return redirect(url_for(".show", _anchor="setup"))
    return _page(begin_form=form)


@pages.form("/profile/two-factor/confirm", of="two_factor_pages.show")
def confirm() -> Page:
    """Switch two-factor sign-in on, and show the codes for recovery this once."""
    viewer, form, made = require_viewer(), CodeForm(), list[str]()
    if form.validate():
        count_code(viewer.id)
        if _done(form, lambda: made.extend(service.confirm(viewer.credentials, form.loaded["code"], now=now()))):
            return render_template("accounts/recovery_codes.html", codes=made, is_new=True)
    return _page(code_form=form)


@pages.form("/profile/two-factor/recovery-codes", of="two_factor_pages.show")
def renew_recovery_codes() -> Page:
    """Make new codes for recovery, and show them this once."""
    form, made = ProofForm(prefix="renew"), list[str]()
    if _proven(form, lambda *proof: made.extend(service.renew_recovery_codes(*proof, now=now()))):
        return render_template("accounts/recovery_codes.html", codes=made, is_new=False)
    return _page(renew_form=form)


@pages.form("/profile/two-factor/off", of="two_factor_pages.show")
def turn_off() -> Page:
    """Switch two-factor sign-in off."""
    form = ProofForm(prefix="off")
    if _proven(form, lambda *proof: service.turn_off(*proof, now=now())):
        flash("Two-factor sign-in is off. Your password is enough from now on.")
        return redirect(url_for(".show"))
    return _page(off_form=form)


def _proven(form: SchemaForm, act: Callable[..., Any]) -> bool:
    """Do what a password and a code are needed for, and tell whether it was done."""
    viewer = require_viewer()
    if not form.validate():
        return False
    count_code(viewer.id)
    return _done(form, lambda: act(viewer.credentials, form.loaded["current_password"], form.loaded["code"]))


def _done(form: SchemaForm, act: Callable[[], Any]) -> bool:
    """Act, and tell whether it was done.

    What did not match is said beside its field.
    """
    try:
        act()
    except WrongCode as error:
        form.refuse({"code": [error.detail]})
    except WrongCredentials as error:
        form.refuse({"current_password": [error.detail]})
    return not form.errors


def _page(**given: SchemaForm) -> Page:
    viewer = require_viewer()
    state = queries.state(viewer.id, now())
    uri = state.setup and codes.address_for_apps(state.setup.secret, account=state.setup.account, issuer=codes.ISSUER)
    forms: dict[str, SchemaForm] = {
        "begin_form": CurrentPasswordForm(formdata=None),
        "code_form": CodeForm(formdata=None),
        "renew_form": ProofForm(formdata=None, prefix="renew"),
        "off_form": ProofForm(formdata=None, prefix="off"),
    } | given
    page = render_template(
        "accounts/two_factor.html",
        state=state,
        qr=uri and codes.qr_code(uri),
        uri=uri,
        missing=lacks_second_factor(viewer.role, chosen(), has_one=state.since is not None),
        **forms,
    )
    return refused(page) if any(form.errors for form in forms.values()) else page
