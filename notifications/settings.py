"""What people chose about what they are told, with the defaults of those who chose nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from notifications.models import Digest, NotificationSettings
from notifications.types import TYPES, NotificationType

# A day and an hour before.
REMINDERS = (1440, 60)


def _default_mail() -> dict[NotificationType, bool]:
    return {type_: facts.mail for type_, facts in TYPES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What somebody wants to be told, and how.

    Reminders are minutes before a lesson, the longest first.
    """

    mail: Mapping[NotificationType, bool] = field(default_factory=_default_mail)
    reminders_minutes: tuple[int, ...] = REMINDERS
    digest: Digest = Digest.NONE

    def mails_at_once(self, type_: NotificationType) -> bool:
        """Tell whether a notification of this type is mailed by itself, and not in the digest or not at all."""
        return self.mail[type_] and (self.digest == Digest.NONE or TYPES[type_].urgent)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChanges:
    """What somebody chooses anew.

    What is None, and a type that is not named, stays as it is.
    """

    mail: Mapping[NotificationType, bool] = field(default_factory=dict)
    reminders_minutes: tuple[int, ...] | None = None
    digest: Digest | None = None


def of(session: Session | Connection, user_ids: Collection[int]) -> dict[int, Settings]:
    """Return what each of these people chose."""
    columns = (NotificationSettings.mail, NotificationSettings.reminders_minutes, NotificationSettings.digest)
    query = select(NotificationSettings.user_id, *columns).where(NotificationSettings.user_id.in_(user_ids))
    chosen = {row.user_id: _settings(row.mail, row.reminders_minutes, row.digest) for row in session.execute(query)}
    return {user_id: chosen.get(user_id) or Settings() for user_id in user_ids}


def _settings(mail: Mapping[str, bool], reminders: Collection[int] | None, digest: Digest) -> Settings:
    # A type that has become obligatory since is mailed whatever was chosen, and one that is no more is left out.
    mails = {type_: mail.get(type_, facts.mail) or not facts.optional for type_, facts in TYPES.items()}
    minutes = REMINDERS if reminders is None else tuple(sorted(reminders, reverse=True))
    return Settings(mail=mails, reminders_minutes=minutes, digest=digest)
