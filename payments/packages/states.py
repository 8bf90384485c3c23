"""The life of a package as a table: from where to where, by whom, and what others hear of it."""

from __future__ import annotations

from dataclasses import dataclass

from bookings.statuses import AGREED, LEAVES_FEE
from errors import Forbidden, WrongState
from events import EventType
from payments.packages.models import PackageStatus
from payments.states import KEEPERS, Party, require

_S = PackageStatus


@dataclass(frozen=True, slots=True)
class Step:
    """One change of status, who may make it, and what others hear of it."""

    source: PackageStatus | None
    target: PackageStatus
    who: tuple[Party, ...]
    event: EventType


STEPS = (
    Step(None, _S.ORDERED, (Party.STUDENT,), EventType.PACKAGE_ORDERED),
    Step(_S.ORDERED, _S.PAID, KEEPERS, EventType.PACKAGE_PAID),
    Step(_S.ORDERED, _S.CANCELLED, tuple(Party), EventType.PACKAGE_CANCELLED),
    # What is left of it is gone then; its teacher says what was given back for that.
    Step(_S.PAID, _S.CLOSED, KEEPERS, EventType.PACKAGE_CLOSED),
)
# The lessons of such a one can still be taken, now or once it is paid.
GOES_ON = (_S.ORDERED, _S.PAID)
# How it is said of a package that it is in a status.
STANDS: dict[str, str] = {
    _S.ORDERED: "is ordered",
    _S.PAID: "is paid",
    _S.CANCELLED: "is cancelled",
    _S.CLOSED: "has ended",
}


def allowed(status: str, found: frozenset[Party]) -> list[PackageStatus]:
    """List the statuses into which one of these parties may bring a package."""
    return [step.target for step in STEPS if step.source == status and found & set(step.who)]


def require_step(status: str, target: PackageStatus, found: frozenset[Party]) -> None:
    """Check that one of these parties may bring a package from here to there.

    Raises NotFound, Forbidden or WrongState.
    """
    require(found, *Party)
    ways = [step for step in STEPS if step.target == target]
    if not any(found & set(step.who) for step in ways):
        raise Forbidden("Only the teacher or an administrator can do that.")
    if target not in allowed(status, found):
        raise WrongState(f"This package {STANDS[status]} already.", current=status, allowed=allowed(status, found))


def event_of(target: PackageStatus) -> EventType:
    """Return what others hear when a package gets into a status."""
    return next(step.event for step in STEPS if step.target == target)


def uses_unit(status: str, price_cents: int, fee_cents: int | None) -> bool:
    """Tell whether a lesson that a package pays for has used it, or gives it back.

    One that is cancelled too late uses it up where the fee of its terms is the whole price. A smaller fee is owed as
    money, and the package gets its lesson back.
    """
    if status in LEAVES_FEE:
        return (fee_cents or 0) >= price_cents
    return status in AGREED
