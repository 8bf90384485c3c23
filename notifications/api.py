"""The JSON API of notifications."""

from __future__ import annotations

from accounts.sign_in.cached_lists import ListBlueprint
from accounts.sign_in.identity import Who
from caching import BoundRead
from notifications.queries import NotificationsQuery, notifications_page
from notifications.schemas import NotificationsPageSchema, NotificationsQuerySchema

blueprint = ListBlueprint("notifications", __name__, url_prefix="/api", description="What people are told")


@blueprint.cached_list("/notifications", NotificationsQuerySchema, NotificationsPageSchema, own=True)
def list_notifications(who: Who, query: NotificationsQuery) -> BoundRead:
    """List what one was told, the newest first."""
    return notifications_page.at(who.id, query)
