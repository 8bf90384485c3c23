"""The JSON API of webhooks, for administrators."""

from __future__ import annotations

from flask import Response

from accounts.rights import SETTERS, STAFF
from accounts.sign_in.identity import require_viewer, signed_in
from errors import NotFound, TooManyWebhooks
from events.webhooks import queries, service
from events.webhooks.queries import DeliveriesQuery, WebhooksQuery
from events.webhooks.service import NewWebhook, WebhookChanges
from operators.webhooks.schemas import (
    DeliveriesPageSchema,
    DeliveriesQuerySchema,
    DeliverySchema,
    NewWebhookSchema,
    WebhookChangesSchema,
    WebhookSchema,
    WebhooksPageSchema,
    WebhooksQuerySchema,
    WebhookWithSecretSchema,
)
from web.answers import json_response
from web.api import ApiBlueprint
from web.clock import now
from web.settings import chosen

blueprint = ApiBlueprint(
    "webhooks", __name__, url_prefix="/api/webhooks", description="What happens, sent to programs as it happens"
)


# No Idempotency-Key: the answer would be kept, and the secret is kept nowhere.
@blueprint.post("")
@signed_in(*SETTERS)
@blueprint.arguments(NewWebhookSchema)
@blueprint.response(201, WebhookWithSecretSchema)
@blueprint.raises(TooManyWebhooks)
def create_webhook(new: NewWebhook) -> Response:
    """Have what happens from now on sent to an address.

    Its secret is shown this once. The address is checked now, and again at each delivery.
    """
    webhook_id, secret = service.create(new, owner_id=require_viewer().id, key=chosen().secret_key, now=now())
    return json_response(queries.webhook(webhook_id) | {"secret": secret}, 201)


@blueprint.get("")
@signed_in(*STAFF)
@blueprint.arguments(WebhooksQuerySchema, location="query")
@blueprint.response(200, WebhooksPageSchema)
def list_webhooks(query: WebhooksQuery) -> Response:
    """List webhooks, the newest first."""
    return json_response(queries.webhooks_page(query) | {"cached": False})


@blueprint.get("/<id:webhook_id>")
@signed_in(*STAFF)
@blueprint.response(200, WebhookSchema)
@blueprint.raises(NotFound)
def show_webhook(webhook_id: int) -> Response:
    """Show a webhook."""
    return json_response(queries.webhook(webhook_id))


@blueprint.patch("/<id:webhook_id>")
@signed_in(*SETTERS)
@blueprint.arguments(WebhookChangesSchema)
@blueprint.response(200, WebhookSchema)
@blueprint.raises(NotFound)
def change_webhook(changes: WebhookChanges, webhook_id: int) -> Response:
    """Change a webhook, pause it, or switch it on again.

    What happens while it is off is sent when it goes on, as far as the log has it: 30 days.
    """
    service.change(webhook_id, changes, now=now())
    return json_response(queries.webhook(webhook_id))


@blueprint.delete("/<id:webhook_id>")
@signed_in(*SETTERS)
@blueprint.response(204)
@blueprint.raises(NotFound)
def delete_webhook(webhook_id: int) -> Response:
    """Delete a webhook with its deliveries."""
    service.remove(webhook_id)
    return Response(status=204)


@blueprint.post("/<id:webhook_id>/rotate-secret")
@signed_in(*SETTERS)
@blueprint.response(200, WebhookWithSecretSchema)
@blueprint.raises(NotFound)
def rotate_webhook_secret(webhook_id: int) -> Response:
    """Replace a webhook's secret.

    The new one is shown this once. For 24 hours both sign, so that the receiver has time to take it over.
    """
    secret = service.rotate_secret(webhook_id, key=chosen().secret_key, now=now())
    return json_response(queries.webhook(webhook_id) | {"secret": secret})


@blueprint.post("/<id:webhook_id>/test")
@signed_in(*SETTERS)
@blueprint.response(202, DeliverySchema)
@blueprint.raises(NotFound)
def test_webhook(webhook_id: int) -> Response:
    """Send a message of the type `webhook.test`, once, also while the webhook is off."""
    return json_response(queries.delivery(service.send_test(webhook_id, now=now())), 202)


@blueprint.get("/<id:webhook_id>/deliveries")
@signed_in(*STAFF)
@blueprint.arguments(DeliveriesQuerySchema, location="query")
@blueprint.response(200, DeliveriesPageSchema)
@blueprint.raises(NotFound)
def list_webhook_deliveries(query: DeliveriesQuery, webhook_id: int) -> Response:
    """List what was sent to a webhook in the last 30 days, the newest first."""
    return json_response(queries.deliveries_page(webhook_id, query) | {"cached": False})


@blueprint.post("/deliveries/<id:delivery_id>/replay")
@signed_in(*SETTERS)
@blueprint.response(202, DeliverySchema)
@blueprint.raises(NotFound)
def replay_webhook_delivery(delivery_id: int) -> Response:
    """Send a message again, under the same id, whatever came of it before."""
    service.replay(delivery_id, now=now())
    return json_response(queries.delivery(delivery_id), 202)
