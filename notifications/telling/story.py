"""What one person is told, ready to be put into words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jsontext import JsonObject
from mail.letters import Recipient
from notifications.models import NewNotification
from notifications.telling.rules import Rule
from notifications.telling.words import said


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
    # What collects its mails, if those that follow within an hour are one.
    collected_by: str | None = None

    def notification(self) -> NewNotification:
        """Put it into the words of the list behind the bell."""
        title, text = said(self.rule.template, self.to, self.facts, "fact", "summary")
        return NewNotification(key=self.key, type=self.rule.type, title=title, text=text, path=self.path)
