"""The page of one's own profile, with the password and the calendar feed."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from accounts import queries, service
from accounts.by_mail import confirmation
from accounts.forms import AddressForm, PasswordForm, ProfileForm
from accounts.models import Role
from accounts.names import normalise_email
from accounts.sign_in.identity import require_viewer
from accounts.sign_in.sessions import begin_session
from calendars.feed import service as feed
from calendars.queries import feed_began
from errors import EmailTaken, Invalid, WrongCredentials
from jsontext import JsonObject
from mail.queries import comes_back
from web.clock import now
from web.pages import Page, PageBlueprint, refused
from web.ratelimits import count_mail_with_link

pages = PageBlueprint("profile_page", __name__)

# Where a new token of the calendar feed waits for the page that shows it.
NEW_FEED = "new-feed"


@pages.route("/profile", methods=["GET", "POST"])
def show() -> Page:
    """Show and change one's own profile."""
    viewer = require_viewer()
    person = queries.own_profile(viewer.id)
    form = _profile_form(person)
    if form.validate_on_submit():
        service.update_profile(viewer.id, form.loaded.profile, now=now())
        flash("Your profile is saved.")
        return redirect(url_for(".show"))
    token = session.pop(NEW_FEED, None)
    address = url_for("calendars.show_feed", token=token, _external=True) if token else None
    return _profile_page(person, form, feed_address=address)


@pages.form("/profile/password", of="profile_page.show")
def change_password() -> Page:
    """Change the password: every other sign-in ends, and this browser gets a new one."""
    viewer = require_viewer()
    form = PasswordForm()
    if form.validate():
        has_feed = feed_began(viewer.id) is not None
        try:
            service.change_password(viewer.credentials, form.loaded.password, now=now())
        except WrongCredentials as error:
            form.refuse({"current_password": [error.detail]})
        except Invalid as error:
            form.refuse(error.errors)
        else:
            begin_session(viewer.id)
            feed = " Your calendar feed has ended, too; you can make a new address for it." if has_feed else ""
            flash(f"Your password is changed. All other devices are signed out.{feed}")
            return redirect(url_for(".show"))
    person = queries.own_profile(viewer.id)
    return _profile_page(person, _profile_form(person, formdata=None), password_form=form)


@pages.form("/profile/address", of="profile_page.show")
def change_address() -> Page:
    """Change the address to sign in with.

    Where mails reach people it counts when it is confirmed.
    """
    viewer = require_viewer()
    form = AddressForm()
    if form.validate():
        try:
            count_mail_with_link(normalise_email(form.loaded.address.email))
            confirmation.change_address(viewer.credentials, form.loaded.address, now=now())
        except WrongCredentials as error:
            form.refuse({"current_password": [error.detail]})
        except EmailTaken as error:
            form.refuse({"email": [error.detail]})
        else:
            waits = queries.own_profile(viewer.id)["new_email"]
            flash(f"A mail with a link is on its way to {waits}." if waits else "Your address is saved.")
            return redirect(url_for(".show"))
    person = queries.own_profile(viewer.id)
    return _profile_page(person, _profile_form(person, formdata=None), address_form=form)


@pages.form("/profile/calendar-feed", of="profile_page.show")
def open_feed() -> Response:
    """Make an address for the calendar feed.

    The profile shows it next, this once.
    """
    viewer = require_viewer()
    # In the person's own cookie, because a page that is reloaded shall not make another address.
    session[NEW_FEED] = feed.open_feed(viewer.id, now())
    return redirect(url_for(".show", _anchor="calendar-feed"))


@pages.form("/profile/calendar-feed/stop", of="profile_page.show")
def close_feed() -> Response:
    """Let the address of the calendar feed open nothing any more."""
    feed.close_feed(require_viewer().id)
    flash("The address of your calendar feed does not work any more.")
    return redirect(url_for(".show"))


def _profile_form(person: JsonObject, **kwargs: Any) -> ProfileForm:
    form = ProfileForm(data=person, **kwargs)
    if person["role"] != Role.TEACHER:
        del form.headline
        del form.bio
    return form


def _profile_page(
    person: JsonObject,
    form: ProfileForm,
    *,
    password_form: PasswordForm | None = None,
    address_form: AddressForm | None = None,
    feed_address: str | None = None,
) -> Page:
    forms = [form, password_form or PasswordForm(formdata=None), address_form or AddressForm(formdata=None)]
    page = render_template(
        "storefront/profile.html",
        forms=forms,
        person=person,
        comes_back=comes_back(person["email"]),
        feed_address=feed_address,
        feed_began=feed_began(person["id"]),
    )
    return refused(page) if any(form.errors for form in forms) else page
