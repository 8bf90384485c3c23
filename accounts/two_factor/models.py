"""Tables of two-factor sign-in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant
from extensions import Base

# How long a new secret waits for the first code of the app that has it.
SETUP_LASTS = timedelta(minutes=30)


class TwoFactor(Base):
    """The secret that a user's app makes its codes from.

    It counts once `confirmed_at` is set: before that nobody has shown that the app has it.
    """

    __tablename__ = "two_factor"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), unique=True)
    # The random word that the secret is computed from, with a key that the database does not have.
    salt: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    # The step of the clock whose code was used last: that one and earlier ones count no more.
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCode(Base):
    """A code that counts once, for an owner whose app is lost.

    It is deleted when it is used.
    """

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "digest"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    digest: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, slots=True)
class Setup:
    """What an app needs: the secret, and the account that it is for."""

    secret: str = field(repr=False)
    account: str
