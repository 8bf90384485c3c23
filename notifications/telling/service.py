"""Tell people what happened: a row in the list of each, and a mail for those who want one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from database import writing
from events import Event
from jobs.queue import enqueue
from jsontext import JsonObject
from notifications import settings, writes
from notifications.reminders import plan
from notifications.telling.collecting import is_collected
from notifications.telling.listener import MAIL
from notifications.telling.material import about
from notifications.telling.stories import story
from notifications.telling.story import Story
from notifications.telling.together import bring_together


def tell(happened: Iterable[Event], now: datetime) -> None:
    """Tell all whom these events of one transaction concern, in one transaction.

    Done twice, it finds each row there and writes nothing.
    """
    groups = bring_together(happened)
    with writing() as session:
        material = about(session, groups)
        for group in groups:
            for person in group.told:
                if what := story(group, person, material):
                    tell_one(session, what, MAIL, {"events": group.events}, now)
        plan.follow(session, groups, now)


def tell_one(session: Session, what: Story, mail: str, arguments: JsonObject, now: datetime) -> None:
    """Tell one person something, once.

    `mail` names the work that writes the mail, which gets these arguments and the notification's id.
    """
    user_id = what.to.user_id
    assert user_id is not None
    added = writes.add(session, user_id, what.notification(), now=now)
    if added is None or not what.by_mail:
        return
    if settings.of(session, [user_id])[user_id].mails_at_once(what.rule.type):
        arguments = arguments | {"notification_id": added}
        if not (what.collected_by and is_collected(session, what.collected_by, arguments, now)):
            enqueue(session, mail, arguments, key=f"mail:{added}")
