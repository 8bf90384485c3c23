"""Reads for those who run the school: what needs a look, and all gigs.

They are few readers, who want to see each change at once, so nothing of it is cached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from accounts.models import User
from accounts.teaching.queries import waits
from bookings.models import Booking
from bookings.statuses import BookingStatus
from database import reading
from enrolment.applications.models import Application
from enrolment.statuses import ApplicationStatus
from gigs.discovery.models import FeaturedGig
from gigs.models import Gig, GigStatus
from jobs.models import Job, JobState
from jsontext import JsonObject
from mail.models import MailState, SentMail
from payments.queries import TO_CHECK, all_payments_page
from reviews.models import Review
from reviews.moderation.queries import LOW
from reviews.queries import SHOWN
from web.pagination import Position, page

# A request should be answered within a day. What is older than a week is no news.
IN_TIME, NEWS = timedelta(days=1), timedelta(days=7)


class WhichGigs(StrEnum):
    """Which gigs of the school."""

    ALL = "all"
    PUBLISHED = "published"
    PAUSED = "paused"
    DRAFT = "draft"
    ARCHIVED = "archived"
    FEATURED = "featured"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllGigsQuery:
    """What the list of all gigs is narrowed to."""

    filter: WhichGigs = WhichGigs.ALL
    q: str | None = None
    teacher_id: int | None = None
    limit: int
    after: Position | None = None


def what_waits(now: datetime) -> dict[str, int]:
    """Count what needs a look, by what it is."""
    counts: dict[str, Select[Any]] = {
        "requests": _count(
            Booking.status == BookingStatus.PENDING, Booking.created_at <= now - IN_TIME, Booking.starts_at > now
        ),
        "applications": _count(Application.status == ApplicationStatus.PENDING),
        "teachers": select(func.count()).where(*waits()),
        "reviews": _count(SHOWN, Review.rating <= LOW, Review.created_at > now - NEWS),
        "jobs": _count(Job.state == JobState.DEAD),
        "mails": _count(SentMail.state == MailState.REFUSED, SentMail.at > now - NEWS),
    }
    together = select(*(each.scalar_subquery().label(name) for name, each in counts.items()))
    with reading() as connection:
        waiting = dict(connection.execute(together).one()._mapping)
    return waiting | {"payments": len(all_payments_page(TO_CHECK).json()["data"])}


def all_gigs(query: AllGigsQuery) -> JsonObject:
    """List the gigs of the school, the newest first.

    Those that are recommended come in their order, all at once.
    """
    columns: list[Any] = [Gig.id, Gig.title, Gig.status, Gig.visibility, Gig.category, Gig.price_cents, Gig.currency]
    columns += [Gig.duration_minutes, Gig.teacher_id, User.name.label("teacher"), FeaturedGig.position]
    found = select(*columns).join(User, User.id == Gig.teacher_id).join(FeaturedGig, isouter=True)
    if query.teacher_id:
        found = found.where(Gig.teacher_id == query.teacher_id)
    if query.q:
        found = found.where(Gig.title.icontains(query.q, autoescape=True))
    with reading() as connection:
        if query.filter is WhichGigs.FEATURED:
            rows = connection.execute(found.where(FeaturedGig.position.is_not(None)).order_by(FeaturedGig.position))
            return {"data": [_show(row) for row in rows], "next_cursor": None}
        if query.filter is not WhichGigs.ALL:
            found = found.where(Gig.status == GigStatus(query.filter))
        if query.after:
            found = found.where(Gig.id < query.after[1])
        listed = connection.execute(found.order_by(Gig.id.desc()).limit(query.limit + 1)).all()
    return page(listed, limit=query.limit, order="newest", position=lambda row: (0, row.id), show=_show)


def featured_ids() -> list[int]:
    """Return the gigs that are recommended, in their order."""
    with reading() as connection:
        return list(connection.scalars(select(FeaturedGig.gig_id).order_by(FeaturedGig.position)))


def _count(first: ColumnElement[bool], *more: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).where(first, *more)


def _show(row: Row[Any]) -> JsonObject:
    names = ("id", "title", "status", "visibility", "category", "price_cents", "currency", "duration_minutes")
    shown: JsonObject = {name: getattr(row, name) for name in names}
    return shown | {"teacher": {"id": row.teacher_id, "name": row.teacher}, "featured": row.position is not None}


def moved(ids: Sequence[int], gig_id: int, by: int) -> list[int]:
    """Move a gig up or down in an order, as far as there is room."""
    order = list(ids)
    if gig_id in order:
        place = order.index(gig_id)
        order.remove(gig_id)
        order.insert(max(0, place + by), gig_id)
    return order
