"""A student, a teacher and lessons that are paid for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.support.world import Person, World

PRICE = 3000


@dataclass
class Till:
    """Two people, and short words for what they do about money."""

    world: World
    student: Person
    teacher: Person
    gig: dict[str, Any]

    def lesson(self) -> int:
        """A lesson that has taken place."""
        return self.world.past_lesson(self.student, self.gig)

    def pay(self, booking_id: int, cents: int = PRICE, *, by: Person | None = None, **changes: Any) -> TestResponse:
        """Report a payment as the student, unless told otherwise."""
        body = {"booking_id": booking_id, "method": "cash", "amount_cents": cents, "currency": "EUR"}
        return (by or self.student).post("/api/payments", body | changes)

    def paid(self, booking_id: int, cents: int = PRICE, **changes: Any) -> int:
        """The id of a payment that its teacher has received."""
        made = self.pay(booking_id, cents, by=self.teacher, **changes)
        assert made.status_code == 201, made.text
        return int(made.json["id"])

    def decide(self, payment_id: int, status: str, *, by: Person | None = None, reason: str = "No.") -> TestResponse:
        return (by or self.teacher).patch(f"/api/payments/{payment_id}", {"status": status, "reason": reason})

    def refund(self, payment_id: int, cents: int, *, by: Person | None = None) -> TestResponse:
        body = {"amount_cents": cents, "reason": "It was shorter."}
        return (by or self.teacher).post(f"/api/payments/{payment_id}/refunds", body)

    def waive(self, booking_id: int, cents: int, *, by: Person | None = None) -> TestResponse:
        body = {"amount_cents": cents, "reason": "You were ill."}
        return (by or self.teacher).post(f"/api/bookings/{booking_id}/credit-notes", body)

    def balance(self, booking_id: int) -> dict[str, Any]:
        """What both people see of a booking."""
        seen = [person.get(f"/api/bookings/{booking_id}/balance") for person in (self.student, self.teacher)]
        assert [answer.status_code for answer in seen] == [200, 200]
        assert seen[0].json == seen[1].json
        return dict(seen[0].json)


@pytest.fixture
def till(world: World) -> Till:
    teacher = world.teacher()
    return Till(world, world.student(), teacher, world.gig(teacher, price_cents=PRICE))
