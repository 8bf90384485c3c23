"""Pages of accounts by mail.

A link from a mail has its token in the address. The page keeps the token in the reader's own cookie and leads on to an
address without it, so that neither what the page loads nor where it leads to can learn the token. To open the link
changes nothing: programs that look through mails open links, too. A button does.
"""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from accounts.by_mail import confirmation, recovery, tokens
from accounts.by_mail.forms import ForgottenPasswordForm, NewPasswordForm
from accounts.by_mail.models import TokenUse
from accounts.names import normalise_email
from accounts.sign_in.identity import current_viewer, require_viewer
from errors import Invalid, LinkExpired
from mail.delivery import reaches_people
from web.clock import now
from web.pages import Page, PageBlueprint, go_back, shown
from web.ratelimits import count_mail_with_link, wrong_tokens_counted

pages = PageBlueprint("by_mail_pages", __name__)

# Where a token waits for the button; the cookie is signed, and no script can read it.
_TOKEN_OF = {TokenUse.RESET: "reset-token", TokenUse.CONFIRM: "confirm-token"}


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
    if kept := _keep(TokenUse.RESET):
        return kept
    token = _kept(TokenUse.RESET)
    with wrong_tokens_counted():
        email = tokens.look_at(token, TokenUse.RESET, now()).email
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            recovery.reset_password(token, form.loaded["password"], now=now())
        except Invalid as error:
            form.refuse(error.errors)
        else:
            session.pop(_TOKEN_OF[TokenUse.RESET])
            flash("Your password is changed, and all devices are signed out. Sign in with the new one.")
            return redirect(url_for("account_pages.sign_in"))
    return shown(render_template("accounts/reset_password.html", form=form, email=email), form)


@pages.route("/confirm-email", methods=["GET", "POST"])
def confirm_email() -> Page:
    """Confirm an address with the token of a mail."""
    if kept := _keep(TokenUse.CONFIRM):
        return kept
    token = _kept(TokenUse.CONFIRM)
    with wrong_tokens_counted():
        email = tokens.look_at(token, TokenUse.CONFIRM, now()).email
        if request.method == "POST":
            confirmation.confirm(token, now=now())
    if request.method != "POST":
        return render_template("accounts/confirm_email.html", email=email)
    session.pop(_TOKEN_OF[TokenUse.CONFIRM])
    flash(f"Thank you: {email} is confirmed.")
    return redirect(url_for("home.index" if current_viewer() else "account_pages.sign_in"))


@pages.form("/confirm-email/resend", of="profile_page.show")
def resend_confirmation() -> Response:
    """Send the mail again that confirms one's own address."""
    email = confirmation.send_again(require_viewer().id, count=count_mail_with_link)
    flash(f"A mail with a link is on its way to {email}." if email else "Your e-mail address is confirmed already.")
    return go_back(url_for("profile_page.show"))


def _kept(use: TokenUse) -> str:
    """Return the token that was kept.

    Raises LinkExpired without one: that is a program that keeps no cookies, and no attempt to find a token.
    """
    token: str | None = session.get(_TOKEN_OF[use])
    if token is None:
        raise LinkExpired
    return token


def _keep(use: TokenUse) -> Response | None:
    """Keep the token that stands in the address, and lead on to the address without it."""
    if request.method == "POST" or "token" not in request.args:
        return None
    session[_TOKEN_OF[use]] = request.args["token"][:200]
    response = redirect(request.path)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
