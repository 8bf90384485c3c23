"""Table of the tokens that are sent by mail."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, enum_column, one_of
from extensions import Base


class TokenUse(StrEnum):
    """What a token allows."""

    RESET = "reset"  # to choose a new password
    CONFIRM = "confirm"  # to confirm an address, the present or the next one


class AccountToken(Base):
    """A token that was sent to an address and has not been used yet.

    There is one for each use: a newer one takes its place. Who can read the table cannot use it, because it has hashes.
    """

    __tablename__ = "account_tokens"
    __table_args__ = (
        CheckConstraint(one_of("purpose", TokenUse), name="purpose"),
        UniqueConstraint("user_id", "purpose"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    purpose: Mapped[TokenUse] = mapped_column(enum_column(TokenUse, 10))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    # The address that it was sent to; it proves nothing about another one.
    email: Mapped[str] = mapped_column(String(254))
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
