"""Tables of what people are told, and of what they chose about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, enum_column, one_of, only_where
from extensions import Base
from notifications.types import NotificationType

LONGEST_KEY, LONGEST_TYPE, LONGEST_TITLE, LONGEST_TEXT, LONGEST_PATH = 120, 40, 200, 1000, 300


class Digest(StrEnum):
    """How often somebody gets one mail about everything that is new."""

    NONE = "none"
    DAILY = "daily"


class Notification(Base):
    """One thing that one person is told.

    `key` says what about: one key is one notification, however often the work that writes it is repeated. `path` is
    the page that it leads to, below the address of Lectern.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        Index("ix_notifications_user_id_id", "user_id", "id"),
        Index("ix_notifications_unread", "user_id", "id", **only_where("read_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    # The words of `NotificationType`. The database does not check them, so that a new one needs no migration.
    type: Mapped[str] = mapped_column(String(LONGEST_TYPE))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    text: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    path: Mapped[str] = mapped_column(String(LONGEST_PATH))
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)
    read_at: Mapped[datetime | None] = mapped_column(Instant)


class NotificationSettings(Base):
    """What somebody chose about what they are told.

    Who chose nothing has no row.
    """

    __tablename__ = "notification_settings"
    __table_args__ = (CheckConstraint(one_of("digest", Digest), name="digest"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    # Whether mails of a type are wanted, for those types about which something was chosen.
    mail: Mapped[dict[str, bool]] = mapped_column(JSON)
    # How long before a lesson they are reminded of it; None as long as nothing was chosen.
    reminders_minutes: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    digest: Mapped[Digest] = mapped_column(enum_column(Digest, 10))
    # What was told up to then was in a digest already, or was mailed by itself before there were any.
    last_digest_at: Mapped[datetime | None] = mapped_column(Instant)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotification:
    """What somebody is to be told."""

    key: str
    type: NotificationType
    title: str
    text: str
    path: str
