"""What happened to sessions that no student has a place in, as their teacher reads it."""

from __future__ import annotations

from accounts.by_mail.confirmation import may_be_written_to
from events import Event
from mail.links import path_to
from notifications.telling.material import Material, recipient
from notifications.telling.rules import SOMEBODY_ELSE, TIMETABLE_PAGE
from notifications.telling.story import Lesson, Story
from notifications.telling.together import Together


def session_story(group: Together, reader_id: int, material: Material) -> Story | None:
    """Say what happened to a session, or to several that were set at once.

    None if their teacher's account is closed.
    """
    reader = material.people.get(reader_id)
    if reader is None:
        return None
    sessions = sorted((_session(group, event, material) for event in group.events), key=lambda it: it.starts_at)
    # Teachers are told of what they did not do themselves.
    facts = {"lesson": sessions[0], "sessions": sessions, "by": SOMEBODY_ELSE, "reason": group.fact("reason") or ""}
    return Story(
        rule=group.rule,
        key=group.key,
        to=recipient(reader),
        facts=facts,
        path=_path(group, sessions[0].id),
        by_mail=may_be_written_to(reader),
        session_ids=[session.id for session in sessions],
    )


def _session(group: Together, event: Event, material: Material) -> Lesson:
    """Describe a session as it was left by an event: it may have been moved since."""
    row = material.sessions[event.data["session_id"]]
    starts_at = group.instant(event, "starts_at") or row.starts_at
    return Lesson(
        id=row.id,
        title=row.title,
        starts_at=starts_at,
        ends_at=starts_at + (row.ends_at - row.starts_at),
        before=group.instant(event, "from_starts_at"),
        location=row.location,
    )


def _path(group: Together, first_id: int) -> str:
    """Lead to the session, or where it is several to the timetable that they stand in."""
    if len(group.events) == 1:
        return path_to(group.rule.page, session_id=first_id)
    return path_to(TIMETABLE_PAGE, gig_id=group.fact("gig_id"))
