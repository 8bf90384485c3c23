"""Recommend gigs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

import tags
from caching import invalidate
from database import writing
from errors import Busy, Invalid
from gigs.discovery.models import FeaturedGig
from gigs.models import Gig


def feature(gig_ids: Sequence[int]) -> None:
    """Recommend these gigs, in this order, and no others.

    One that is not public is shown as soon as it is. Raises Invalid if there is no such gig, or Busy.
    """
    try:
        with writing() as session:
            known = set(session.scalars(select(Gig.id).where(Gig.id.in_(gig_ids))))
            if unknown := [gig_id for gig_id in gig_ids if gig_id not in known]:
                raise Invalid({"gig_ids": [f"There is no gig {gig_id}." for gig_id in unknown]})
            invalidate(tags.public_gigs())
            session.execute(delete(FeaturedGig))
            session.add_all(FeaturedGig(position=place, gig_id=gig_id) for place, gig_id in enumerate(gig_ids))
    except IntegrityError as error:
        # Another administrator does the same at this moment.
        raise Busy from error
