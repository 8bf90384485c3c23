"""Packages by card: paid once, in whatever order notices come; what is given back pays back lessons, exactly."""

from __future__ import annotations

import itertools
import re
from collections import Counter as Counts
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DatabaseError, IntegrityError
from werkzeug.test import TestResponse

from database import reading
from extensions import db
from jobs.steps import drain
from payments.invariants import violations
from payments.packages.models import PackagePayment, PackageRefund, PackageUnit
from payments.packages.money import paid_back, worth
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.payments.conftest import PRICE, Till
from tests.payments.test_packages import BOUGHT, Desk
from tests.support.card_gateway import CardGateway, card_gateway, deliver
from tests.support.races import at_once
from tests.support.world import World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class Counter:
    """A desk where packages are paid by card."""

    desk: Desk
    gateway: CardGateway
    clock: FakeClock

    @property
    def app(self) -> Flask:
        return self.desk.till.world.app

    def start(self, package: int) -> TestResponse:
        return self.desk.till.student.post("/api/payments/checkout", {"package_id": package})

    def opened(self, package: int) -> int:
        made = self.start(package)
        assert made.status_code == 202, made.text
        drain(self.app)
        return int(made.json["id"])

    def status(self, checkout: int) -> str:
        return str(self.desk.till.student.get(f"/api/payments/checkout/{checkout}").json["status"])

    def tell(self, *events: bytes) -> None:
        assert {deliver(self.app, event, self.clock()).status_code for event in events} == {204}

    def bought(self) -> int:
        """A package that was paid by card."""
        package = self.desk.order()
        self.opened(package)
        self.tell(self.gateway.completed(BOUGHT))
        return package

    def back(self, package: int, lessons: int = 1) -> TestResponse:
        body = {"lessons": lessons, "reason": "You move away."}
        return self.desk.till.teacher.post(f"/api/packages/{package}/refunds", body)


@pytest.fixture
def counter(make_app: Callable[..., Flask], clock: FakeClock) -> Iterator[Counter]:
    with card_gateway() as gateway:
        world = World(make_app(card_account=gateway.account), clock)
        teacher = world.teacher()
        till = Till(world, world.student(), teacher, world.gig(teacher, price_cents=PRICE))
        yield Counter(Desk(till), gateway, clock)
        with world.app.app_context(), reading() as connection:
            assert violations(connection) == []


@on_sqlite
def test_a_package_is_paid_on_a_page_that_a_job_opens(counter: Counter) -> None:
    package, lesson = counter.desk.order(), counter.desk.agree(5)
    counter.gateway.goes_on.clear()

    made = counter.start(package)

    # Whatever the provider does, the answer does not wait for it: nothing was asked of it yet.
    assert counter.gateway.calls == []
    assert (made.status_code, made.json["status"], made.json["package_id"]) == (202, "preparing", package)
    assert (made.json["booking_id"], made.json["amount_cents"]) == (None, BOUGHT)
    counter.gateway.goes_on.set()
    drain(counter.app)
    (call,) = counter.gateway.calls
    title = f"2 lessons of {counter.desk.till.gig['title']}"
    assert call["line_items[0][price_data][product_data][name]"] == title
    assert call["line_items[0][price_data][unit_amount]"] == str(BOUGHT)
    assert counter.start(package).json["id"] == made.json["id"]
    counter.tell(counter.gateway.completed(BOUGHT), counter.gateway.completed(BOUGHT, event="evt_again"))
    shown = counter.desk.shown(package)
    assert (shown["status"], shown["used"], shown["surplus_cents"]) == ("paid", 1, 0)
    assert shown["history"][1]["actor"]["id"] == counter.desk.till.student.id
    assert counter.desk.open(lesson) == 0
    assert counter.status(made.json["id"]) == "paid"
    assert counter.start(package).json["type"] == "/problems/overpaid"


@on_sqlite
def test_only_its_student_pays_a_package_by_card(counter: Counter) -> None:
    package, till = counter.desk.order(), counter.desk.till
    body = {"package_id": package}

    assert till.world.student().post("/api/payments/checkout", body).status_code == 404
    assert till.teacher.post("/api/payments/checkout", body).status_code == 403
    assert till.student.post("/api/payments/checkout", {"package_id": 999_999}).status_code == 404
    for wrong in ({}, body | {"booking_id": 1}):
        assert till.student.post("/api/payments/checkout", wrong).status_code == 422
    path = f"/api/payments/checkout/{counter.opened(package)}"
    strangers = (till.world.student(), till.world.teacher())
    assert [person.get(path).status_code for person in (*strangers, till.student, till.teacher)] == [404, 404, 200, 200]
    assert (till.student.get(path).json["url"] is None, till.teacher.get(path).json["url"]) == (False, None)


@on_sqlite
def test_notices_lead_to_the_same_in_every_order(counter: Counter) -> None:
    for number, order in enumerate(itertools.permutations(range(3))):
        package = counter.desk.order()
        checkout, names = counter.opened(package), {"payment": f"pi_{number}"}
        events = [
            counter.gateway.completed(BOUGHT, event=f"evt_{number}_paid", **names),
            counter.gateway.refunded(BOUGHT // 2, event=f"evt_{number}_refunded", **names),
            counter.gateway.expired(event=f"evt_{number}_expired"),
        ]

        counter.tell(*(events[place] for place in order))

        shown = counter.desk.shown(package)
        assert (shown["status"], shown["refunded_cents"]) == ("paid", BOUGHT // 2), order
        assert (shown["paid_back"], shown["left"]) == (1, 1), order
        assert counter.status(checkout) == "paid", order


@on_sqlite
@pytest.mark.parametrize("meanwhile", ["paid", "cancelled"])
def test_money_that_the_package_does_not_need_is_to_be_given_back(counter: Counter, meanwhile: str) -> None:
    package = counter.desk.order()
    counter.opened(package)
    counter.desk.change(package, meanwhile)

    counter.tell(counter.gateway.completed(BOUGHT))
    before = counter.desk.shown(package)
    page = counter.desk.till.teacher.get(f"/packages/{package}").text
    people = (counter.desk.till.student, counter.desk.till.teacher, counter.desk.till.world.admin())
    lists = [Visitor(counter.app).sign_in(person).open("/packages").text for person in people]
    checks = [Visitor(counter.app).sign_in(person).open("/payments?tab=check").text for person in people[1:]]
    counter.tell(counter.gateway.refunded(BOUGHT))
    done = Visitor(counter.app).sign_in(people[2]).open("/payments?tab=check").text

    assert (before["status"], before["surplus_cents"], before["refunded_cents"]) == (meanwhile, BOUGHT, 0)
    assert "came by card although" in page
    assert ["is given back to your card" in it for it in lists] == [True, False, False]
    assert all("has to be given back" in it and "To be given back" in it for it in checks)
    assert "To be given back" not in done
    assert "Nothing to check" in done
    after = counter.desk.shown(package)
    assert (after["surplus_cents"], after["refunded_cents"]) == (0, 0)
    assert after["left"] == (2 if meanwhile == "paid" else 0)
    (part,) = counter.desk.till.student.get("/api/payments/statement").json["data"]
    kinds = [row["kind"] for row in part["rows"]]
    assert kinds[-2:] == ["package_unneeded", "package_unneeded_refunded"]
    assert part["closing_cents"] == 0


@on_sqlite
def test_what_the_provider_gives_back_counts_once_and_takes_lessons_that_are_left(counter: Counter) -> None:
    package = counter.bought()
    counter.back(package)

    noted = counter.desk.shown(package)
    counter.tell(counter.gateway.refunded(noted["refunded_cents"]))
    known = counter.desk.shown(package)
    first = counter.desk.agree(5)
    counter.tell(counter.gateway.refunded(BOUGHT, event="evt_all"))

    assert known == noted
    shown = counter.desk.shown(package)
    assert (shown["refunded_cents"], shown["paid_back"], shown["used"], shown["left"]) == (BOUGHT, 2, 1, 0)
    # What a lesson has is not taken from it, and once it comes back it pays for nothing more.
    assert counter.desk.open(first) == 0
    counter.desk.set(first, "cancelled")
    assert counter.desk.left(package) == 0
    assert counter.desk.open(counter.desk.agree(6)) == PRICE


@on_sqlite
def test_a_teacher_reads_that_what_goes_back_to_a_card_is_noted_by_itself(counter: Counter) -> None:
    by_card, by_hand = counter.bought(), counter.desk.order()
    counter.desk.change(by_hand, "paid")
    visitor = Visitor(counter.app).sign_in(counter.desk.till.teacher)

    said = [visitor.open(f"/packages/{it}").text.count("is noted here by itself") for it in (by_card, by_hand)]

    # Where lessons are paid back, and where the package is ended.
    assert said == [2, 0]


@on_sqlite
def test_each_field_of_the_page_has_a_name_of_its_own(counter: Counter) -> None:
    page = Visitor(counter.app).sign_in(counter.desk.till.teacher).open(f"/packages/{counter.bought()}").answer.text

    often = Counts(re.findall(r' id="([^"]+)"', page))

    assert {"reason", "back-reason"} <= often.keys()
    assert set(often.values()) == {1}


@on_sqlite
def test_lessons_are_paid_back_for_their_part_of_the_price_and_never_those_that_are_taken(counter: Counter) -> None:
    package = counter.bought()
    counter.desk.agree(5)

    too_many, one, another = counter.back(package, 2), counter.back(package), counter.back(package)

    assert (too_many.status_code, too_many.json["refundable_cents"]) == (409, BOUGHT // 2)
    assert too_many.json["detail"] == "1 lesson of this package is left. Nothing was changed."
    assert (one.status_code, one.json["refunded_cents"], one.json["left"]) == (201, BOUGHT // 2, 0)
    assert (another.status_code, another.json["type"]) == (409, "/problems/over-refunded")
    assert another.json["detail"] == "No lessons of this package are left. Nothing was changed."
    assert counter.desk.open(counter.desk.agree(6)) == PRICE
    assert counter.desk.change(package, "closed", reason="End.", refunded_cents=BOUGHT).status_code == 409
    rows = counter.desk.till.student.get("/api/payments/statement").json["data"][0]["rows"]
    assert [row["effect_cents"] for row in rows if row["kind"] == "package_ended"] == [-(BOUGHT // 2)]
    month = counter.desk.till.teacher.get(f"/api/payments/month?month={counter.clock():%Y-%m}").json
    assert [it["packages_cents"] for it in month["totals"]] == [BOUGHT - BOUGHT // 2]


@on_sqlite
def test_of_two_pages_that_were_both_paid_one_is_to_be_given_back(counter: Counter) -> None:
    package, till = counter.desk.order(), counter.desk.till
    first, paid = counter.opened(package), [counter.gateway.completed(BOUGHT)]
    counter.clock.advance(minutes=46)
    till.student, till.teacher = map(till.world.sign_in, (till.student, till.teacher))
    second = counter.opened(package)
    paid.append(counter.gateway.completed(BOUGHT, payment="pi_2", event="evt_second"))

    counter.tell(*reversed(paid))
    both = counter.desk.shown(package)
    counter.tell(counter.gateway.refunded(BOUGHT, payment="pi_2"))

    assert first != second
    assert [counter.status(it) for it in (first, second)] == ["paid", "paid"]
    assert (both["status"], both["surplus_cents"], both["left"]) == ("paid", BOUGHT, 2)
    # The second page's payment came first, and is what the package needed.
    after = counter.desk.shown(package)
    assert (after["surplus_cents"], after["refunded_cents"], after["left"]) == (BOUGHT, BOUGHT, 0)


@on_sqlite
def test_what_goes_back_to_a_card_after_the_end_counts_with_what_was_noted_then(counter: Counter) -> None:
    package = counter.bought()
    assert counter.desk.change(package, "closed", reason="End.", refunded_cents=1000).status_code == 200

    sums = []
    for cents in (1000, 1500, BOUGHT):
        counter.tell(counter.gateway.refunded(cents, event=f"evt_{cents}"))
        sums.append(counter.desk.shown(package)["refunded_cents"])

    assert sums == [1000, 1500, BOUGHT]
    assert counter.desk.shown(package)["status"] == "closed"


def test_the_databases_refuse_to_change_or_delete_what_came_and_went_by_card(counter: Counter) -> None:
    counter.back(counter.bought())
    statements = [
        change for it in (PackagePayment, PackageRefund) for change in (update(it).values(amount_cents=1), delete(it))
    ]

    for statement in statements:
        with pytest.raises(DatabaseError), counter.app.app_context(), db.engine.begin() as connection:
            connection.execute(statement)


def test_the_last_lesson_is_taken_or_paid_back_whoever_is_faster(counter: Counter) -> None:
    for day in (5, 6, 7, 8):
        package = counter.desk.order()
        counter.desk.change(package, "paid")
        counter.desk.agree(day, 8)
        asked = counter.desk.ask(day, 12)

        answers = at_once(
            [
                partial(counter.desk.set, asked, "accepted"),
                partial(counter.back, package),
                partial(counter.back, package),
            ]
        )

        assert answers[0].status_code == 200
        back = sorted(answer.status_code for answer in answers[1:])
        covered = counter.desk.open(asked) == 0
        assert back == ([409, 409] if covered else [201, 409])
        shown = counter.desk.shown(package)
        assert (shown["left"], shown["refunded_cents"]) == (0, 0 if covered else BOUGHT // 2)
        if not covered:
            # Otherwise the next package would pay for it.
            counter.desk.set(asked, "cancelled")


def test_a_card_and_its_teacher_pay_a_package_at_once_and_it_is_paid_once(counter: Counter) -> None:
    package = counter.desk.order()
    counter.opened(package)
    paid = counter.gateway.completed(BOUGHT)

    at_once(
        [
            partial(counter.desk.change, package, "paid"),
            partial(counter.tell, paid),
            partial(counter.tell, counter.gateway.completed(BOUGHT, event="evt_again")),
        ]
    )

    shown = counter.desk.shown(package)
    assert [step["status"] for step in shown["history"]] == ["ordered", "paid"]
    by_card = shown["history"][1]["actor"]["id"] == counter.desk.till.student.id
    assert shown["surplus_cents"] == (0 if by_card else BOUGHT)


def test_the_databases_refuse_more_refunds_and_more_lessons_than_there_are(counter: Counter) -> None:
    package, world = counter.bought(), counter.desk.till.world
    counter.back(package, 2)
    free = counter.desk.agree(5)
    refund = {"package_id": package, "amount_cents": 1, "reason": "No.", "actor_id": counter.desk.till.teacher.id}
    unit = {"package_id": package, "number": 1, "booking_id": free, "taken_at": world.clock()}

    for table, row in ((PackageRefund, refund | {"at": world.clock()}), (PackageUnit, unit)):
        with pytest.raises(IntegrityError), world.app.app_context(), db.engine.begin() as connection:
            connection.execute(insert(table).values(row))


@given(lessons=st.integers(2, 100), per_lesson=st.integers(1, 10_000), more=st.integers(0, 99))
def test_so_much_money_pays_back_just_so_many_lessons(lessons: int, per_lesson: int, more: int) -> None:
    price = lessons * per_lesson + more

    assert [paid_back(worth(it, price, lessons), price, lessons) for it in range(lessons + 1)] == [*range(lessons + 1)]
    assert worth(lessons, price, lessons) == price
    parts: list[Any] = [worth(it + 1, price, lessons) - worth(it, price, lessons) for it in range(lessons)]
    assert sum(parts) == price
    assert max(parts) - min(parts) <= 1
