"""Tables of people: users and their sign-ins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, false, true
from sqlalchemy.orm import Mapped, mapped_column, validates

from accounts.names import fold
from database import Id, Instant, enum_column, one_of
from extensions import Base

LONGEST_NAME = 80


class Role(StrEnum):
    """What a person is here for.

    Everyone has exactly one role.
    """

    STUDENT = "student"
    TEACHER = "teacher"
    # Runs the school day by day, and leaves settings, roles and erasure to administrators.
    OFFICE = "office"
    ADMIN = "admin"


class User(Base):
    """A person with an account.

    A teacher's ratings are summed up here, so that lists need not count reviews.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(one_of("role", Role), name="role"),
        Index("ix_users_role_id", "role", "id"),
        Index("ix_users_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    # As it is compared: trimmed and in lower case.
    email: Mapped[str] = mapped_column(String(254), unique=True)
    # None as long as nobody has shown that the mails to this address are theirs.
    email_confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    # The address that takes its place when it is confirmed.
    new_email: Mapped[str | None] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    # The name in the form that is searched.
    name_key: Mapped[str] = mapped_column(Text, default="")
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[Role] = mapped_column(enum_column(Role, 10))
    time_zone: Mapped[str] = mapped_column(String(64))
    headline: Mapped[str] = mapped_column(String(200), default="")
    # The headline in the form that is searched.
    headline_key: Mapped[str] = mapped_column(Text, default="")
    bio: Mapped[str] = mapped_column(Text, default="")
    rating_sum: Mapped[int] = mapped_column(Integer, default=0)
    rating_count: Mapped[int] = mapped_column(Integer, default=0)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    # Whether to remember what this user searches for.
    keeps_searches: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    # Whether to be named in leaderboards.
    in_leaderboards: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(Instant)

    @validates("name", "headline")
    def _fold(self, column: str, text: str) -> str:
        """Keep the searched form of a name and of a headline beside it, wherever it is set."""
        setattr(self, f"{column}_key", fold(text))
        return text


class SignIn(Base):
    """One sign-in of a user, by a browser or a program.

    It is a family of refresh tokens, or a session cookie. Access tokens and cookies name it, and count until
    `revoked_at` is set.
    """

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    # The one refresh token of the family that has not been used yet; None for a browser.
    refresh_id: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """Who registers, as they entered it."""

    name: str
    email: str
    password: str
    role: Role
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChanges:
    """New values for what a user says about themselves.

    None changes nothing.
    """

    name: str | None = None
    time_zone: str | None = None
    headline: str | None = None
    bio: str | None = None
    keeps_searches: bool | None = None
    in_leaderboards: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChange:
    """A new password, with the present one as a proof."""

    current: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChange:
    """A new address to sign in with, with the current password as a proof."""

    email: str
    current_password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanges:
    """What a user changes about their account."""

    profile: ProfileChanges
    password: PasswordChange | None = None
    address: AddressChange | None = None
