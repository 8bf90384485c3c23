"""Changes of reviews.

Each names the tags it makes old.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import events
import tags
from accounts.service import add_rating, change_rating
from bookings.models import Booking
from bookings.statuses import BookingStatus
from caching import invalidate
from database import writing
from errors import AlreadyReviewed, Forbidden, Invalid, NotFound, WrongState
from events import EventType
from reviews.models import NewReview, Review, ReviewChanges


def write_review(student_id: int, new: NewReview, *, now: datetime) -> int:
    """Review a completed lesson and count the rating.

    Return the review's id. Raises NotFound if it is not this student's lesson, WrongState if it is not completed, or
    AlreadyReviewed.
    """
    try:
        with writing() as session:
            lesson = _completed_lesson(session, new.booking_id, student_id)
            # The sum comes first: it locks the teacher's row, and a second review of the lesson takes it back.
            add_rating(session, lesson.teacher_id, new.rating)
            review = Review(
                booking_id=new.booking_id,
                student_id=student_id,
                teacher_id=lesson.teacher_id,
                rating=new.rating,
                comment=new.comment,
                created_at=now,
            )
            session.add(review)
            session.flush()
            _record(session, EventType.REVIEW_CREATED, review, by=student_id, now=now)
            invalidate(tags.teacher_reviews(lesson.teacher_id), tags.student_reviews(student_id))
    except IntegrityError as error:
        raise AlreadyReviewed from error
    return review.id


def change_review(review_id: int, user_id: int, changes: ReviewChanges, *, now: datetime) -> None:
    """Mark a review as read or reply to it, as its teacher, or put it in other words, as its student.

    Raises NotFound, or Forbidden if it is not theirs to do.
    """
    with writing() as session:
        review = session.get(Review, review_id, with_for_update=True)
        if review is None:
            raise NotFound
        if user_id == review.student_id and changes.by_student and not changes.by_teacher:
            _reword(session, review, changes)
        else:
            _answer(session, review, user_id, changes, now=now)
        invalidate(tags.teacher_reviews(review.teacher_id), tags.student_reviews(review.student_id))


def _answer(session: Session, review: Review, teacher_id: int, changes: ReviewChanges, *, now: datetime) -> None:
    if review.teacher_id != teacher_id:
        raise Forbidden("Only the reviewed teacher does that.")
    if changes.by_student:
        theirs = [name for name in ("rating", "comment") if getattr(changes, name) is not None]
        raise Invalid({name: ["Only the student who wrote a review changes it."] for name in theirs})
    if changes.read and review.read_at is None:
        review.read_at = now
    if changes.reply is not None:
        # Putting a reply into better words is nothing new.
        if changes.reply and not review.reply:
            _record(session, EventType.REVIEW_REPLIED, review, by=teacher_id, now=now)
        review.reply = changes.reply


def _reword(session: Session, review: Review, changes: ReviewChanges) -> None:
    rating = review.rating if changes.rating is None else changes.rating
    comment = review.comment if changes.comment is None else changes.comment
    if (rating, comment) == (review.rating, review.comment):
        return
    if review.hidden_at is None:
        change_rating(session, review.teacher_id, by=rating - review.rating)
    review.rating, review.comment = rating, comment
    # Its teacher has not read these words.
    review.read_at = None


def _record(session: Session, type_: EventType, review: Review, *, by: int, now: datetime) -> None:
    about = {name: getattr(review, name) for name in ("booking_id", "student_id", "teacher_id")}
    events.record(session, type_, at=now, actor_id=by, review_id=review.id, **about)


def _completed_lesson(session: Session, booking_id: int, student_id: int) -> Row[Any]:
    """Find the lesson that is to be reviewed.

    Completed is a final state, so it needs no lock.
    """
    columns: list[Any] = [Booking.teacher_id, Booking.status]
    statement = select(*columns).where(Booking.id == booking_id, Booking.student_id == student_id)
    lesson = session.execute(statement).one_or_none()
    if lesson is None:
        raise NotFound
    if lesson.status != BookingStatus.COMPLETED:
        detail = f"This lesson is {lesson.status}; only a completed one can be reviewed."
        raise WrongState(detail, current=lesson.status)
    return lesson
