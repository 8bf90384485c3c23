"""Answer about the lessons that teachers have entered for one's address."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.by_mail import recovery, tokens
from accounts.by_mail.forms import NewPasswordForm
from accounts.by_mail.kept_tokens import KeptToken
from accounts.by_mail.models import TokenUse
from accounts.invitations.queries import Owner
from accounts.queries import confirmed_address
from accounts.sign_in.identity import current_viewer, require_viewer
from accounts.sign_in.page_viewer import show_times_in
from bookings.entering import answers, queries
from bookings.entering.answers import Reply
from bookings.entering.schemas import AnswerSchema
from errors import Invalid, LinkExpired, SlotTaken
from web.clock import now
from web.forms import from_form
from web.pages import Page, PageBlueprint, shown
from web.ratelimits import wrong_tokens_counted

pages = PageBlueprint("invitation_pages", __name__)

_TOKEN = KeptToken("invitation-token")

_OVERLAPS = "Nothing is changed: there is another lesson of yours at one of these times. See below what you can do."


@dataclass(frozen=True, slots=True)
class _Proof:
    """Whose address it is, and the token of the mail that says so, if it is not an account."""

    email: str
    token: str | None = None


@pages.route("/invitation", methods=["GET", "POST"])
def show() -> Page:
    """Show what waits for the reader's answer, and open an account for those who have none."""
    if kept := _TOKEN.keep():
        return kept
    proof = _proof()
    owner = queries.owner_of_address(proof.email)
    form = NewPasswordForm()
    if owner == Owner.NEW and proof.token and form.validate_on_submit():
        try:
            recovery.reset_password(proof.token, form.loaded["password"], now=now())
        except Invalid as error:
            form.refuse(error.errors)
        else:
            _TOKEN.forget()
            flash("Your account is open. Sign in with your address and the new password.")
            return redirect(url_for("account_pages.sign_in"))
    waiting = queries.waiting_for(proof.email)
    # Readers without an account have no zone of their own.
    show_times_in(waiting[0]["time_zone"] if waiting else "UTC")
    page = render_template(
        "storefront/invitation.html", form=form, email=proof.email, owner=owner.name, invitations=waiting
    )
    return shown(page, form)


@pages.form("/invitation/<id:stand_in_id>", of="invitation_pages.show")
def answer(stand_in_id: int) -> Response:
    """Say whether the lessons of one teacher are one's own."""
    reply: Reply = from_form(AnswerSchema(), "answer")["answer"]
    proof = _proof()
    try:
        answers.answer(stand_in_id, reply, email=proof.email, now=now())
    except SlotTaken:
        flash(_OVERLAPS, "error")
        return redirect(url_for(".show"))
    if reply == Reply.NO:
        flash("Thank you. What was still to come is cancelled.")
    else:
        flash("Thank you. They are among your lessons now.")
    if current_viewer() is None:
        _TOKEN.forget()
        return redirect(url_for("account_pages.sign_in" if reply != Reply.NO else "home.index"))
    return redirect(url_for(".show") if queries.waiting_for(proof.email) else url_for("booking_pages.mine"))


def _proof() -> _Proof:
    """Find out whose address it is.

    It is that of the mail whose link was opened, or that of the reader's account. Raises Unauthenticated, LinkExpired,
    EmailUnconfirmed.
    """
    if token := _TOKEN.peek():
        try:
            with wrong_tokens_counted():
                return _Proof(tokens.look_at(token, TokenUse.RESET, now()).email, token)
        except LinkExpired:
            # It was used, or is too old. Readers with an account need none.
            if current_viewer() is None:
                raise
            _TOKEN.forget()
    return _Proof(confirmed_address(require_viewer().id))
