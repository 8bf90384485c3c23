"""How popular gigs are: the number of lessons asked for lately.

It is recomputed now and then, so that the order of lists stands still in between.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update

import tags
from bookings.models import Booking
from bookings.statuses import CAME_TO_NOTHING
from caching import invalidate
from database import change_in_bulk, writing
from gigs.models import Gig

LATELY = timedelta(days=90)


def refresh_popularity(now: datetime) -> int:
    """Count each gig's bookings of the last 90 days that did not come to nothing.

    Returns how many numbers changed.
    """
    lately = (Booking.gig_id == Gig.id, Booking.created_at >= now - LATELY, Booking.status.not_in(CAME_TO_NOTHING))
    count = select(func.count(Booking.id)).where(*lately).scalar_subquery()
    changed = update(Gig).where(Gig.popularity != count).values(popularity=count)
    with writing() as session:
        rows = change_in_bulk(session, changed)
        if rows:
            invalidate(tags.public_gigs())
    return rows
