"""The table of stand-ins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, only_where
from extensions import Base


class Invitation(Base):
    """An account that stands in for the owner of an address until they answer.

    There is one for each teacher. It bears the name that the teacher has typed. Whether the address has an account
    besides does not matter for it, so that nothing about it can be told from the stand-in. Nobody can sign in with it.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("teacher_id", "email"),
        Index("ix_invitations_email", "email"),
        Index("ix_invitations_asked_id", "asked_id", **only_where("asked_id IS NOT NULL")),
    )

    user_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id"), primary_key=True, autoincrement=False)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    # As addresses are compared.
    email: Mapped[str] = mapped_column(String(254))
    # The account whose owner is asked, once it has been found out that there is one.
    asked_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # When its owner has said that the lessons are not theirs; what is entered afterwards is asked about again.
    declined_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
