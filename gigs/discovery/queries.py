"""Cached reads of what leads people to gigs that they have not searched for.

All of them show public gigs alone, so what makes the public lists old makes these old.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, case, func, literal, or_, select

import tags
from accounts.models import User
from caching import BoundRead, cache, invalidation_check
from gigs.discovery.models import FeaturedGig
from gigs.models import Gig, GigSkill
from gigs.queries import described
from gigs.search.filters import LISTED
from gigs.search.kept_counts import most_of
from gigs.search.text import key_of
from jsontext import JsonObject

MOST_SKILLS, MOST_SIMILAR = 50, 6

invalidation_check.watch(FeaturedGig, {tags.public_gigs: ()})


# Invalidated by: another choice of an administrator, and whatever changes the public lists.
@cache.stamped("featured", ttl=600, tag=tags.public_gigs)
def featured(connection: Connection) -> JsonObject:
    """List the recommended gigs that are public now, in the order of their recommendation."""
    chosen = select(FeaturedGig.gig_id).join(Gig, Gig.id == FeaturedGig.gig_id).join(User, User.id == Gig.teacher_id)
    ids = connection.scalars(chosen.where(*LISTED).order_by(FeaturedGig.position)).all()
    return _page(connection, ids)


# Invalidated by: whatever changes the public lists.
@cache.stamped("popular-skills", ttl=3600, tag=tags.public_gigs)
def popular_skills(connection: Connection) -> JsonObject:
    """List the skills that most public gigs teach."""
    return {"data": most_of(connection, "skill", MOST_SKILLS), "next_cursor": None}


# Invalidated by: the same. What the gig itself is like stands among the arguments.
@cache.stamped("similar", ttl=600, tag=tags.public_gigs)
def similar(connection: Connection, gig_id: int, category: str, skills: tuple[str, ...]) -> JsonObject:
    """List public gigs of the same subject or with the same skills, the most alike first."""
    shared = select(func.count()).where(GigSkill.gig_id == Gig.id, GigSkill.skill_key.in_(skills)).scalar_subquery()
    same_subject: ColumnElement[int] = case((Gig.category_key == category, literal(2)), else_=literal(0))
    alike = or_(
        Gig.category_key == category,
        Gig.id.in_(select(GigSkill.gig_id).where(GigSkill.skill_key.in_(skills))),
    )
    found = select(Gig.id).join(User).where(*LISTED, alike, Gig.id != gig_id)
    found = found.order_by((same_subject + shared).desc(), Gig.popularity.desc(), Gig.id.desc()).limit(MOST_SIMILAR)
    return _page(connection, connection.scalars(found).all())


def similar_to(gig: JsonObject) -> BoundRead:
    """Name the read of what is similar to a gig as `gigs.queries.gig` describes it."""
    return similar.at(gig["id"], key_of(gig["category"]), tuple(sorted(map(key_of, gig["skills"]))))


def _page(connection: Connection, ids: Sequence[int]) -> JsonObject:
    shown = described(connection, ids) if ids else {}
    return {"data": [shown[gig_id] for gig_id in ids], "next_cursor": None}
