"""Random histories of money in which each step is done by several people at once, against sums in a plain model.

Of acts that exclude each other one wins and the others get a 409. After each step the rows themselves are counted, and
all that the doctor knows of money is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from database import reading
from jobs.steps import drain
from operators.doctor import money
from payments.invariants import violations
from payments.lesson_months.upkeep import add_up_stale_months
from tests.conftest import FakeClock
from tests.payments.conftest import PRICE, Till
from tests.payments.test_ledger import Attempt, ask
from tests.support.card_gateway import CardGateway, card_gateway, deliver
from tests.support.races import at_once
from tests.support.world import Person, World

LESSONS, PACKAGE = 3, 1500
WHICH, CENTS = st.integers(0, 20), st.integers(1, PRICE)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("report"), WHICH, CENTS),
        st.tuples(st.just("decide"), WHICH),
        st.tuples(st.just("refund"), WHICH, CENTS),
        st.tuples(st.just("use_or_give_back"), WHICH, CENTS),
        st.tuples(st.just("pay_by_card"), WHICH, CENTS, st.permutations(range(4))),
        st.tuples(st.just("buy_package"), st.booleans()),
        st.tuples(st.just("invoice"), WHICH),
        st.tuples(st.just("pay_and_cancel"), CENTS),
    ),
    min_size=6,
    max_size=9,
)

# Each act once, after what it needs.
EACH: list[tuple[Any, ...]] = [
    ("pay_by_card", 0, 1000, [2, 0, 3, 1]),
    ("report", 0, PRICE),
    ("decide", 1),
    ("use_or_give_back", 1, 500),
    ("refund", 0, 700),
    ("buy_package", False),
    ("buy_package", True),
    ("invoice", 2),
    ("invoice", 2),
    ("pay_and_cancel", 400),
]


@dataclass
class Paid:
    """A payment that the teacher was told of."""

    id: int
    lesson: int
    cents: int
    status: str
    back: int = 0


@dataclass
class Crowd:
    """Lets several people do things at once, and keeps a cashbook of what has to come of it."""

    till: Till
    gateway: CardGateway
    clock: FakeClock
    lessons: list[int]
    offer: int
    payments: list[Paid] = field(default_factory=list)
    by_card: int = 0
    invoices: int = 0
    invoiced: set[int] = field(default_factory=set)
    # For packages: came by card and was not needed, and was given back of the price.
    surplus: int = 0
    package_back: int = 0

    @property
    def app(self) -> Flask:
        return self.till.world.app

    def ask(self, person: Person, verb: str, path: str, body: dict[str, Any]) -> Attempt:
        return ask(self.till, person, verb, path, body)

    def report(self, which: int, cents: int) -> None:
        """Student and teacher report the same transfer, the student twice: one of them is written."""
        lesson, reference = self.lessons[which % LESSONS], f"REF-{len(self.payments):04}"
        body = {"booking_id": lesson, "method": "other", "reference": reference, "amount_cents": cents}
        body |= {"currency": "EUR", "advance": True}
        people = (self.till.student, self.till.teacher, self.till.student)
        answers = at_once([self.ask(person, "POST", "/api/payments", body) for person in people])
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
        (made,) = (answer.json for answer in answers if answer.status_code == 201)
        self.payments.append(Paid(made["id"], lesson, cents, made["status"]))

    def decide(self, which: int) -> None:
        """The payment is verified and rejected, twice each: one of them counts, if it was not decided before."""
        if not self.payments:
            return
        payment = self.payments[which % len(self.payments)]
        wishes = [{"status": "verified"}, {"status": "rejected", "reason": "No."}] * 2
        path = f"/api/payments/{payment.id}"
        answers = at_once([self.ask(self.till.teacher, "PATCH", path, wish) for wish in wishes])
        won = [wish["status"] for wish, answer in zip(wishes, answers, strict=True) if answer.status_code == 200]
        assert {answer.status_code for answer in answers} <= {200, 409}
        assert len(won) == (payment.status == "submitted")
        payment.status = next(iter(won), payment.status)

    def refund(self, which: int, cents: int) -> None:
        """Three equal refunds of one payment: as many are made as there is money for."""
        if not self.payments:
            return
        payment = self.payments[which % len(self.payments)]
        left = self._left(payment)
        given = {"amount_cents": cents, "reason": "A part."}
        path = f"/api/payments/{payment.id}/refunds"
        answers = at_once([self.ask(self.till.teacher, "POST", path, given)] * 3)
        made = [answer.status_code for answer in answers].count(201)
        assert sorted({answer.status_code for answer in answers} - {201}) in ([], [409])
        assert made == min(3, left // cents)
        payment.back += made * cents

    def use_or_give_back(self, which: int, cents: int) -> None:
        """Credit is used for another lesson, twice, while it is given back: never more than there is."""
        lesson = self.lessons[which % LESSONS]
        paid = [it for it in self.payments if it.lesson != lesson and self._left(it) >= cents]
        if not paid:
            return
        before = self.till.balance(lesson)
        use = {"booking_id": lesson, "method": "credit", "amount_cents": cents, "currency": "EUR"}
        back = {"amount_cents": cents, "reason": "It was too much."}
        *used, given = at_once(
            [
                *[self.ask(self.till.student, "POST", "/api/payments", use)] * 2,
                self.ask(self.till.teacher, "POST", f"/api/payments/{paid[0].id}/refunds", back),
            ]
        )
        often = [answer.status_code for answer in used].count(201)
        assert {answer.status_code for answer in (*used, given)} <= {201, 409}
        assert often * cents <= min(before["credit_cents"], before["open_cents"])
        paid[0].back += cents if given.status_code == 201 else 0

    def pay_by_card(self, which: int, cents: int, order: list[int]) -> None:
        """All notices of a payment by card come at once, one of them again: it counts once."""
        lesson = self.lessons[which % LESSONS]
        begun = self.till.student.post("/api/payments/checkout", {"booking_id": lesson})
        assert begun.status_code == (202 if self.till.balance(lesson)["open_cents"] else 409)
        if begun.status_code == 409:
            return
        drain(self.app)
        self.by_card += 1
        name, amount = f"pi_{self.till.teacher.id}_{self.by_card}", begun.json["amount_cents"]
        back = min(cents, amount)
        notices = [
            self.gateway.completed(amount, payment=name, event=f"{name}_paid"),
            self.gateway.completed(amount, payment=name, event=f"{name}_again"),
            self.gateway.refunded(back, payment=name, event=f"{name}_back"),
            self.gateway.expired(event=f"{name}_expired"),
        ]
        self._tell([notices[place] for place in order])
        self._tell(notices[:1])
        (made,) = (it for it in self.till.teacher.get("/api/payments").json["data"] if it["reference"] == name)
        assert (made["amount_cents"], made["refunded_cents"], made["status"]) == (amount, back, "verified")
        self.payments.append(Paid(made["id"], lesson, amount, "verified", back))

    def buy_package(self, goes_on: bool) -> None:
        """A package is paid by card and by hand at once; then lessons are paid back while it is ended."""
        package = self.till.student.post("/api/packages", {"offer_id": self.offer}).json["id"]
        assert self.till.student.post("/api/payments/checkout", {"package_id": package}).status_code == 202
        drain(self.app)
        self.by_card += 1
        name, path = f"pi_{self.till.teacher.id}_{self.by_card}", f"/api/packages/{package}"
        paid = [self.gateway.completed(PACKAGE, payment=name, event=f"{name}_{number}") for number in range(2)]
        by_hand, *_ = at_once(
            [
                self.ask(self.till.teacher, "PATCH", path, {"status": "paid"}),
                *(partial(deliver, self.app, notice, self.clock()) for notice in paid),
            ]
        )
        assert by_hand.status_code in (200, 409)
        self.surplus += PACKAGE if by_hand.status_code == 200 else 0
        closing = {"status": "closed", "reason": "The end."}
        back = self.ask(self.till.teacher, "POST", f"{path}/refunds", {"lessons": 1, "reason": "You move."})
        ending = [] if goes_on else [self.ask(self.till.teacher, "PATCH", path, closing)]
        answers = at_once([back, back, back, *ending])
        made = [answer.status_code for answer in answers[:3]].count(201)
        assert [answer.status_code for answer in answers[3:]] == [200] * len(ending)
        assert made == 2 if goes_on else made <= 2
        self.package_back += made * PACKAGE // 2
        shown = self.till.student.get(path).json
        assert (shown["refunded_cents"], shown["left"]) == (made * PACKAGE // 2, 0)
        assert shown["surplus_cents"] == (PACKAGE if by_hand.status_code == 200 else 0)

    def invoice(self, which: int) -> None:
        """A lesson is put on an invoice twice; one that stands on an invoice already has it taken back twice."""
        lesson = self.lessons[which % LESSONS]
        path = "/api/invoices"
        body: dict[str, Any] = {"booking_ids": [lesson]}
        if lesson in self.invoiced:
            standing = next(
                it["id"]
                for it in self.till.teacher.get(path).json["data"]
                if it["corrects"] is None
                and it["corrected_by"] is None
                and lesson in [line["booking_id"] for line in self._lines(it["id"])]
            )
            path, body = f"{path}/{standing}/corrections", {"reason": "No."}
        answers = at_once([self.ask(self.till.teacher, "POST", path, body)] * 2)
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        self.invoices += 1
        self.invoiced ^= {lesson}

    def pay_and_cancel(self, cents: int) -> None:
        """A lesson to come is paid by its student while its teacher cancels it."""
        gig = self.till.world.gig(self.till.teacher, price_cents=PRICE)
        lesson = self.till.world.accepted(self.till.student, self.till.teacher, gig)["id"]
        body = {"booking_id": lesson, "method": "cash", "amount_cents": cents, "currency": "EUR"}
        paid, cancelled = at_once(
            [
                self.ask(self.till.student, "POST", "/api/payments", body),
                self.ask(self.till.teacher, "PATCH", f"/api/bookings/{lesson}", {"status": "cancelled"}),
            ]
        )
        assert (cancelled.status_code, paid.status_code in (201, 409)) == (200, True)
        if paid.status_code == 201:
            self.payments.append(Paid(paid.json["id"], lesson, cents, "submitted"))

    def check(self) -> None:
        """Count the rows, compare them with the cashbook and with what is shown, and ask the doctor."""
        paid, waiting = (self._sum(status) for status in ("verified", "submitted"))
        back = sum(payment.back for payment in self.payments)
        with self.app.app_context(), reading() as connection:
            counted = connection.execute(COUNTED, {"teacher": self.till.teacher.id}).one()
            numbers = connection.execute(NUMBERS, {"teacher": self.till.teacher.id}).scalars().all()
            wrong = [*violations(connection), *money.wrong_balances(connection)]
            wrong += [*money.wrong_totals(connection), *money.wrong_packages(connection)]
        assert wrong == []
        assert tuple(counted) == (paid, waiting, back, self.package_back, self.surplus)
        assert numbers == [*range(1, self.invoices + 1)]
        (shown,) = self.till.student.get("/api/users/me/balance").json["data"]
        assert (shown["paid_cents"], shown["refunded_cents"], shown["submitted_cents"]) == (paid, back, waiting)
        assert shown["owed_cents"] == PRICE * LESSONS
        # The next step changes months that are added up.
        with self.app.app_context():
            add_up_stale_months()

    def _sum(self, status: str) -> int:
        return sum(payment.cents for payment in self.payments if payment.status == status)

    def _left(self, payment: Paid) -> int:
        if payment.status != "verified":
            return 0
        balance = self.till.balance(payment.lesson)
        return int(min(payment.cents - payment.back, balance["paid_cents"] - balance["refunded_cents"]))

    def _lines(self, invoice: int) -> Iterator[dict[str, Any]]:
        yield from self.till.teacher.get(f"/api/invoices/{invoice}").json["lines"]

    def _tell(self, notices: list[bytes]) -> None:
        answers = at_once([partial(deliver, self.app, notice, self.clock()) for notice in notices])
        assert {answer.status_code for answer in answers} == {204}


# Of a teacher: what came in for lessons, waits to be checked and was given back; the same of packages.
COUNTED = text(
    """
    SELECT
        (SELECT COALESCE(SUM(p.amount_cents), 0) FROM payments p JOIN payment_events e ON e.payment_id = p.id
            WHERE p.teacher_id = :teacher AND e.status = 'verified' AND p.method <> 'credit'),
        (SELECT COALESCE(SUM(p.amount_cents), 0) FROM payments p WHERE p.teacher_id = :teacher
            AND (SELECT COUNT(*) FROM payment_events e WHERE e.payment_id = p.id) = 1),
        (SELECT COALESCE(SUM(r.amount_cents), 0) FROM refunds r JOIN payments p ON p.id = r.payment_id
            WHERE p.teacher_id = :teacher),
        (SELECT COALESCE(SUM(r.amount_cents), 0) FROM package_refunds r JOIN packages k ON k.id = r.package_id
            WHERE k.teacher_id = :teacher AND r.payment_id IS NULL),
        (SELECT COALESCE(SUM(y.amount_cents), 0) FROM package_payments y JOIN packages k ON k.id = y.package_id
            WHERE k.teacher_id = :teacher AND NOT y.needed)
    """
)
NUMBERS = text("SELECT number FROM invoices WHERE teacher_id = :teacher ORDER BY id")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_every_figure_is_exact_when_each_step_is_done_by_several_at_once(
    make_app: Callable[..., Flask], clock: FakeClock
) -> None:
    with card_gateway() as gateway:
        world = World(make_app(card_account=gateway.account), clock)

        # What depends on who is faster is not made simpler by doing it again.
        @settings(
            max_examples=3,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=[HealthCheck.function_scoped_fixture],
        )
        @given(STEPS)
        @example(EACH)
        def run(steps: list[tuple[Any, ...]]) -> None:
            crowd = _new_crowd(world, gateway, clock)
            for name, *arguments in steps:
                getattr(crowd, name)(*arguments)
                crowd.check()

        run()


def _new_crowd(world: World, gateway: CardGateway, clock: FakeClock) -> Crowd:
    """Two new people with three lessons that have taken place, and a package of two lessons on offer."""
    teacher = world.teacher()
    till = Till(world, world.student(), teacher, world.gig(teacher, price_cents=PRICE))
    body = {"lessons": 2, "price_cents": PACKAGE}
    offer = teacher.post(f"/api/gigs/{till.gig['id']}/packages", body).json["id"]
    return Crowd(till, gateway, clock, [till.lesson() for _ in range(LESSONS)], offer)
