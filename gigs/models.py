"""Tables of gigs: what teachers offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, enum_column, one_of
from extensions import Base


class GigStatus(StrEnum):
    """Where a gig stands in its life.

    `gigs/states.py` has the transitions.
    """

    DRAFT = "draft"
    PUBLISHED = "published"
    PAUSED = "paused"
    ARCHIVED = "archived"


class Visibility(StrEnum):
    """Who finds a published gig: everyone, users with the link, or its teacher."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"


class Enrolment(StrEnum):
    """How students take part: by booking lessons, or by applying for a place."""

    BOOKING = "booking"
    APPLICATION = "application"


class Confirmation(StrEnum):
    """What becomes of a time that a student chooses: the teacher is asked, or it is theirs at once."""

    ASK = "ask"
    INSTANT = "instant"


class Times(StrEnum):
    """When lessons take place: at times that students choose, or in sessions of the teacher."""

    OPEN = "open"
    TIMETABLE = "timetable"


# The dearest lesson, if it is the shortest.
HIGHEST_HOURLY = 10_000_000 * 60 // 5


def hourly(price_cents: int, duration_minutes: int) -> int:
    """Return what an hour costs at this price for a lesson."""
    return price_cents * 60 // duration_minutes


def _price_in(row: DefaultExecutionContext) -> dict[str, int]:
    """Return the price in a row that is about to be written."""
    values: dict[str, Any] = row.get_current_parameters()  # type: ignore[no-untyped-call]
    return {name: values[name] for name in ("price_cents", "duration_minutes")}


class Gig(Base):
    """What a teacher offers, with its price per lesson."""

    __tablename__ = "gigs"
    __table_args__ = (
        CheckConstraint(one_of("status", GigStatus), name="status"),
        CheckConstraint(one_of("visibility", Visibility), name="visibility"),
        CheckConstraint(one_of("enrolment", Enrolment), name="enrolment"),
        CheckConstraint(one_of("confirmation", Confirmation), name="confirmation"),
        CheckConstraint(one_of("times", Times), name="times"),
        CheckConstraint("price_cents BETWEEN 0 AND 10000000", name="price"),
        CheckConstraint("duration_minutes BETWEEN 5 AND 480", name="duration"),
        CheckConstraint("capacity BETWEEN 1 AND 500", name="capacity"),
        CheckConstraint("places_taken BETWEEN 0 AND capacity", name="places_taken"),
        CheckConstraint("free_cancellation_hours BETWEEN 0 AND 720", name="free_cancellation_hours"),
        CheckConstraint("late_cancellation_percent BETWEEN 0 AND 100", name="late_cancellation_percent"),
        Index("ix_gigs_public_newest", "status", "visibility", "created_at", "id"),
        # The last three, so that the newest gigs of a band of prices are found in the index alone.
        Index(
            "ix_gigs_public_price",
            *("status", "visibility", "hourly_cents", "id", "created_at", "currency", "teacher_id"),
        ),
        Index("ix_gigs_public_popular", "status", "visibility", "popularity", "id"),
        Index("ix_gigs_teacher", "teacher_id", "id"),
        Index("ix_gigs_category", "category_key", "id"),
        Index("ix_gigs_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    status: Mapped[GigStatus] = mapped_column(enum_column(GigStatus, 10), default=GigStatus.DRAFT)
    visibility: Mapped[Visibility] = mapped_column(enum_column(Visibility, 10), default=Visibility.PUBLIC)
    enrolment: Mapped[Enrolment] = mapped_column(enum_column(Enrolment, 12), default=Enrolment.BOOKING)
    confirmation: Mapped[Confirmation] = mapped_column(enum_column(Confirmation, 10), default=Confirmation.ASK)
    times: Mapped[Times] = mapped_column(enum_column(Times, 10), default=Times.OPEN)
    title: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(String(200), default="")
    description: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(60))
    # The category in the form that is compared, so that "Maths" and "maths" are one.
    category_key: Mapped[str] = mapped_column(String(120))
    # Title, summary, category and skills in the form that is searched.
    search_text: Mapped[str] = mapped_column(Text)
    price_cents: Mapped[int] = mapped_column(Integer)
    # What an hour of it costs, so that lessons of different lengths can be compared.
    hourly_cents: Mapped[int] = mapped_column(Integer, default=lambda row: hourly(**_price_in(row)))
    currency: Mapped[str] = mapped_column(String(3))
    duration_minutes: Mapped[int] = mapped_column(Integer)
    capacity: Mapped[int] = mapped_column(Integer, default=1)
    # How many students have a place, counted by triggers on the assignments; only gigs that are applied for have any.
    places_taken: Mapped[int] = mapped_column(Integer, default=0)
    # Until so long before a lesson its student can call it off for nothing; then it costs that share of the price.
    free_cancellation_hours: Mapped[int] = mapped_column(Integer, default=0)
    late_cancellation_percent: Mapped[int] = mapped_column(Integer, default=0)
    # A place or a meeting link; shown to the two people of an accepted booking only.
    location: Mapped[str] = mapped_column(String(500), default="")
    # One of the teacher's schedules; None is their default one.
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey("schedules.id"))
    # How many lessons were booked lately; recomputed every 15 minutes, so that the order does not jump about.
    popularity: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class GigSkill(Base):
    """One skill that a gig teaches, in the order its teacher gave."""

    __tablename__ = "gig_skills"
    __table_args__ = (Index("ix_gig_skills_skill_key", "skill_key", "gig_id"),)

    gig_id: Mapped[int] = mapped_column(ForeignKey("gigs.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    skill: Mapped[str] = mapped_column(String(40))
    skill_key: Mapped[str] = mapped_column(String(80))


@dataclass(frozen=True, slots=True, kw_only=True)
class GigDraft:
    """What a teacher enters about a gig.

    CONTRIBUTING.md says what else belongs to a field.
    """

    title: str
    summary: str = ""
    description: str
    category: str
    price_cents: int
    currency: str
    duration_minutes: int
    capacity: int = 1
    enrolment: Enrolment = Enrolment.BOOKING
    confirmation: Confirmation = Confirmation.ASK
    times: Times = Times.OPEN
    free_cancellation_hours: int = 0
    late_cancellation_percent: int = 0
    location: str = ""
    schedule_id: int | None = None
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GigChanges:
    """New values for some fields of a `GigDraft`, by their names."""

    values: Mapping[str, Any]

    def applied_to(self, draft: GigDraft) -> GigDraft:
        """Return the draft with the new values.

        Raises TypeError for a name that is no field of it.
        """
        return replace(draft, **self.values)


# So much of a description is shown in lists.
LISTED_CHARACTERS = 200

# The fields that are columns of a gig; skills have a table of their own.
COLUMNS = tuple(field.name for field in fields(GigDraft) if field.name != "skills")
