"""The table of the school's own settings."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, enum_column, one_of
from extensions import Base
from jsontext import JsonObject
from web.pictures import PictureType

# The one row.
ONLY = 1
NAME = "Lectern"
# As long as the school has chosen none.
NO_ZONE = "UTC"


class Registration(StrEnum):
    """Who can make an account."""

    OPEN = "open"
    INVITATION = "invitation"
    CLOSED = "closed"


class Teaching(StrEnum):
    """Which teachers can publish gigs."""

    OPEN = "open"
    # Those whom the school has approved.
    APPROVED = "approved"


class School(Base):
    """The school's settings.

    There is one row, and none before anything was chosen.
    """

    __tablename__ = "school"
    __table_args__ = (
        CheckConstraint(f"id = {ONLY}", name="only_row"),
        CheckConstraint(one_of("registration", Registration), name="registration"),
        CheckConstraint(one_of("teaching", Teaching), name="teaching"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    # As `#rrggbb`; None is Lectern's own.
    accent_colour: Mapped[str | None] = mapped_column(String(7))
    imprint_url: Mapped[str | None] = mapped_column(Text)
    privacy_url: Mapped[str | None] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(String(3))
    time_zone: Mapped[str] = mapped_column(String(64))
    registration: Mapped[Registration] = mapped_column(enum_column(Registration, 10))
    teaching: Mapped[Teaching] = mapped_column(enum_column(Teaching, 10), server_default=Teaching.OPEN)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class SchoolLogo(Base):
    """The school's logo, if it has one: a picture that was drawn anew.

    It has a table of its own, so that who reads the settings does not read the picture.
    """

    __tablename__ = "school_logo"
    __table_args__ = (
        CheckConstraint(f"id = {ONLY}", name="only_row"),
        CheckConstraint(one_of("media_type", PictureType), name="media_type"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    # Of the content, as its address names it.
    digest: Mapped[str] = mapped_column(String(32))
    media_type: Mapped[PictureType] = mapped_column(enum_column(PictureType, 20))
    stored_at: Mapped[datetime] = mapped_column(Instant)
    content: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolSettings:
    """What an administrator chooses for the school."""

    name: str = NAME
    accent_colour: str | None = None
    imprint_url: str | None = None
    privacy_url: str | None = None
    currency: str = "EUR"
    time_zone: str = NO_ZONE
    registration: Registration = Registration.OPEN
    teaching: Teaching = Teaching.OPEN


FIELDS = tuple(SchoolSettings.__dataclass_fields__)
# What pages show of a school that has chosen nothing.
NOTHING_CHOSEN: JsonObject = {**asdict(SchoolSettings()), "logo": None}
