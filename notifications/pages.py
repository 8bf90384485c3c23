"""Pages of notifications: the list behind the bell, what is mailed, and the way out of a mail."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.sign_in.identity import own_answers, require_viewer
from accounts.sign_in.page_viewer import shown_around
from errors import NotFound
from notifications import queries, service, unsubscribe
from notifications.forms import SettingsForm
from notifications.queries import NotificationsQuery, notifications_page, unread_count
from notifications.schemas import NotificationsQuerySchema
from notifications.types import TYPES
from web.clock import now
from web.forms import from_address
from web.pages import Page, PageBlueprint, go_back, refused

pages = PageBlueprint("notification_pages", __name__)
# Mailbox providers send the POST of RFC 8058 with neither a cookie nor a page's token. So no token is asked for: what
# stands in the address is proof enough, it was sent to one person, and all it can do is to end mails of one kind.
unsubscribing = Blueprint("unsubscribing", __name__)


@pages.app_context_processor
def _beside_the_bell() -> dict[str, Any]:
    """Give each page the number of unread ones, None where nobody knows it."""
    shown = shown_around("notifications")
    return {"unread_notifications": shown and shown["unread"]}


@pages.get("/notifications")
def show() -> str:
    """Show what one was told.

    To look at the list marks nothing as read: browsers load pages ahead, and who looks has not read all of it.
    """
    query: NotificationsQuery = from_address(NotificationsQuerySchema(), "filter", "cursor")
    _, (page, unread) = own_answers(lambda who: (notifications_page.at(who.id, query), unread_count.at(who.id)))
    found = page.json()
    return render_template(
        "notifications/list.html",
        rows=found["data"],
        next_cursor=found["next_cursor"],
        filter=query.filter,
        cursor=query.after,
        unread=unread.json()["unread"],
    )


@pages.form("/notifications/<id:notification_id>/open", of="notification_pages.show")
def open_one(notification_id: int) -> Response:
    """Mark a notification as read and lead to its page."""
    path = service.mark_read(notification_id, require_viewer().id, now=now())
    return redirect(f"{request.root_path}{path}")


@pages.form("/notifications/read-all", of="notification_pages.show")
def read_all() -> Response:
    """Mark what the reader has seen as read, and nothing that has come since."""
    newest = request.form.get("up_to", type=int)
    service.mark_all_read(require_viewer().id, up_to=newest, now=now())
    flash("All are marked as read.")
    return go_back(url_for(".show"))


@pages.route("/notifications/settings", methods=["GET", "POST"])
def settings() -> Page:
    """Choose what is mailed, and when lessons are reminded of."""
    viewer = require_viewer()
    form = SettingsForm.of(queries.settings_of(viewer.id), viewer.role)
    if form.validate_on_submit():
        service.change_settings(viewer.id, form.loaded, now=now())
        flash("Your choices are saved.")
        return redirect(url_for(".settings"))
    rows = [(type_, TYPES[type_]) for type_ in form.shown_types]
    by_group = groupby(rows, key=lambda row: row[1].group)
    page = render_template(
        "notifications/settings.html",
        form=form,
        groups=[(group, list(of_group)) for group, of_group in by_group],
        at_once=[facts for _, facts in rows if facts.urgent],
    )
    return refused(page) if form.errors else page


@unsubscribing.get("/unsubscribe/<token>")
def ask_to_stop(token: str) -> str:
    """Ask whether these mails shall stop: programs that look through mails open links, too."""
    return _about(token, _kind_in(token)[1], done=False)


@unsubscribing.post("/unsubscribe/<token>")
def stop(token: str) -> str:
    """Stop these mails: for the page's button, and for mailbox programs (RFC 8058)."""
    user_id, kind = _kind_in(token)
    unsubscribe.stop(user_id, kind, now=now())
    return _about(token, kind, done=True)


def _kind_in(token: str) -> tuple[int, unsubscribe.Kind]:
    found = unsubscribe.read(token)
    if found is None:
        raise NotFound("This address is not whole. Please open the link from the mail once more.")
    return found


def _about(token: str, kind: unsubscribe.Kind, *, done: bool) -> str:
    facts = TYPES[kind] if kind else None
    return render_template("notifications/unsubscribe.html", token=token, facts=facts, done=done)
