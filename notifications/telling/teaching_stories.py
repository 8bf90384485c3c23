"""What the school says to somebody who teaches, or wants to, as they read it."""

from __future__ import annotations

from accounts.by_mail.confirmation import may_be_written_to
from mail.links import path_to
from notifications.telling.material import Material, recipient
from notifications.telling.story import Story
from notifications.telling.together import Together


def teaching_story(group: Together, reader_id: int, material: Material) -> Story | None:
    """Say what the school has decided.

    None if the teacher's account is closed.
    """
    reader = material.people.get(reader_id)
    if reader is None:
        return None
    return Story(
        rule=group.rule,
        key=group.key,
        to=recipient(reader),
        facts={"reason": group.fact("reason") or ""},
        path=path_to(group.rule.page),
        by_mail=may_be_written_to(reader),
    )
