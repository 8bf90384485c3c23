"""What the tables of the demo school are made of.

Days count from today: -7 is a week ago.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from accounts.models import Role
from bookings.statuses import BookingStatus
from gigs.models import Confirmation, GigStatus, Visibility

# What happens and when: a function that is given the time.
Steps = Iterator[tuple[datetime, Callable[[datetime], None]]]


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """An account.

    Its address is made of its key. `joined` is how many days ago they registered.
    """

    key: str
    name: str
    role: Role
    time_zone: str
    joined: int
    headline: str = ""
    bio: str = ""

    @property
    def email(self) -> str:
        """Return the address.

        The domain is reserved for examples, so nobody ever gets mail.
        """
        return f"{self.key}@example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoGig:
    """A gig.

    `steps` are the statuses that it was given after it was drafted. By default it meets online.
    """

    key: str
    teacher: str
    category: str
    title: str
    summary: str
    description: str
    skills: tuple[str, ...]
    price_cents: int
    currency: str = "EUR"
    minutes: int
    capacity: int = 1
    free_cancellation_hours: int = 0
    late_cancellation_percent: int = 0
    location: str = ""
    confirmation: Confirmation = Confirmation.ASK
    steps: tuple[GigStatus, ...] = (GigStatus.PUBLISHED,)
    visibility: Visibility = Visibility.PUBLIC

    @property
    def place(self) -> str:
        """Return where the lessons happen."""
        return self.location or f"https://meet.example.org/{self.teacher}"


@dataclass(frozen=True, slots=True)
class DemoAvailability:
    """When a teacher can be booked, by their own clock: times are written as "09:00-17:00".

    `daily` holds on all days of the week, for lessons are told by days from today; `also` on some. `on` has the days
    that are different, without times they are days off; `away` the first day off and the first one after it.
    """

    teacher: str
    daily: tuple[str, ...]
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    on: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    away: tuple[tuple[int, int], ...] = ()
    terms: Mapping[str, int] = field(default_factory=dict)
    # Names of further schedules, with their times on all days; and what is blocked: the day, the times and a note.
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    blocked: tuple[tuple[int, str, str], ...] = ()


class Moment(StrEnum):
    """When something happens to a booking."""

    SOON = "within hours after it was asked for"
    THE_DAY_BEFORE = "the day before the lesson"
    AFTERWARDS = "when the lesson is over"
    AT_ITS_START = "when the lesson would have begun"


@dataclass(frozen=True, slots=True)
class Turn:
    """One change of a booking.

    `who` None is the clock.
    """

    to: BookingStatus
    who: Role | None
    when: Moment


YES = Turn(BookingStatus.ACCEPTED, Role.TEACHER, Moment.SOON)

WAITING: tuple[Turn, ...] = ()
AGREED = (YES,)
HELD = (YES, Turn(BookingStatus.COMPLETED, Role.TEACHER, Moment.AFTERWARDS))
MISSED = (YES, Turn(BookingStatus.NO_SHOW, Role.TEACHER, Moment.AFTERWARDS))
DECLINED = (Turn(BookingStatus.REJECTED, Role.TEACHER, Moment.SOON),)
WITHDRAWN = (Turn(BookingStatus.CANCELLED, Role.STUDENT, Moment.SOON),)
CALLED_OFF = (YES, Turn(BookingStatus.CANCELLED, Role.STUDENT, Moment.THE_DAY_BEFORE))
TEACHER_AWAY = (YES, Turn(BookingStatus.CANCELLED, Role.TEACHER, Moment.THE_DAY_BEFORE))
UNANSWERED = (Turn(BookingStatus.EXPIRED, None, Moment.AT_ITS_START),)


# Student, gig and day tell a lesson from all others.
LessonKey = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class DemoMove:
    """Another time for an agreed lesson: who moves it, or asks to, to which day and time, and why."""

    student: str
    gig: str
    day: int
    who: Role
    to_day: int
    to_time: str
    reason: str


@dataclass(frozen=True, slots=True)
class DemoLesson:
    """A booking: on which day, at what time by the teacher's clock, and what became of it.

    `reason` is what was said with the last change.
    """

    student: str
    gig: str
    day: int
    time: str
    story: tuple[Turn, ...]
    note: str = ""
    reason: str = ""

    @property
    def key(self) -> LessonKey:
        """Name the lesson."""
        return self.student, self.gig, self.day


@dataclass(frozen=True, slots=True)
class DemoReview:
    """What a student said about the lesson of that day.

    A review with a reply has been read.
    """

    student: str
    gig: str
    day: int
    rating: int
    comment: str
    reply: str = ""
    read: bool = False

    @property
    def key(self) -> LessonKey:
        """Name the lesson."""
        return self.student, self.gig, self.day


@dataclass(frozen=True, slots=True)
class DemoMessage:
    """What was written yesterday beside a lesson, at what time, by its student unless by its teacher."""

    lesson: LessonKey
    time: str
    text: str
    by_teacher: bool = False
    read: bool = False


@dataclass(frozen=True, slots=True)
class DemoNote:
    """What a teacher noted yesterday about a student."""

    student: str
    teacher: str
    text: str
    shared: bool = False
