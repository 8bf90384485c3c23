"""The table of checks: what is true of every database, and who says so.

A check is a function that looks at everything and says in one sentence each what is wrong. It trusts no sum that the
product has stored or computes for its readers, but adds the rows up itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

import events.webhooks.invariants
import gigs.search.invariants
import payments.invariants
import payments.invoices.invariants
import reports.lesson_hours.invariants
from accounts.models import User
from enrolment.assignments.models import Assignment
from enrolment.statuses import AssignmentStatus
from gigs.models import Gig
from operators.doctor import money
from reviews.models import Review


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at, and what is true of it."""

    name: str
    says: str
    find: Callable[[Connection], Iterable[str]]


def wrong_ratings(connection: Connection) -> Iterator[str]:
    """Compare the ratings that stand with teachers with their reviews."""
    given: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    sums = select(Review.teacher_id, func.sum(Review.rating), func.count()).where(Review.hidden_at.is_(None))
    sums = sums.group_by(Review.teacher_id)
    given.update({teacher_id: (int(total), number) for teacher_id, total, number in connection.execute(sums)})
    for user_id, total, number in connection.execute(select(User.id, User.rating_sum, User.rating_count)):
        if (total, number) != given[user_id]:
            yield f"The rating of user {user_id} is not that of their reviews."


def wrong_places(connection: Connection) -> Iterator[str]:
    """Compare the places that gigs say are taken with those who take part."""
    active = select(Assignment.gig_id, func.count().label("number")).where(Assignment.status == AssignmentStatus.ACTIVE)
    taken = {row.gig_id: row.number for row in connection.execute(active.group_by(Assignment.gig_id))}
    for gig_id, places, capacity in connection.execute(select(Gig.id, Gig.places_taken, Gig.capacity)):
        if places != taken.get(gig_id, 0):
            yield f"Gig {gig_id} says that {places} places are taken, and {taken.get(gig_id, 0)} are."
        if places > capacity:
            yield f"Gig {gig_id} has more students than places."


CHECKS = (
    Check("payments", "refunds within payments, credit and units used once", payments.invariants.violations),
    Check("balances", "what is shown of lessons and credit is the sum of the rows", money.wrong_balances),
    Check("totals", "what people owe in all is the sum of their lessons", money.wrong_totals),
    Check("packages", "what is left of them follows from the rows", money.wrong_packages),
    Check(
        "invoices", "numbered without gaps, never more than once for a lesson", payments.invoices.invariants.violations
    ),
    Check("webhooks", "their secrets are those that were shown", events.webhooks.invariants.violations),
    Check("ratings", "as the reviews say", wrong_ratings),
    Check("counts", "searches count the gigs that there are", gigs.search.invariants.wrong_counts),
    Check("reports", "hours are added up as their lessons say", reports.lesson_hours.invariants.wrong_days),
    Check("places", "as many are taken as there are students, and no more than there are", wrong_places),
)
