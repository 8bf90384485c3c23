"""What one person is told, ready to be put into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jsontext import JsonObject
from mail.letters import Recipient
from notifications.models import NewNotification
from notifications.telling.rules import Rule
from notifications.telling.words import said


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A lesson or a session at the time that is spoken of, which need not be its present one."""

    id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    # From when it was moved.
    before: datetime | None
    # To when it is asked to be moved.
    wished: datetime | None = None
    # Only what both have agreed on has a place where they meet.
    location: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What one person is told: the row of the table, and the facts that its template uses."""

    rule: Rule
    key: str
    to: Recipient
    facts: JsonObject
    path: str
    # Whether their address is known to be theirs.
    by_mail: bool
    # When it is too late to be told.
    until: datetime | None = None
    # The sessions that it is about, where it is about no lessons in them.
    session_ids: Sequence[int] = ()
    # What collects its mails, if those that follow within an hour are one.
    collected_by: str | None = None

    def notification(self) -> NewNotification:
        """Put it into the words of the list behind the bell."""
        title, text = said(self.rule.template, self.to, self.facts, "fact", "summary")
        return NewNotification(key=self.key, type=self.rule.type, title=title, text=text, path=self.path)
