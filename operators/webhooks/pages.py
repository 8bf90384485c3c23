"""Pages of webhooks, for administrators."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, session, url_for

from accounts.rights import SETTERS, STAFF
from accounts.sign_in.identity import require_viewer
from errors import Invalid, TooManyWebhooks
from events.catalogue import MEANINGS
from events.webhooks import queries, service
from events.webhooks.models import DeliveryStatus
from events.webhooks.queries import DeliveriesQuery, WebhooksQuery
from events.webhooks.service import WebhookChanges
from jsontext import JsonObject
from operators.webhooks.forms import WebhookForm
from operators.webhooks.schemas import DeliveriesQuerySchema
from web.clock import now
from web.forms import from_address
from web.pages import Page, PageBlueprint, shown
from web.settings import chosen

pages = PageBlueprint("webhook_pages", __name__)

# Which webhook's secret is to be shown, once. The secret itself is not in the cookie.
_NEW = "new-webhook"
_TABS = {
    None: "All",
    DeliveryStatus.WAITING: "Waiting",
    DeliveryStatus.DELIVERED: "Delivered",
    DeliveryStatus.FAILED: "Failed",
}


@pages.get("/webhooks")
def overview() -> str:
    """List the webhooks."""
    require_viewer(*STAFF)
    found = queries.webhooks_page(WebhooksQuery(limit=service.MOST_WEBHOOKS))
    return render_template("webhooks/list.html", webhooks=found["data"], name_of=_name)


@pages.route("/webhooks/new", methods=["GET", "POST"])
def new() -> Page:
    """Add a webhook, and show its secret on its page."""
    viewer, form = require_viewer(*SETTERS), WebhookForm()
    if form.validate_on_submit():
        try:
            webhook_id, _ = service.create(form.loaded, owner_id=viewer.id, key=chosen().secret_key, now=now())
        except Invalid as error:
            form.refuse(error.errors)
        except TooManyWebhooks as error:
            form.refuse({"": [error.detail]})
        else:
            return _with_secret(webhook_id)
    return shown(render_template("webhooks/edit.html", form=form, webhook=None), form)


@pages.get("/webhooks/<id:webhook_id>")
def show(webhook_id: int) -> str:
    """Show a webhook, what was sent to it, and once its secret."""
    require_viewer(*STAFF)
    webhook = queries.webhook(webhook_id)
    query: DeliveriesQuery = from_address(DeliveriesQuerySchema(), "status", "cursor")
    secret = None
    if session.get(_NEW) == webhook_id:
        del session[_NEW]
        secret = service.secret_of(webhook_id, key=chosen().secret_key)
    return render_template(
        "webhooks/show.html",
        webhook=webhook,
        name=_name(webhook),
        secret=secret,
        rotates=webhook["old_until"] is not None and webhook["old_until"] > now(),
        deliveries=queries.deliveries_page(webhook_id, query),
        status=query.status,
        tabs=_TABS,
        meanings=MEANINGS,
    )


@pages.route("/webhooks/<id:webhook_id>/edit", methods=["GET", "POST"])
def edit(webhook_id: int) -> Page:
    """Change where a webhook leads, and what it gets."""
    require_viewer(*SETTERS)
    webhook = queries.webhook(webhook_id)
    form = WebhookForm.of(webhook)
    if form.validate_on_submit():
        entered = form.loaded
        changes = WebhookChanges(url=entered.url, types=entered.types, description=entered.description)
        try:
            service.change(webhook_id, changes, now=now())
        except Invalid as error:
            form.refuse(error.errors)
        else:
            flash("The webhook was changed.")
            return redirect(url_for(".show", webhook_id=webhook_id))
    return shown(render_template("webhooks/edit.html", form=form, webhook=webhook), form)


@pages.form("/webhooks/<id:webhook_id>/switch", of="webhook_pages.show")
def switch(webhook_id: int) -> Page:
    """Pause a webhook, or let it go on."""
    require_viewer(*SETTERS)
    active = request.form.get("active") == "true"
    service.change(webhook_id, WebhookChanges(active=active), now=now())
    flash("The webhook is on. What has happened meanwhile is sent now." if active else "The webhook is paused.")
    return redirect(url_for(".show", webhook_id=webhook_id))


@pages.form("/webhooks/<id:webhook_id>/test", of="webhook_pages.show")
def test(webhook_id: int) -> Page:
    """Send a message that says nothing."""
    require_viewer(*SETTERS)
    service.send_test(webhook_id, now=now())
    flash("A test is on its way. Reload this page to see what came of it.")
    return redirect(url_for(".show", webhook_id=webhook_id))


@pages.form("/webhooks/<id:webhook_id>/secret", of="webhook_pages.show")
def rotate(webhook_id: int) -> Page:
    """Replace a webhook's secret."""
    require_viewer(*SETTERS)
    service.rotate_secret(webhook_id, key=chosen().secret_key, now=now())
    return _with_secret(webhook_id)


@pages.form("/webhooks/<id:webhook_id>/delete", of="webhook_pages.show")
def delete(webhook_id: int) -> Page:
    """Delete a webhook."""
    require_viewer(*SETTERS)
    service.remove(webhook_id)
    flash("The webhook was deleted.")
    return redirect(url_for(".overview"))


@pages.form("/webhooks/deliveries/<id:delivery_id>/replay", of="webhook_pages.overview")
def replay(delivery_id: int) -> Page:
    """Send a message again."""
    require_viewer(*SETTERS)
    service.replay(delivery_id, now=now())
    flash("The message is sent again, under the same id. Reload this page to see what came of it.")
    return redirect(url_for(".show", webhook_id=queries.delivery(delivery_id)["webhook_id"]))


def _with_secret(webhook_id: int) -> Page:
    session[_NEW] = webhook_id
    return redirect(url_for(".show", webhook_id=webhook_id))


def _name(webhook: JsonObject) -> str:
    """Call a webhook by what it is for, else by where it leads."""
    return webhook["description"] or urlsplit(webhook["url"]).hostname or webhook["url"]
