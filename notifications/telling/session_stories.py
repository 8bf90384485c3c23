"""What happened to a session that no student has a place in, as its teacher reads it."""

from __future__ import annotations

from accounts.by_mail.confirmation import may_be_written_to
from mail.links import path_to
from notifications.telling.material import Material, recipient
from notifications.telling.story import Lesson, Story
from notifications.telling.together import Together


def session_story(group: Together, reader_id: int, material: Material) -> Story | None:
    """Say what happened to a session.

    None if its teacher's account is closed.
    """
    reader, row = material.people.get(reader_id), material.sessions[group.first.data["session_id"]]
    if reader is None:
        return None
    starts_at = group.instant(group.first, "starts_at") or row.starts_at
    session = Lesson(
        id=row.id,
        title=row.title,
        starts_at=starts_at,
        ends_at=starts_at + (row.ends_at - row.starts_at),
        before=group.instant(group.first, "from_starts_at"),
        location=row.location,
    )
    # Teachers are told of what they did not do themselves, and only administrators do it for them.
    facts = {"lesson": session, "by": "An administrator", "reason": group.fact("reason") or ""}
    return Story(
        rule=group.rule,
        key=group.key,
        to=recipient(reader),
        facts=facts,
        path=path_to(group.rule.page, session_id=row.id),
        by_mail=may_be_written_to(reader),
        session_id=row.id,
    )
