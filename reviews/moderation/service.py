"""Hide reviews, and show them again: for those who run the school."""

from __future__ import annotations

from datetime import datetime

import events
import tags
from accounts.actors import Actor
from accounts.rights import runs_school
from accounts.service import add_rating, take_rating
from caching import invalidate
from database import writing
from errors import Forbidden, NotFound
from events import EventType
from reviews.models import Review


def set_hidden(review_id: int, actor: Actor, *, hidden: bool, reason: str = "", now: datetime) -> None:
    """Hide a review from the public and from its teacher's rating, or show it again.

    To do so twice changes no more than the reason. Raises Forbidden or NotFound.
    """
    if not runs_school(actor.role):
        raise Forbidden("Only those who run the school hide reviews.")
    with writing() as session:
        review = session.get(Review, review_id, with_for_update=True)
        if review is None:
            raise NotFound
        was_hidden = review.hidden_at is not None
        review.hidden_reason = reason if hidden else ""
        if hidden != was_hidden:
            change = take_rating if hidden else add_rating
            change(session, review.teacher_id, review.rating)
            review.hidden_at = now if hidden else None
            type_ = EventType.REVIEW_HIDDEN if hidden else EventType.REVIEW_RESTORED
            about = {name: getattr(review, name) for name in ("booking_id", "student_id", "teacher_id")}
            about |= {"reason": reason} if hidden else {}
            events.record(session, type_, at=now, actor_id=actor.id, review_id=review.id, **about)
        invalidate(tags.teacher_reviews(review.teacher_id), tags.student_reviews(review.student_id))
