"""The pages with the people of the school."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for

from accounts.queries import UsersQuery, users_page
from accounts.rights import CALLED, LABELS, SETTERS, STAFF, Right, may
from accounts.schemas import UsersQuerySchema
from accounts.sign_in.identity import require_viewer
from administration.people import queries, service
from administration.people.schemas import RoleSchema
from administration.people.service import PersonChanges
from errors import LastAdministrator
from web.clock import now
from web.forms import from_address, from_form
from web.pages import Page, PageBlueprint

pages = PageBlueprint("people_pages", __name__)

LAST = "This is the last administrator. Make another person an administrator first."


@pages.get("/admin/people")
def listed() -> str:
    """List all accounts."""
    require_viewer(*STAFF)
    query: UsersQuery = from_address(UsersQuerySchema(), "q", "role", "active", "cursor")
    return render_template("administration/people.html", **users_page(query).json(), query=query, labels=LABELS)


@pages.get("/admin/people/duplicates")
def duplicates() -> str:
    """List accounts that may be one person's."""
    require_viewer(*STAFF)
    return render_template("administration/duplicates.html", groups=queries.possible_duplicates(), labels=LABELS)


@pages.get("/admin/people/<id:user_id>")
def show(user_id: int) -> str:
    """Show a person, and all that they have."""
    viewer = require_viewer(*STAFF)
    person = queries.account(user_id)
    return render_template(
        "administration/person.html",
        person=person,
        **queries.belongings(user_id),
        labels=LABELS,
        may_change=service.may_act_on(person["role"], viewer),
        may_give_roles=may(viewer.role, Right.ROLES),
        reads_audit=may(viewer.role, Right.AUDIT),
    )


@pages.form("/admin/people/<id:user_id>/role", of="people_pages.show")
def set_role(user_id: int) -> Page:
    """Give a person another role."""
    viewer, role = require_viewer(*SETTERS), from_form(RoleSchema(), "role")["role"]
    try:
        service.change(user_id, PersonChanges(role=role), actor=viewer, now=now())
    except LastAdministrator:
        flash(LAST, "error")
    else:
        flash(f"{queries.account(user_id)['name']} is {CALLED[role]} now.")
    return redirect(url_for("people_pages.show" if user_id != viewer.id else "home.index", user_id=user_id))


@pages.form("/admin/people/<id:user_id>/active", of="people_pages.show")
def set_active(user_id: int) -> Page:
    """Close a person's account, or open it again."""
    viewer, active = require_viewer(*STAFF), request.form.get("active") == "true"
    try:
        service.change(user_id, PersonChanges(active=active), actor=viewer, now=now())
    except LastAdministrator:
        flash(LAST, "error")
    else:
        flash("The account is open again." if active else "The account is closed, and signed out everywhere.")
    return redirect(url_for(".show", user_id=user_id))


@pages.form("/admin/people/<id:user_id>/sign-out", of="people_pages.show")
def sign_out(user_id: int) -> Page:
    """End all sign-ins of a person."""
    service.sign_out(user_id, actor=require_viewer(*STAFF), now=now())
    flash("They are signed out everywhere.")
    return redirect(url_for(".show", user_id=user_id))


@pages.form("/admin/people/<id:user_id>/password-reset", of="people_pages.show")
def send_reset(user_id: int) -> Page:
    """Send a person the mail with which they choose a new password."""
    service.send_reset(user_id, actor=require_viewer(*STAFF))
    flash("A mail with a link is on its way. The link works for an hour.")
    return redirect(url_for(".show", user_id=user_id))


@pages.form("/admin/people/<id:user_id>/two-factor-off", of="people_pages.show")
def take_two_factor_off(user_id: int) -> Page:
    """Take two-factor sign-in off a person."""
    service.take_two_factor_off(user_id, actor=require_viewer(*STAFF), now=now())
    flash("They sign in with the password alone from now on. They are signed out everywhere, and get a mail.")
    return redirect(url_for(".show", user_id=user_id))
