"""The mail about something that a person is told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from calendars.feed.ical import Lesson
from calendars.queries import known_lessons, known_sessions
from database import reading
from events import Event
from mail import delivery
from mail.invitations import Invitation
from mail.letters import Letter
from mail.links import home, link_to
from notifications import unsubscribe
from notifications.models import Notification
from notifications.telling.material import about
from notifications.telling.stories import MY_LESSONS, story
from notifications.telling.story import Story
from notifications.telling.together import Together
from notifications.telling.words import template_of


def post_event(notification_id: int, happened: Collection[Event], now: datetime) -> None:
    """Send the mail about what happened."""
    group = Together(list(happened))
    with reading() as connection:
        reader_id = owner_of(connection, notification_id)
        what = story(group, reader_id, about(connection, [group])) if reader_id else None
    if what:
        post(what, notification_id, now)


def post(what: Story, notification_id: int, now: datetime) -> None:
    """Send a mail, unless it is too late for it.

    Its key is the notification's id, so that a repetition finds it sent.
    """
    too_late = what.until is not None and what.until <= now
    if too_late:
        return
    assert what.to.user_id is not None
    letter = Letter(
        key=f"notification {notification_id}",
        template=template_of(what.rule.template),
        to=what.to,
        facts=what.facts,
        link=home() + what.path,
        invitations=_invitations(what) if what.rule.in_calendars else (),
        unsubscribe=unsubscribe.address(what.to.user_id, what.rule.type) if what.rule.one_click else None,
    )
    delivery.send(letter, now=now)


def owner_of(connection: Connection, notification_id: int) -> int | None:
    """Return whose notification it is, None if it has been deleted."""
    return connection.scalar(select(Notification.user_id).where(Notification.id == notification_id))


def _invitations(what: Story) -> list[Invitation]:
    """Say what the reader's calendar is to show of these lessons.

    It is what is true now: a mail that comes late must not bring back a lesson that was cancelled meanwhile.
    """
    assert what.to.user_id is not None
    if what.session_ids:
        return [_invitation(event) for event in known_sessions(what.session_ids, link_to(MY_LESSONS))]
    ids = [lesson.id for lesson in what.facts["lessons"]]
    return [_invitation(lesson) for lesson in known_lessons(ids, what.to.user_id, link_to(MY_LESSONS))]


def _invitation(lesson: Lesson) -> Invitation:
    return Invitation(
        uid=lesson.uid,
        sequence=lesson.revision,
        summary=lesson.summary,
        starts_at=lesson.starts_at,
        ends_at=lesson.ends_at,
        changed_at=lesson.updated_at,
        url=lesson.url,
        location=lesson.location,
        description=lesson.note,
        tentative=not lesson.facts.is_agreed,
        cancelled=not lesson.facts.counts,
    )
