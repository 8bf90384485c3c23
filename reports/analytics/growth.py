"""Series of what is new: accounts, gigs and applications."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, exists, func, select

from accounts.invitations.models import Invitation
from accounts.models import Role, User
from enrolment.applications.models import Application
from enrolment.statuses import ApplicationStatus
from gigs.models import Gig, GigStatus
from jsontext import JsonObject
from reports.performance.queries import share
from reports.periods import Between
from reports.spans import spans_of

# An account that stands in for the owner of an address is nobody's yet.
_OWN_ACCOUNT = ~exists().where(Invitation.user_id == User.id)


def users(connection: Connection, periods: Sequence[Between]) -> list[JsonObject]:
    """Count who registered in each period, by what they are now."""
    found = _counted(connection, periods, User.created_at, User.role, _OWN_ACCOUNT)
    shown = {Role.STUDENT: "students", Role.TEACHER: "teachers"}
    return [{"registered": of.total()} | {name: of[role] for role, name in shown.items()} for of in found]


def gigs(connection: Connection, periods: Sequence[Between]) -> list[JsonObject]:
    """Count the gigs that were written in each period, by what they are now."""
    found = _counted(connection, periods, Gig.created_at, Gig.status)
    return [{"created": of.total()} | {str(status): of[status] for status in GigStatus} for of in found]


def applications(connection: Connection, periods: Sequence[Between]) -> list[JsonObject]:
    """Count the applications of each period, by what they are now."""
    found = _counted(connection, periods, Application.created_at, Application.status)
    return [
        {"received": of.total()}
        | {str(status): of[status] for status in ApplicationStatus}
        | {"acceptance_rate": _acceptance(of)}
        for of in found
    ]


def _acceptance(of: Counter[Any]) -> float | None:
    accepted = of[ApplicationStatus.ACCEPTED]
    return share(accepted, accepted + of[ApplicationStatus.REJECTED])


def _counted(
    connection: Connection, periods: Sequence[Between], instant: Any, kind: Any, *which: Any
) -> list[Counter[Any]]:
    """Count rows by the period in which they came to be, and by their kind."""
    begun = spans_of((n, period.start, period.end) for n, period in enumerate(periods))
    within = (instant >= begun.c.start) & (instant < begun.c.end)
    found: Any = select(begun.c.n, kind.label("kind"), func.count().label("number")).select_from(begun)
    found = found.join(kind.class_, within).where(*which).group_by(begun.c.n, kind)
    numbers: defaultdict[int, Counter[Any]] = defaultdict(Counter)
    for row in connection.execute(found):
        numbers[row.n][row.kind] += row.number
    return [numbers[n] for n, _ in enumerate(periods)]
