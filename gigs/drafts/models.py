"""The table of what teachers have typed and not saved yet."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, only_where
from extensions import Base
from gigs.models import GigDraft

# What the editor of a gig has controls for.
TYPED = (*(field.name for field in fields(GigDraft)), "visibility")


class Autosave(Base):
    """What was typed last about a gig, or about one that does not exist yet.

    There is one for each gig and, without a gig, one for each teacher. It counts for nothing until it is saved as the
    gig itself.
    """

    __tablename__ = "autosaves"
    __table_args__ = (
        Index("uq_autosaves_gig", "gig_id", unique=True),
        Index("uq_autosaves_new", "teacher_id", unique=True, **only_where("gig_id IS NULL")),
        Index("ix_autosaves_saved_at", "saved_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    # The gig's teacher, even if an administrator is typing.
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    gig_id: Mapped[int | None] = mapped_column(ForeignKey("gigs.id"))
    # Grows with every save, so that of two open pages the second one notices the first.
    version: Mapped[int] = mapped_column(Integer)
    # A JSON object. It is read as a whole and never searched, so no database needs to understand it.
    fields: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(Instant)
