"""The life of a payment as a table: from where to where, by whom, and what others hear of it.

What pages say of each status stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from accounts.actors import Actor
from accounts.rights import runs_school
from errors import Forbidden, NotFound, WrongState
from events import EventType
from payments.models import PaymentStatus


class Party(StrEnum):
    """What a user is to a payment."""

    STUDENT = "the student"
    PAYEE = "the teacher"
    ADMIN = "an administrator"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of status, and who may make it."""

    source: PaymentStatus | None
    target: PaymentStatus
    who: tuple[Party, ...]
    event: EventType


_S = PaymentStatus
# What decides about a payment, and gives money back, is its payee's.
KEEPERS = (Party.PAYEE, Party.ADMIN)
STEPS = (
    Step(None, _S.SUBMITTED, (Party.STUDENT,), EventType.PAYMENT_SUBMITTED),
    # A teacher reports what was received already, and credit was verified when it was paid.
    Step(_S.SUBMITTED, _S.VERIFIED, KEEPERS, EventType.PAYMENT_VERIFIED),
    Step(_S.SUBMITTED, _S.REJECTED, KEEPERS, EventType.PAYMENT_REJECTED),
)


@dataclass(frozen=True, slots=True)
class Words:
    """What pages say of a status.

    Its colour is that of a lesson with the status `badge`.
    """

    word: str
    icon: str
    badge: str


WORDS = {
    _S.SUBMITTED: Words("To check", icon="clock", badge="pending"),
    _S.VERIFIED: Words("Received", icon="check", badge="accepted"),
    _S.REJECTED: Words("Not received", icon="cross", badge="ended"),
}


def parties(student_id: int, teacher_id: int, actor: Actor) -> frozenset[Party]:
    """Name what a user is, nothing at all if it is not theirs to see."""
    is_so = (actor.id == student_id, actor.id == teacher_id, runs_school(actor.role))
    return frozenset(party for party, so in zip(Party, is_so, strict=True) if so)


def require(found: frozenset[Party], *who: Party) -> None:
    """Raise NotFound if it is none of a user's business, and Forbidden unless they are one of `who`."""
    if not found:
        raise NotFound
    if not found & set(who):
        raise Forbidden(f"Only {' or '.join(who)} can do that.")


def allowed(status: str, found: frozenset[Party]) -> list[PaymentStatus]:
    """List the statuses into which one of these parties may bring a payment."""
    return [step.target for step in STEPS if step.source == status and found & set(step.who)]


def step_to(status: PaymentStatus, target: PaymentStatus, found: frozenset[Party]) -> Step:
    """Return the row by which one of these parties brings a payment from `status` to `target`.

    Raises NotFound, Forbidden or WrongState, in this order.
    """
    require(found, *KEEPERS)
    for step in STEPS:
        if (step.source, step.target) == (status, target):
            return step
    raise WrongState(f"This payment is {status} already.", current=status, allowed=allowed(status, found))
