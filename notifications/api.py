"""The JSON API of notifications, and of what people want to be told."""

from __future__ import annotations

from typing import Any

from flask import Response

from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import Who, require_viewer, signed_in
from caching import BoundRead
from errors import NotFound
from notifications import queries, service
from notifications.queries import NotificationsQuery, notifications_page
from notifications.schemas import (
    MarkReadSchema,
    NotificationSchema,
    NotificationsPageSchema,
    NotificationsQuerySchema,
    SettingsSchema,
)
from notifications.settings import SettingsChanges
from web.answers import json_response
from web.clock import now

blueprint = ListBlueprint("notifications", __name__, url_prefix="/api", description="What people are told")


@blueprint.cached_list("/notifications", NotificationsQuerySchema, NotificationsPageSchema, own=True)
def list_notifications(who: Who, query: NotificationsQuery) -> BoundRead:
    """List what one was told, the newest first."""
    return notifications_page.at(who.id, query)


@blueprint.patch("/notifications/<id:notification_id>")
@signed_in()
@blueprint.arguments(MarkReadSchema)
@blueprint.response(200, NotificationSchema)
@blueprint.raises(NotFound)
def mark_notification(_: dict[str, Any], notification_id: int) -> Response:
    """Mark a notification as read."""
    viewer = require_viewer()
    service.mark_read(notification_id, viewer.id, now=now())
    return json_response(queries.notification(notification_id, viewer.id))


@blueprint.post("/notifications/read-all")
@signed_in()
@blueprint.response(204)
def read_all_notifications() -> Response:
    """Mark all of one's notifications as read."""
    service.mark_all_read(require_viewer().id, now=now())
    return Response(status=204)


@blueprint.get("/users/me/notification-settings")
@signed_in()
@blueprint.response(200, SettingsSchema)
def show_notification_settings() -> Response:
    """Show what one wants to be told, and how."""
    return json_response(queries.settings_of(require_viewer().id))


@blueprint.put("/users/me/notification-settings")
@signed_in()
@blueprint.arguments(SettingsSchema)
@blueprint.response(200, SettingsSchema)
def replace_notification_settings(changes: SettingsChanges) -> Response:
    """Say what one wants to be told, and how.

    What is left out stays as it is.
    """
    viewer = require_viewer()
    service.change_settings(viewer.id, changes, now=now())
    return json_response(queries.settings_of(viewer.id))
