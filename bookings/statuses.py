"""The statuses of a booking, and everything that the product knows about each of them.

A new status is a member of the enumeration and a row of `FACTS`. `states.py` says how a booking gets there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class BookingStatus(StrEnum):
    """Where a booking stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    COMPLETED = "completed"
    NO_SHOW = "no_show"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One row: what a status means for time, money, pages and calendars."""

    # Nobody else can have the lesson's time.
    takes_time: bool = False
    # The lesson counts towards the teacher's limits per day and week. What does not has come to nothing.
    counts: bool = False
    # Both sides have agreed, so they know where they meet.
    is_agreed: bool = False
    # People end a lesson with it. That may cost a fee, and makes the lesson's place free.
    is_ending: bool = False
    # Its student may owe something, of which the price is not the measure: a fee.
    may_leave_fee: bool = False

    # The badge.
    word: str
    icon: str
    # One sentence on the lesson's page, `{student}` being the student; empty where it depends on who has to answer.
    sentence: str = ""
    # The button that brings it about, and what pages say afterwards; empty where only the clock does that.
    button: str = ""
    done: str = ""
    done_for_series: str = ""

    # What stands before the title in calendar programs, many of which show nothing else.
    calendar_prefix: str = ""


# In the order of the tabs of "My lessons".
FACTS = {
    BookingStatus.PENDING: Facts(
        takes_time=True,
        counts=True,
        word="Waiting",
        icon="clock",
        calendar_prefix="Not yet accepted: ",
    ),
    BookingStatus.ACCEPTED: Facts(
        takes_time=True,
        counts=True,
        is_agreed=True,
        word="Accepted",
        icon="calendar",
        sentence="This lesson is agreed on.",
        button="Accept",
        done="The lesson is agreed on.",
        done_for_series="lessons are agreed on.",
    ),
    BookingStatus.COMPLETED: Facts(
        counts=True,
        is_agreed=True,
        word="Completed",
        icon="check",
        sentence="This lesson took place.",
        button="Mark as completed",
        done="The lesson is marked as completed.",
        done_for_series="lessons are marked as completed.",
    ),
    BookingStatus.REJECTED: Facts(
        is_ending=True,
        may_leave_fee=True,
        word="Declined",
        icon="cross",
        sentence="This lesson was declined.",
        button="Decline",
        done="The lesson is declined.",
        done_for_series="lessons are declined.",
        calendar_prefix="Declined: ",
    ),
    BookingStatus.CANCELLED: Facts(
        is_ending=True,
        may_leave_fee=True,
        word="Cancelled",
        icon="slash",
        sentence="This lesson was cancelled.",
        button="Cancel",
        done="The lesson is cancelled.",
        done_for_series="lessons are cancelled.",
        calendar_prefix="Cancelled: ",
    ),
    BookingStatus.EXPIRED: Facts(
        may_leave_fee=True,
        word="Expired",
        icon="expired",
        sentence="Nobody answered in time.",
        calendar_prefix="Expired: ",
    ),
    BookingStatus.NO_SHOW: Facts(
        counts=True,
        is_agreed=True,
        may_leave_fee=True,
        word="No-show",
        icon="absent",
        sentence="This lesson did not take place, because {student} did not come.",
        button="No-show",
        done="The lesson is noted as a no-show.",
        done_for_series="lessons are noted as no-shows.",
        calendar_prefix="No-show: ",
    ),
}


def _those(fact: Callable[[Facts], bool]) -> tuple[BookingStatus, ...]:
    return tuple(status for status, facts in FACTS.items() if fact(facts))


ACTIVE = _those(lambda facts: facts.takes_time)
COUNTED = _those(lambda facts: facts.counts)
CAME_TO_NOTHING = _those(lambda facts: not facts.counts)
AGREED = _those(lambda facts: facts.is_agreed)
ENDINGS = _those(lambda facts: facts.is_ending)
LEAVES_FEE = _those(lambda facts: facts.may_leave_fee)
