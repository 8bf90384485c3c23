"""What became of a webhook, as its owner reads it.

All of it stands in the event: the webhook may be another one, or deleted, when it is told.
"""

from __future__ import annotations

from accounts.by_mail.confirmation import may_be_written_to
from events import Event
from mail.links import path_to
from notifications.telling.material import Material, recipient
from notifications.telling.rules import WEBHOOK_PAGE
from notifications.telling.story import Story
from notifications.telling.together import Together


def webhook_story(group: Together, reader_id: int, material: Material) -> Story | None:
    """Say why a webhook was switched off.

    None if its owner's account is closed.
    """
    reader = material.people.get(reader_id)
    if reader is None:
        return None
    names = ("url", "host", "description", "why", "error")
    return Story(
        rule=group.rule,
        key=group.key,
        to=recipient(reader),
        facts={name: group.fact(name) for name in names} | {"since": group.instant(group.first, "since")},
        path=path_to(WEBHOOK_PAGE, webhook_id=group.fact("webhook_id")),
        by_mail=may_be_written_to(reader),
    )


def is_of_webhook(event: Event) -> bool:
    """Tell whether this is about a webhook, and neither a lesson nor a course."""
    return "webhook_id" in event.data
