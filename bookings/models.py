"""Tables of bookings.

The database itself refuses two held times that overlap: see the migration 0014.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import Role
from bookings.statuses import BookingStatus
from database import Id, Instant, enum_column, one_of, only_where
from extensions import Base

# No gig lasts longer, so no lesson that began longer before an instant is still going on.
LONGEST_LESSON = timedelta(minutes=480)


# A move is asked for as a whole, and only of a lesson that is agreed on.
_WHOLE_WISH = (
    f"move_asked_by IS NULL OR ({one_of('move_asked_by', (Role.STUDENT, Role.TEACHER))} "
    "AND status = 'accepted' AND move_starts_at IS NOT NULL AND move_ends_at > move_starts_at "
    "AND move_seat >= 1 AND move_asked_at IS NOT NULL)"
)


class Booking(Base):
    """One lesson of a student with a teacher, in the half-open interval from `starts_at` to `ends_at`.

    Price, currency and what it costs to call the lesson off are the gig's at the time of booking.
    """

    __tablename__ = "bookings"
    __table_args__ = (
        CheckConstraint(one_of("status", BookingStatus), name="status"),
        CheckConstraint(one_of("requested_by", (Role.STUDENT, Role.TEACHER)), name="requested_by"),
        CheckConstraint("ends_at > starts_at", name="interval"),
        CheckConstraint("seat >= 1", name="seat"),
        CheckConstraint("free_cancellation_hours BETWEEN 0 AND 720", name="free_cancellation_hours"),
        CheckConstraint("late_cancellation_percent BETWEEN 0 AND 100", name="late_cancellation_percent"),
        Index("ix_bookings_student", "student_id", "starts_at", "id"),
        Index("ix_bookings_teacher", "teacher_id", "starts_at", "id"),
        # Whether two people have had to do with each other.
        Index("ix_bookings_pair", "teacher_id", "student_id", "starts_at"),
        Index("ix_bookings_starts_at", "starts_at", "id"),
        Index("ix_bookings_status", "status", "starts_at"),
        Index("ix_bookings_gig", "gig_id", "starts_at"),
        Index("ix_bookings_series", "series_id", "starts_at", **only_where("series_id IS NOT NULL")),
        Index("ix_bookings_offered", "offered_until", **only_where("offered_until IS NOT NULL")),
        Index("ix_bookings_session", "session_id", "id", **only_where("session_id IS NOT NULL")),
        CheckConstraint(_WHOLE_WISH, name="move"),
        Index("ix_bookings_move", "move_starts_at", **only_where("move_starts_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    gig_id: Mapped[int] = mapped_column(ForeignKey("gigs.id"))
    student_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    requested_by: Mapped[Role] = mapped_column(enum_column(Role, 10), default=Role.STUDENT)
    status: Mapped[BookingStatus] = mapped_column(enum_column(BookingStatus, 10), default=BookingStatus.PENDING)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    # From 1 to the gig's capacity: the students of a group lesson sit on different seats of the same start.
    seat: Mapped[int] = mapped_column(Integer, default=1)
    # While a place is kept for somebody who waited for it and has not taken it yet: until when.
    offered_until: Mapped[datetime | None] = mapped_column(Instant)
    # While another time is asked for: which one, on which seat, by whom. Both times are held until the answer.
    move_starts_at: Mapped[datetime | None] = mapped_column(Instant)
    move_ends_at: Mapped[datetime | None] = mapped_column(Instant)
    move_seat: Mapped[int | None] = mapped_column(Integer)
    move_asked_by: Mapped[Role | None] = mapped_column(enum_column(Role, 10))
    move_asked_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(Text, default="")
    # The session of a gig with a timetable that it is a place in.
    session_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"))
    # What the lessons of a weekly series have in common: the id of the first one.
    series_id: Mapped[int | None] = mapped_column(Id)
    price_cents: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3))
    # `bookings/rules/cancellation.py` says what these mean; the fee is that of a lesson which has been called off.
    free_cancellation_hours: Mapped[int] = mapped_column(Integer, default=0)
    late_cancellation_percent: Mapped[int] = mapped_column(Integer, default=0)
    fee_since: Mapped[datetime | None] = mapped_column(Instant)
    cancellation_fee_cents: Mapped[int | None] = mapped_column(Integer)
    # When somebody else entered it as agreed, and when its student has seen that.
    entered_at: Mapped[datetime | None] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class BookingEvent(Base):
    """One change of a booking: who, when, from which status to which, and why.

    `actor_id` is None for the clock and the waitlist.
    """

    __tablename__ = "booking_events"
    __table_args__ = (Index("ix_booking_events_booking", "booking_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    from_status: Mapped[BookingStatus | None] = mapped_column(enum_column(BookingStatus, 10))
    to_status: Mapped[BookingStatus] = mapped_column(enum_column(BookingStatus, 10))
    # What happened, in one word; of changes before there were wishes it is told from the other columns.
    what: Mapped[str | None] = mapped_column(String(20))
    # Where the lesson was moved from, or is wished to be moved from.
    from_starts_at: Mapped[datetime | None] = mapped_column(Instant)
    to_starts_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(Text, default="")


class HeldTime(Base):
    """A stretch of time that nobody else can have.

    It is the lesson of an active booking, the time that it is asked to move to, or a session, empty or not. Triggers on
    `bookings` and `sessions` write these rows, so that they are right whatever code changes those, and the database
    refuses overlaps among them. The two times of one `holder` may overlap each other. It is a booking's id or, of a
    session and all its bookings, minus the session's.
    """

    __tablename__ = "held_times"
    __table_args__ = (
        Index("ix_held_times_booking", "booking_id"),
        Index("ix_held_times_student", "student_id", "starts_at"),
        Index("ix_held_times_teacher", "teacher_id", "starts_at"),
        # The guard against selling a seat twice.
        Index("uq_held_times_seat", "gig_id", "starts_at", "seat", unique=True),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"))
    # The booking's own foreign keys have looked at these three.
    student_id: Mapped[int | None] = mapped_column(Id)
    teacher_id: Mapped[int] = mapped_column(Id)
    gig_id: Mapped[int] = mapped_column(Id)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    seat: Mapped[int | None] = mapped_column(Integer)
    holder: Mapped[int] = mapped_column(Id)


class UnseenChange(Base):
    """What the other side has changed about a booking and a person has not seen yet."""

    __tablename__ = "unseen_changes"
    __table_args__ = (Index("ix_unseen_changes_user", "user_id", "at"),)

    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    what: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(Instant)
    # When the lesson began as the person knows it.
    from_starts_at: Mapped[datetime | None] = mapped_column(Instant)
