"""Tables of the audit log.

The database refuses to change or delete their rows. They hold ids, numbers, times and words of ours, and no text that
people have written, so nothing in them has to be taken away when a person's data is erased.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.rights import STAFF
from database import Id, Instant, one_of
from extensions import Base

# As whom an operator acts, with a `flask` command.
OPERATOR = "operator"


class AuditEntry(Base):
    """One thing that was done, or looked at, with one request or one command."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        CheckConstraint(one_of("role", (*STAFF, OPERATOR)), name="role"),
        Index("ix_audit_entries_at", "at", "id"),
        Index("ix_audit_entries_actor", "actor_id", "at", "id"),
        Index("ix_audit_entries_action", "action", "at", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    # None is an operator.
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # What they were then.
    role: Mapped[str] = mapped_column(String(10))
    # The endpoint or the command.
    action: Mapped[str] = mapped_column(String(80))
    # Whether something private was only looked at.
    looked: Mapped[bool] = mapped_column(Boolean)
    # What the request named, for example a gig.
    subject_type: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    # JSON: of each changed row, such as "gigs 7", what has changed.
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)


class AuditPerson(Base):
    """Whom an entry is about, beside who did it."""

    __tablename__ = "audit_people"
    __table_args__ = (Index("ix_audit_people_user", "user_id", "entry_id"),)

    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entries.id"), primary_key=True)
    # No foreign key: an entry outlives the stand-in of an invited student, which ends with the invitation.
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
