"""The page of invitations, and the one that the link of an invitation opens."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.by_mail.kept_tokens import KeptToken
from accounts.models import Role
from accounts.rights import CALLED, STAFF
from accounts.sign_in import known_browsers
from accounts.sign_in.identity import require_viewer
from accounts.sign_in.page_viewer import visitors_zone
from accounts.sign_in.sessions import begin_session
from administration.invitations import queries, service
from administration.invitations.forms import InviteForm, NewcomerForm
from administration.invitations.models import NewInvitation
from administration.invitations.schemas import InvitationsQuerySchema
from administration.people.service import may_act_on
from errors import AlreadyInvited, EmailTaken, Invalid
from school.around import schools_zone, shown_school
from web.clock import now
from web.forms import from_address
from web.pages import Page, PageBlueprint, shown, tell
from web.ratelimits import count_school_invitation, wrong_tokens_counted

pages = PageBlueprint("admin_invitation_pages", __name__)
joining = PageBlueprint("join_pages", __name__)

_TOKEN = KeptToken("join-token")


@pages.route("/admin/invitations", methods=["GET", "POST"])
def overview() -> Page:
    """List the invitations that wait, and invite somebody."""
    viewer = require_viewer(*STAFF)
    form = InviteForm.by(viewer.role)
    if form.validate_on_submit():
        try:
            email = service.require_open(form.loaded, actor=viewer)
            count_school_invitation(viewer.id, email)
            service.invite(form.loaded, actor=viewer, now=now())
        except (EmailTaken, AlreadyInvited) as error:
            form.refuse({"email": [error.detail]})
        else:
            flash(f"A mail is on its way to {email}. Its link works for seven days.")
            return redirect(url_for(".overview"))
    listed = queries.invitations_page(from_address(InvitationsQuerySchema(), "cursor"), now())
    page = render_template(
        "administration/invitations.html",
        form=form,
        invitations=listed["data"],
        next_cursor=listed["next_cursor"],
        may_change=[each["id"] for each in listed["data"] if may_act_on(each["role"], viewer)],
    )
    return shown(page, form)


@pages.form("/admin/invitations/<id:invitation_id>/resend", of="admin_invitation_pages.overview")
def resend(invitation_id: int) -> Response:
    """Send an invitation again."""
    viewer = require_viewer(*STAFF)
    email = service.address_of(invitation_id, actor=viewer)
    count_school_invitation(viewer.id, email)
    service.send_again(invitation_id, actor=viewer, now=now())
    flash(f"Another mail is on its way to {email}. The link in the one before counts no more.")
    return redirect(url_for(".overview"))


@pages.form("/admin/invitations/<id:invitation_id>/withdraw", of="admin_invitation_pages.overview")
def withdraw(invitation_id: int) -> Response:
    """Take an invitation back."""
    service.withdraw(invitation_id, actor=require_viewer(*STAFF))
    flash("The invitation is withdrawn. Its link counts no more.")
    return redirect(url_for(".overview"))


@joining.route("/join", methods=["GET", "POST"])
def join() -> Page:
    """Open an account with the link of an invitation."""
    if kept := _TOKEN.keep():
        return kept
    token = _TOKEN.read()
    with wrong_tokens_counted():
        invited = service.look_at(token, now())
    form = NewcomerForm(data={"time_zone": visitors_zone() or schools_zone()})
    if form.validate_on_submit():
        try:
            user_id = service.accept(token, form.loaded, now=now())
        except EmailTaken as error:
            form.form_errors.append(f"{error.detail} Sign in with it, or ask for a new password.")
        except Invalid as error:
            form.refuse(error.errors)
        else:
            return _welcome(user_id, invited)
    page = render_template("accounts/join.html", form=form, email=invited.email, called=CALLED[invited.role])
    return shown(page, form)


def _welcome(user_id: int, invited: NewInvitation) -> Response:
    begin_session(user_id)
    known_browsers.remember(invited.email)
    ways = {
        Role.TEACHER: ("gig_pages.new", "Write your first gig"),
        Role.STUDENT: ("gig_pages.search", "Find a teacher"),
    }
    endpoint, link = ways.get(invited.role, ("admin_pages.overview", "Administration"))
    tell(f"Welcome to {shown_school()['name']}. Your account is open.", url=url_for(endpoint), link=link)
    return redirect(url_for("home.index"))
