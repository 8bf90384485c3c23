"""Pages of accounts by mail.

To open the link of a mail changes nothing: programs that look through mails open links, too. A button does.
"""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.by_mail import confirmation, recovery, tokens
from accounts.by_mail.forms import ForgottenPasswordForm, NewPasswordForm
from accounts.by_mail.kept_tokens import KeptToken
from accounts.by_mail.models import TokenUse
from accounts.names import normalise_email
from accounts.sign_in.identity import current_viewer, require_viewer
from errors import Invalid
from mail.delivery import reaches_people
from web.clock import now
from web.pages import Page, PageBlueprint, go_back, shown
from web.ratelimits import count_mail_with_link, wrong_tokens_counted

pages = PageBlueprint("by_mail_pages", __name__)

_RESET, _CONFIRM = KeptToken("reset-token"), KeptToken("confirm-token")


@pages.route("/forgotten-password", methods=["GET", "POST"])
def forgotten_password() -> Page:
    """Ask for a mail with which a password is chosen anew."""
    form = ForgottenPasswordForm()
    if form.validate_on_submit():
        email = form.loaded["email"]
        count_mail_with_link(normalise_email(email))
        recovery.ask_for_reset(email)
        return render_template("accounts/mail_on_its_way.html", email=email, reaches_people=reaches_people())
    return shown(render_template("accounts/forgotten_password.html", form=form), form)


@pages.route("/reset-password", methods=["GET", "POST"])
def reset_password() -> Page:
    """Choose a new password with the token of a mail."""
    if kept := _RESET.keep():
        return kept
    token = _RESET.read()
    with wrong_tokens_counted():
        email = tokens.look_at(token, TokenUse.RESET, now()).email
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            recovery.reset_password(token, form.loaded["password"], now=now())
        except Invalid as error:
            form.refuse(error.errors)
        else:
            _RESET.forget()
            flash("Your password is changed, and all devices are signed out. Sign in with the new one.")
            return redirect(url_for("account_pages.sign_in"))
    return shown(render_template("accounts/reset_password.html", form=form, email=email), form)


@pages.route("/confirm-email", methods=["GET", "POST"])
def confirm_email() -> Page:
    """Confirm an address with the token of a mail."""
    if kept := _CONFIRM.keep():
        return kept
    token = _CONFIRM.read()
    with wrong_tokens_counted():
        email = tokens.look_at(token, TokenUse.CONFIRM, now()).email
        if request.method == "POST":
            confirmation.confirm(token, now=now())
    if request.method != "POST":
        return render_template("accounts/confirm_email.html", email=email)
    _CONFIRM.forget()
    flash(f"Thank you: {email} is confirmed.")
    return redirect(url_for("home.index" if current_viewer() else "account_pages.sign_in"))


@pages.form("/confirm-email/resend", of="profile_page.show")
def resend_confirmation() -> Response:
    """Send the mail again that confirms one's own address."""
    email = confirmation.send_again(require_viewer().id, count=count_mail_with_link)
    flash(f"A mail with a link is on its way to {email}." if email else "Your e-mail address is confirmed already.")
    return go_back(url_for("profile_page.show"))
