"""Random histories of money against sums in a plain model: every shown figure is exact, whatever came before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from database import reading
from operators.doctor.money import wrong_totals
from payments.invariants import violations
from payments.lesson_months.upkeep import add_up_stale_months
from tests.conftest import FakeClock
from tests.payments.conftest import Till
from tests.support.scene import PROOF
from tests.support.world import World

PRICES = (0, 1000, 2500)
LESSONS = st.integers(0, len(PRICES) - 1)
CENTS = st.integers(1, 4000)
# Which of the things that there are is meant: the number is taken modulo how many there are.
ANY = st.integers(0, 20)

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("report"), LESSONS, CENTS, st.booleans(), st.booleans()),
        st.tuples(st.just("use_credit"), LESSONS, CENTS),
        st.tuples(st.just("decide"), ANY, st.booleans()),
        st.tuples(st.just("refund"), ANY, CENTS),
        st.tuples(st.just("end"), LESSONS, st.sampled_from(("student", "teacher"))),
        st.tuples(st.just("waive"), LESSONS, CENTS),
        st.tuples(st.just("buy_package"), LESSONS),
        st.tuples(st.just("pay_back"), LESSONS, ANY, st.integers(1, 2)),
        st.tuples(st.just("prove"), ANY),
        st.tuples(st.just("add_up")),
        st.tuples(st.just("import_file"), st.lists(st.tuples(ANY, st.integers(0, 1)), min_size=1, max_size=3)),
    ),
    min_size=6,
    max_size=14,
)


@dataclass
class Bought:
    """A package of two lessons for 15 euros, and how many of them were paid back."""

    id: int
    back: int = 0


@dataclass
class Lesson:
    """What a plain cashbook says about a lesson."""

    id: int
    gig: int
    price: int
    due: int
    paid: int = 0
    waiting: int = 0
    back: int = 0
    fee: int = 0
    ended: bool = False
    # Of its gig, the oldest first, and the one that it takes a unit of.
    packages: list[Bought] = field(default_factory=list)
    covered: Bought | None = None

    @property
    def left(self) -> int:
        return self.paid - self.back

    @property
    def open(self) -> int:
        return max(0, self.due - self.left - self.waiting)

    @property
    def spare(self) -> int:
        return max(0, self.left - self.due)


@dataclass
class Paid:
    """A payment as the cashbook has it."""

    id: int
    lesson: Lesson
    cents: int
    status: str
    reference: str = ""
    back: int = 0
    proven: bool = False


@dataclass
class Cashbook:
    """Does each step to the product and to itself, and compares the answers."""

    till: Till
    lessons: list[Lesson]
    payments: list[Paid] = field(default_factory=list)

    @property
    def credit(self) -> int:
        return sum(lesson.spare for lesson in self.lessons)

    def report(self, number: int, cents: int, advance: bool, by_teacher: bool) -> None:
        lesson = self.lessons[number]
        person = self.till.teacher if by_teacher else self.till.student
        reference = "" if by_teacher else f"REF-{len(self.payments):04}"
        answer = self.till.pay(lesson.id, cents, by=person, advance=advance, reference=reference)
        if cents > lesson.open and not advance:
            assert (answer.status_code, answer.json["open_cents"]) == (409, lesson.open)
            return
        assert answer.status_code == 201
        self._add(answer.json["id"], lesson, cents, "verified" if by_teacher else "submitted", reference)

    def use_credit(self, number: int, cents: int) -> None:
        lesson = self.lessons[number]
        answer = self.till.pay(lesson.id, cents, method="credit")
        if cents > lesson.open or cents > self.credit:
            assert answer.status_code == 409
            return
        assert answer.status_code == 201
        missing = cents
        for other in self.lessons:
            taken = min(missing, other.spare)
            other.paid, missing = other.paid - taken, missing - taken
        self._add(answer.json["id"], lesson, cents, "verified")

    def decide(self, number: int, yes: bool) -> None:
        if not self.payments:
            return
        payment = self.payments[number % len(self.payments)]
        status = "verified" if yes else "rejected"
        answer = self.till.decide(payment.id, status)
        assert answer.status_code == (200 if payment.status == "submitted" else 409)
        if payment.status == "submitted":
            self._decided(payment, status)

    def prove(self, number: int) -> None:
        """Hand in a file for a payment, which can be done until it is decided about."""
        if not self.payments:
            return
        payment = self.payments[number % len(self.payments)]
        path, headers = f"/api/payments/{payment.id}/proof", {"Content-Type": "application/pdf"}
        answer = self.till.student.put(path, data=PROOF.content, headers=headers)
        assert answer.status_code == (204 if payment.status == "submitted" else 409)
        payment.proven = payment.proven or payment.status == "submitted"

    def import_file(self, lines: list[tuple[int, int]]) -> None:
        """Send a bank's file that names payments, with their amounts or a cent more, and have it applied."""
        known = [payment for payment in self.payments if payment.reference]
        if not known:
            return
        rows, expected = ["Date;Text;Amount"], []
        chosen = [(known[number % len(known)], more) for number, more in lines]
        for payment, more in chosen:
            rows.append(f"2026-11-21;{payment.reference};{(payment.cents + more) / 100:.2f}")
            outcomes = {"submitted": "matched", "verified": "already", "rejected": "unknown"}
            expected.append("unknown" if more else outcomes[payment.status])
            if expected[-1] == "matched":
                self._decided(payment, "verified")
        headers = {"Content-Type": "text/csv"}
        answer = self.till.teacher.post("/api/payments/import?apply=true", data="\n".join(rows), headers=headers)
        assert [line["status"] for line in answer.json["lines"]] == expected

    def refund(self, number: int, cents: int) -> None:
        if not self.payments:
            return
        payment = self.payments[number % len(self.payments)]
        answer = self.till.refund(payment.id, cents)
        left = min(payment.cents - payment.back, payment.lesson.left)
        possible = payment.status == "verified" and cents <= left
        assert answer.status_code == (201 if possible else 409)
        if possible:
            payment.back += cents
            payment.lesson.back += cents

    def end(self, number: int, who: str) -> None:
        lesson = self.lessons[number]
        person = self.till.student if who == "student" else self.till.teacher
        answer = person.patch(f"/api/bookings/{lesson.id}", {"status": "cancelled"})
        assert answer.status_code == (409 if lesson.ended else 200)
        if not lesson.ended:
            lesson.ended, lesson.covered = True, None
            lesson.due = lesson.fee = lesson.price // 2 if who == "student" else 0

    def waive(self, number: int, cents: int) -> None:
        lesson = self.lessons[number]
        answer = self.till.waive(lesson.id, cents)
        possible = lesson.ended and cents <= lesson.due
        assert answer.status_code == (201 if possible else 409)
        if possible:
            lesson.due = lesson.fee = lesson.due - cents

    def buy_package(self, number: int) -> None:
        """Pay for two lessons of a lesson's gig in advance: it is covered, unless there is money for it."""
        lesson = self.lessons[number]
        path = f"/api/gigs/{lesson.gig}/packages"
        if not lesson.packages:
            assert self.till.teacher.post(path, {"lessons": 2, "price_cents": 1500}).status_code == 201
        (offer,) = self.till.student.get(path).json["data"]
        bought = self.till.student.post("/api/packages", {"offer_id": offer["id"]}).json["id"]
        assert self.till.teacher.patch(f"/api/packages/{bought}", {"status": "paid"}).status_code == 200
        lesson.packages.append(Bought(bought))
        if lesson.price and not (lesson.ended or lesson.waiting or lesson.left or lesson.covered):
            lesson.covered, lesson.due = next(it for it in lesson.packages if it.back < 2), 0

    def pay_back(self, number: int, which: int, count: int) -> None:
        """Pay back lessons of a package that are not taken."""
        lesson = self.lessons[number]
        if not lesson.packages:
            return
        package = lesson.packages[which % len(lesson.packages)]
        path, body = f"/api/packages/{package.id}/refunds", {"lessons": count, "reason": "You move."}
        answer = self.till.teacher.post(path, body)
        possible = count <= 2 - package.back - (package is lesson.covered)
        assert answer.status_code == (201 if possible else 409)
        if possible:
            package.back += count
            assert answer.json["refunded_cents"] == 750 * package.back

    def add_up(self) -> None:
        with self.till.world.app.app_context():
            add_up_stale_months()

    def check(self) -> None:
        """Compare every shown figure; each is read twice, so that a hit is compared as well as a miss."""
        for _ in range(2):
            for lesson in self.lessons:
                assert self.till.balance(lesson.id) == {
                    "currency": "EUR",
                    "price_cents": lesson.price,
                    "fee_cents": lesson.fee,
                    "due_cents": lesson.due,
                    "submitted_cents": lesson.waiting,
                    "paid_cents": lesson.paid,
                    "refunded_cents": lesson.back,
                    "open_cents": lesson.open,
                    "credit_cents": self.credit,
                    "package": {"id": lesson.covered.id, "number": 1, "lessons": 2} if lesson.covered else None,
                }
                for package in lesson.packages:
                    left = self.till.teacher.get(f"/api/packages/{package.id}").json["left"]
                    assert left == 2 - package.back - (package is lesson.covered)
            shown = self.till.student.get("/api/payments?limit=100").json["data"]
            assert [(it["id"], it["status"], it["refunded_cents"], it["has_proof"]) for it in reversed(shown)] == [
                (it.id, it.status, it.back, it.proven) for it in self.payments
            ]
        (own,) = self.till.student.get("/api/users/me/balance").json["data"] or [{}]
        names = {"owed_cents": "due", "paid_cents": "paid", "open_cents": "open", "credit_cents": "spare"}
        assert {name: own.get(name, 0) for name in names} == {
            name: sum(getattr(lesson, attribute) for lesson in self.lessons) for name, attribute in names.items()
        }

    def _decided(self, payment: Paid, status: str) -> None:
        payment.status = status
        payment.lesson.waiting -= payment.cents
        payment.lesson.paid += payment.cents if status == "verified" else 0

    def _add(self, payment_id: int, lesson: Lesson, cents: int, status: str, reference: str = "") -> None:
        self.payments.append(Paid(payment_id, lesson, cents, status, reference))
        if status == "verified":
            lesson.paid += cents
        else:
            lesson.waiting += cents


@pytest.mark.parametrize("cache_type", ["RedisCache", "NullCache"])
def test_every_figure_is_exact_after_any_history(
    make_app: Callable[..., Flask], clock: FakeClock, cache_type: str
) -> None:
    app = make_app(cache_type=cache_type)
    world = World(app, clock)

    @settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(STEPS)
    def run(steps: list[tuple[Any, ...]]) -> None:
        book = _new_cashbook(world)
        for name, *arguments in steps:
            getattr(book, name)(*arguments)
        book.check()

    run()

    with app.app_context(), reading() as connection:
        assert [*violations(connection), *wrong_totals(connection)] == []


def _new_cashbook(world: World) -> Cashbook:
    """Two new people with three lessons tomorrow, which cost half when the student cancels them."""
    teacher, student = world.teacher(), world.student()
    terms: dict[str, Any] = {"free_cancellation_hours": 720, "late_cancellation_percent": 50}
    lessons = []
    for number, price in enumerate(PRICES):
        gig = world.gig(teacher, price_cents=price, **terms)
        made = world.accepted(student, teacher, gig, starts_at=world.at(days=1, hours=number))
        lessons.append(Lesson(made["id"], gig["id"], price, price))
    return Cashbook(Till(world, student, teacher, gig), lessons)
