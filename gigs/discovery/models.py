"""The table of gigs that administrators recommend."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from extensions import Base


class FeaturedGig(Base):
    """A gig that the start page shows first, in the order of its `position`."""

    __tablename__ = "featured_gigs"
    __table_args__ = (UniqueConstraint("gig_id"),)

    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    gig_id: Mapped[int] = mapped_column(ForeignKey("gigs.id"))
