"""What was paid in the demo school, and what is still open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from accounts.actors import Actor
from demo.rows import LessonKey, Steps
from payments import service
from payments.instructions.models import Instructions
from payments.models import Decision, GivenBack, NewPayment, PaymentMethod, PaymentStatus
from payments.owing.references import reference_of


class Story(StrEnum):
    """What became of the money for a lesson."""

    RECEIVED = "a transfer that has come"
    CASH = "given at the lesson"
    WAITING = "a transfer that nobody has looked for"
    NOT_FOUND = "a transfer that has not come"
    GIVEN_BACK = "a transfer of which a part was given back"
    ADVANCE = "cash for two lessons at once"
    OPEN = "not paid yet"


# Of the lessons that took place, in the order in which they did.
_USUAL = (
    *(Story.RECEIVED, Story.CASH, Story.RECEIVED, Story.WAITING),
    *(Story.CASH, Story.OPEN, Story.RECEIVED, Story.NOT_FOUND),
)
_SPECIAL = {
    ("leila.farahani", "piano", -58): Story.GIVEN_BACK,
    ("leila.farahani", "piano", -44): Story.ADVANCE,
    ("leila.farahani", "piano", -30): Story.WAITING,
    # It is paid by card.
    ("leila.farahani", "piano", -16): Story.OPEN,
}
# The account is one of the examples of the standard.
INSTRUCTIONS = {
    teacher: Instructions(text=text, account_holder=holder, iban="DE89370400440532013000")
    for teacher, holder, text in (
        ("clara.winter", "Clara Winter", "By transfer within two weeks, please. Cash is all right, too."),
        ("lukas.brandt", "Lukas Brandt", "By transfer, or in cash after the lesson."),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A lesson that took place, with what it costs."""

    id: int
    student: Actor
    teacher: Actor
    price_cents: int
    currency: str

    def payment(self, method: PaymentMethod, times: int = 1) -> NewPayment:
        """Return a payment of its price, or of several such prices."""
        return NewPayment(
            booking_id=self.id,
            method=method,
            amount_cents=times * self.price_cents,
            currency=self.currency,
            reference=reference_of(self.id) if method == PaymentMethod.BANK_TRANSFER else "",
            advance=times > 1,
        )


Find = Callable[[LessonKey], Lesson]


def steps(held: Iterable[tuple[LessonKey, datetime]], find: Find, today: datetime) -> Steps:
    """Yield what is paid for lessons that have ended, all of it before today."""
    for number, (key, ended) in enumerate(held):
        told = _Told(_SPECIAL.get(key, _USUAL[number % len(_USUAL)]), key, find)
        yield min(ended + timedelta(hours=2), today - timedelta(hours=1)), told.pay
        yield min(ended + timedelta(hours=20), today - timedelta(minutes=30)), told.answer


@dataclass(slots=True)
class _Told:
    """A story while it is told: the answer is about the payment that was reported before."""

    story: Story
    key: LessonKey
    find: Find
    payment_id: int = 0

    def pay(self, now: datetime) -> None:
        """Report the money, if there is any."""
        lesson = self.find(self.key)
        if self.story in (Story.CASH, Story.ADVANCE):
            times = 2 if self.story == Story.ADVANCE else 1
            service.report(lesson.payment(PaymentMethod.CASH, times), actor=lesson.teacher, now=now)
        elif self.story != Story.OPEN:
            new = lesson.payment(PaymentMethod.BANK_TRANSFER)
            self.payment_id = service.report(new, actor=lesson.student, now=now)

    def answer(self, now: datetime) -> None:
        """Let the teacher say what has become of it."""
        if self.story in (Story.RECEIVED, Story.NOT_FOUND, Story.GIVEN_BACK):
            _answer(self.story, self.payment_id, self.find(self.key), now)


def _answer(story: Story, payment_id: int, lesson: Lesson, now: datetime) -> None:
    if story == Story.NOT_FOUND:
        no = Decision(status=PaymentStatus.REJECTED, reason="I cannot find it. Was it perhaps another account?")
        service.decide(payment_id, no, actor=lesson.teacher, now=now)
        return
    service.decide(payment_id, Decision(status=PaymentStatus.VERIFIED), actor=lesson.teacher, now=now)
    if story == Story.GIVEN_BACK:
        half = GivenBack(amount_cents=lesson.price_cents // 2, reason="We could only begin half an hour late.")
        service.refund(payment_id, half, actor=lesson.teacher, now=now)
