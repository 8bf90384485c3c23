"""The table of invitations by mail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import Role
from database import Id, Instant, enum_column, one_of
from extensions import Base


class SchoolInvitation(Base):
    """An invitation to open an account that has not been accepted yet.

    There is one for an address. It has nothing to do with lessons: those that teachers enter wait at a stand-in
    (`accounts/invitations/`), and come to whoever opens an account with the address.
    """

    __tablename__ = "school_invitations"
    __table_args__ = (CheckConstraint(one_of("role", Role), name="role"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    # As addresses are compared.
    email: Mapped[str] = mapped_column(String(254), unique=True)
    role: Mapped[Role] = mapped_column(enum_column(Role, 10))
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    # The hash of the token in the newest mail; None until that is sent.
    digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvitation:
    """Who is invited: the owner of an address, and as what."""

    email: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """What somebody enters who accepts an invitation."""

    name: str
    password: str = field(repr=False)
    time_zone: str
