"""Tables of what people have looked at and searched for."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant
from extensions import Base


class GigView(Base):
    """A gig was looked at: one row for a viewer and a day, by UTC."""

    __tablename__ = "gig_views"
    __table_args__ = (UniqueConstraint("gig_id", "day", "viewer"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    gig_id: Mapped[int] = mapped_column(ForeignKey("gigs.id"))
    day: Mapped[date] = mapped_column(Date)
    # A keyed hash of an account, or of an address; that of an address is another one each day.
    viewer: Mapped[str] = mapped_column(String(32))


class RecentGig(Base):
    """A gig that a person has looked at, and when last."""

    __tablename__ = "recent_gigs"
    __table_args__ = (Index("ix_recent_gigs_newest", "user_id", "seen_at"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    gig_id: Mapped[int] = mapped_column(ForeignKey("gigs.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(Instant)


class Search(Base):
    """A search that a person has made, and when last."""

    __tablename__ = "searches"
    __table_args__ = (UniqueConstraint("user_id", "key"), Index("ix_searches_newest", "user_id", "searched_at"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    # Its words as they are compared, so that each search is there once.
    key: Mapped[str] = mapped_column(String(300))
    # And as they were typed last.
    words: Mapped[str] = mapped_column(String(100))
    searched_at: Mapped[datetime] = mapped_column(Instant)
