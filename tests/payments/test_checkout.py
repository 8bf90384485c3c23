"""Paying by card: a page that a job opens at a real server, and its signed notices in any order."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from config import ConfigError
from config.cards import card_account
from database import reading
from jobs.steps import drain
from payments.checkout import service
from payments.checkout.amounts import to_cents, to_units
from payments.checkout.asking import ask_again
from payments.checkout.models import NoticeKind
from payments.checkout.service import LASTS
from payments.checkout.terms import Notice
from payments.invariants import violations
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.payments.conftest import PRICE, Till
from tests.support.card_gateway import CardGateway, card_gateway, deliver, signature
from tests.support.races import at_once
from tests.support.world import Person, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class Counter:
    """A student who pays by card, and the provider."""

    till: Till
    gateway: CardGateway
    clock: FakeClock

    @property
    def app(self) -> Flask:
        return self.till.world.app

    def start(self, lesson: int, *, by: Person | None = None) -> TestResponse:
        return (by or self.till.student).post("/api/payments/checkout", {"booking_id": lesson})

    def opened(self, lesson: int) -> int:
        """The id of a checkout whose page is open."""
        made = self.start(lesson)
        assert made.status_code == 202, made.text
        drain(self.app)
        return int(made.json["id"])

    def shown(self, checkout: int) -> dict[str, Any]:
        answer = self.till.student.get(f"/api/payments/checkout/{checkout}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def tell(self, *events: bytes) -> list[int]:
        return [deliver(self.app, event, self.clock()).status_code for event in events]

    def payments(self) -> list[dict[str, Any]]:
        return list(self.till.teacher.get("/api/payments").json["data"])

    def wrong(self) -> list[str]:
        with self.app.app_context(), reading() as connection:
            return violations(connection)


@pytest.fixture
def counter(make_app: Callable[..., Flask], clock: FakeClock) -> Iterator[Counter]:
    with card_gateway() as gateway:
        world = World(make_app(card_account=gateway.account), clock)
        teacher = world.teacher()
        till = Till(world, world.student(), teacher, world.gig(teacher, price_cents=PRICE))
        yield Counter(till, gateway, clock)


@on_sqlite
def test_the_page_is_opened_by_a_job_and_the_student_led_there(counter: Counter) -> None:
    lesson = counter.till.lesson()
    counter.gateway.goes_on.clear()

    made = counter.start(lesson)

    # Whatever the provider does, the answer does not wait for it.
    assert (made.status_code, made.json["status"], made.json["url"]) == (202, "preparing", None)
    assert counter.gateway.calls == []
    counter.gateway.goes_on.set()
    drain(counter.app)
    shown = counter.shown(made.json["id"])
    assert (shown["status"], shown["url"], shown["amount_cents"]) == ("open", "https://pay.example.org/cs_1", PRICE)
    (call,) = counter.gateway.calls
    assert call | {"client_reference_id": ""} == {
        "mode": "payment",
        "client_reference_id": "",
        "metadata[lectern_checkout]": counter.gateway.token,
        "payment_intent_data[metadata][lectern_checkout]": counter.gateway.token,
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "eur",
        "line_items[0][price_data][unit_amount]": str(PRICE),
        "line_items[0][price_data][product_data][name]": counter.till.gig["title"],
        "expires_at": str(int((counter.clock() + LASTS).timestamp())),
        "success_url": f"http://127.0.0.1:8000/card-payments/{shown['id']}",
        "cancel_url": f"http://127.0.0.1:8000/card-payments/{shown['id']}",
    }
    # Who asks again goes on with it, and others do not get the page.
    assert counter.start(lesson).json["id"] == shown["id"]
    assert counter.till.teacher.get(f"/api/payments/checkout/{shown['id']}").json["url"] is None


@on_sqlite
def test_what_was_paid_is_in_the_ledger_once_however_often_it_is_told(counter: Counter) -> None:
    lesson = counter.till.lesson()
    checkout = counter.opened(lesson)
    paid = counter.gateway.completed(PRICE)

    assert counter.tell(paid, paid, counter.gateway.completed(PRICE, event="evt_other")) == [204] * 3

    (payment,) = counter.payments()
    assert (payment["status"], payment["method"], payment["reference"]) == ("verified", "card", "pi_1")
    assert counter.till.balance(lesson)["open_cents"] == 0
    assert counter.shown(checkout)["status"] == "paid"
    assert counter.start(lesson).json["type"] == "/problems/overpaid"
    assert counter.wrong() == []


@on_sqlite
def test_notices_lead_to_the_same_in_every_order(counter: Counter) -> None:
    lessons = [counter.till.lesson() for _ in range(6)]

    for number, order in enumerate(itertools.permutations(range(3))):
        checkout = counter.opened(lessons[number])
        names = {"payment": f"pi_{number}"}
        events = [
            counter.gateway.completed(PRICE, event=f"evt_{number}_paid", **names),
            counter.gateway.refunded(1000, event=f"evt_{number}_refunded", **names),
            counter.gateway.expired(event=f"evt_{number}_expired"),
        ]
        counter.tell(*(events[place] for place in order))

        payment = counter.payments()[0]
        assert (payment["reference"], payment["refunded_cents"]) == (f"pi_{number}", 1000), order
        assert counter.shown(checkout)["status"] == "paid", order
    assert len(counter.payments()) == len(lessons)
    assert counter.wrong() == []


@on_sqlite
def test_a_notice_may_come_before_the_answer_to_the_call(counter: Counter) -> None:
    lesson = counter.till.lesson()
    checkout = counter.start(lesson).json["id"]
    counter.gateway.goes_on.clear()
    runner = threading.Thread(target=drain, args=(counter.app,))
    runner.start()
    assert counter.gateway.arrived.wait(10)

    assert counter.tell(counter.gateway.completed(PRICE)) == [204]
    before = counter.shown(checkout)
    counter.gateway.goes_on.set()
    runner.join()

    assert before["status"] == counter.shown(checkout)["status"] == "paid"
    assert len(counter.payments()) == 1


@on_sqlite
def test_what_was_paid_meanwhile_in_another_way_makes_it_credit(counter: Counter) -> None:
    lesson = counter.till.lesson()
    counter.opened(lesson)
    counter.till.paid(lesson, 2000)

    counter.tell(counter.gateway.completed(PRICE))

    balance = counter.till.balance(lesson)
    assert (balance["paid_cents"], balance["open_cents"], balance["credit_cents"]) == (2000 + PRICE, 0, 2000)
    assert counter.wrong() == []


@on_sqlite
@pytest.mark.parametrize(
    "typed", ["reported", "reported less", "rejected", "for another lesson", "by credit", "received"]
)
def test_a_reference_typed_by_hand_hides_no_money(counter: Counter, typed: str) -> None:
    till = counter.till
    lesson, other = till.lesson(), till.lesson()
    counter.opened(lesson)
    if typed == "by credit":
        till.paid(other, PRICE + 500, advance=True)
        till.pay(lesson, 500, method="credit", reference="pi_1")
    elif typed == "received":
        till.paid(lesson, PRICE, reference="pi_1")
    else:
        about = other if typed == "for another lesson" else lesson
        reported = till.pay(about, 1000 if typed == "reported less" else PRICE, reference="pi_1").json["id"]
        if typed == "rejected":
            till.decide(reported, "rejected")

    counter.tell(counter.gateway.completed(PRICE), counter.gateway.completed(PRICE, event="evt_again"))
    counter.tell(counter.gateway.refunded(400))

    received = [it for it in counter.payments() if it["booking"]["id"] == lesson and it["status"] == "verified"]
    own = [it for it in received if it["method"] != "credit"]
    taken_over = typed in ("reported", "received")
    assert [(it["reference"], it["amount_cents"]) for it in own] == [("pi_1" if taken_over else "pi_1 (2)", PRICE)]
    assert own[0]["refunded_cents"] == 400
    assert counter.wrong() == []


@on_sqlite
def test_refunds_in_parts_and_those_noted_by_hand_count_once(counter: Counter) -> None:
    counter.opened(counter.till.lesson())
    counter.tell(counter.gateway.completed(PRICE))
    payment = counter.payments()[0]["id"]
    counter.till.refund(payment, 500)

    counter.tell(counter.gateway.refunded(500), counter.gateway.refunded(1200, event="evt_more"))
    # An older one comes late.
    counter.tell(counter.gateway.refunded(700, event="evt_late"))

    assert counter.payments()[0]["refunded_cents"] == 1200
    assert counter.wrong() == []


@on_sqlite
@pytest.mark.parametrize(("failure", "keys"), [(0, 1), (429, 1), (500, 2)], ids=["killed", "too many", "failing"])
def test_a_call_is_repeated_with_its_key_but_after_an_error_with_another(
    counter: Counter, failure: int, keys: int
) -> None:
    # Killed, it has made the page; failing, it would answer to the same key as before.
    counter.gateway.failures = [failure]
    checkout = counter.opened(counter.till.lesson())
    before = counter.shown(checkout)["status"]

    counter.clock.advance(minutes=1)
    drain(counter.app)

    assert (before, counter.shown(checkout)["status"]) == ("preparing", "open")
    assert (len(counter.gateway.keys), len({*counter.gateway.keys})) == (2, keys)


@on_sqlite
def test_an_order_that_is_refused_has_failed_and_is_not_tried_again(counter: Counter) -> None:
    counter.gateway.failures = [400]

    checkout = counter.opened(counter.till.lesson())
    drain(counter.app)

    assert counter.shown(checkout)["status"] == "failed"
    assert len(counter.gateway.calls) == 1


@on_sqlite
def test_a_page_that_nobody_paid_on_is_over_even_without_a_notice(counter: Counter) -> None:
    lesson = counter.till.lesson()
    checkout = counter.opened(lesson)

    counter.clock.advance(minutes=46)

    student = counter.till.world.sign_in(counter.till.student)
    shown = student.get(f"/api/payments/checkout/{checkout}").json
    assert (shown["status"], shown["url"]) == ("expired", None)
    assert counter.start(lesson, by=student).json["id"] != checkout
    # Money that comes all the same is money.
    counter.tell(counter.gateway.completed(PRICE))
    assert student.get(f"/api/payments/checkout/{checkout}").json["status"] == "paid"


@on_sqlite
def test_the_provider_is_asked_about_what_no_notice_came_about(counter: Counter) -> None:
    counter.gateway.page = 1
    lesson = counter.till.lesson()
    checkout = counter.opened(lesson)
    paid, refunded = counter.gateway.completed(PRICE), counter.gateway.refunded(400)
    strange = json.dumps({"id": "evt_0", "type": "charge.refunded", "data": {"object": {"currency": "eur"}}}).encode()
    counter.gateway.events = [refunded, strange, paid]

    ask(counter)
    too_soon = [*counter.gateway.asked]
    counter.clock.advance(minutes=6)
    ask(counter)
    asked = [*counter.gateway.asked]
    ask(counter)

    assert too_soon == []
    assert [it.get("starting_after") for it in asked] == [None, "evt_refunded", "evt_0"]
    # Now that it is known there is nothing to ask about any more.
    assert counter.gateway.asked == asked
    assert counter.shown(checkout)["status"] == "paid"
    assert [(it["amount_cents"], it["refunded_cents"]) for it in counter.payments()] == [(PRICE, 400)]
    # The notices that come late after all change nothing.
    assert counter.tell(paid, refunded) == [204, 204]
    assert len(counter.payments()) == 1
    assert counter.wrong() == []


@on_sqlite
def test_a_notice_that_fails_keeps_none_of_the_later_ones_back(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    checkout = counter.opened(counter.till.lesson())
    counter.gateway.events = [counter.gateway.completed(PRICE), counter.gateway.expired()]
    receive = service.receive

    def fails_at_first(notice: Notice, *, now: datetime) -> None:
        if notice.kind == NoticeKind.EXPIRED:
            raise RuntimeError("No.")
        receive(notice, now=now)

    monkeypatch.setattr(service, "receive", fails_at_first)
    counter.clock.advance(minutes=6)
    ask(counter)

    assert counter.shown(checkout)["status"] == "paid"
    assert "evt_expired" in caplog.text


def ask(counter: Counter) -> None:
    with counter.app.app_context():
        ask_again(counter.clock())


@on_sqlite
def test_only_what_the_provider_signed_just_now_is_believed(counter: Counter) -> None:
    counter.opened(counter.till.lesson())
    body, now = counter.gateway.completed(PRICE), counter.clock()
    good = signature(body, now)
    old = signature(body, now.replace(year=2025))

    def sent(header: str, content: bytes = body) -> int:
        client = counter.app.test_client()
        return client.post("/webhooks/stripe", data=content, headers={"Stripe-Signature": header}).status_code

    wrong = ["", "v1=abc", "t=x,v1=abc", good.replace("v1=", "v0="), old, signature(body, now, "whsec_other")]
    wrong += [good.replace("t=", "t=1"), "t=" + "9" * 400 + ",v1=a", f"{good},t=1", "t=²,v1=é"]
    assert [sent(header) for header in wrong] == [400] * len(wrong)
    assert sent(good, body + b" ") == 400
    assert counter.payments() == []
    # While a secret is replaced there are two signatures.
    assert sent(f"v1={'0' * 64},{good}") == 204
    assert len(counter.payments()) == 1


@on_sqlite
def test_notices_about_anything_else_change_nothing(counter: Counter) -> None:
    counter.opened(counter.till.lesson())
    gateway = counter.gateway
    others = [
        gateway.completed(PRICE, metadata={}),
        gateway.completed(PRICE, metadata=None),
        gateway.completed(PRICE, metadata={"lectern_checkout": "unknown"}),
        gateway.completed(PRICE, payment_status="unpaid"),
        gateway.completed(PRICE, currency="usd"),
        gateway.completed(PRICE).replace(b"checkout.session.completed", b"customer.created"),
    ]

    assert counter.tell(*others) == [204] * len(others)
    assert counter.tell(b"[]", b"{", b'{"id": 1}') == [400] * 3

    assert counter.payments() == []


def test_notices_at_the_same_moment_make_one_payment(counter: Counter) -> None:
    lesson = counter.till.lesson()
    counter.opened(lesson)
    gateway = counter.gateway
    events = [gateway.completed(PRICE), gateway.completed(PRICE), gateway.completed(PRICE, event="evt_2")]
    events += [gateway.refunded(1000), gateway.expired()]

    answers = at_once([partial(deliver, counter.app, event, counter.clock()) for event in events])

    assert [answer.status_code for answer in answers] == [204] * len(events)
    (payment,) = counter.payments()
    assert (payment["amount_cents"], payment["refunded_cents"]) == (PRICE, 1000)
    assert counter.wrong() == []


def test_who_presses_twice_gets_one_page(counter: Counter) -> None:
    lesson, student = counter.till.lesson(), counter.till.student

    def press() -> TestResponse:
        client = counter.app.test_client(use_cookies=False)
        return client.post("/api/payments/checkout", json={"booking_id": lesson}, headers=student.headers)

    assert len({answer.json["id"] for answer in at_once([press] * 3)}) == 1
    drain(counter.app)
    assert len(counter.gateway.calls) == 1


@on_sqlite
def test_others_neither_start_nor_see_it(counter: Counter) -> None:
    lesson = counter.till.lesson()
    checkout = counter.opened(lesson)
    world = counter.till.world

    assert counter.start(lesson, by=world.student()).status_code == 404
    assert counter.start(lesson, by=counter.till.teacher).status_code == 403
    assert counter.start(999_999).status_code == 404
    for stranger in (world.student(), world.teacher()):
        assert stranger.get(f"/api/payments/checkout/{checkout}").status_code == 404


@on_sqlite
def test_without_an_account_nothing_is_offered(till: Till) -> None:
    lesson = till.lesson()

    refused = till.student.post("/api/payments/checkout", {"booking_id": lesson})

    assert (refused.status_code, refused.json["type"]) == (404, "/problems/checkout-off")
    assert till.world.app.test_client().post("/webhooks/stripe", data=b"{}").status_code == 404
    assert "by card" not in Visitor(till.world.app).sign_in(till.student).open(f"/lessons/{lesson}/payments").text


@on_sqlite
def test_a_student_pays_by_card_from_the_lessons_page(counter: Counter) -> None:
    lesson = counter.till.lesson()
    visitor = Visitor(counter.app).sign_in(counter.till.student)
    visitor.open(f"/lessons/{lesson}/payments").send(f"/lessons/{lesson}/pay-by-card")
    waiting, refreshes = visitor.text, 'http-equiv="refresh"' in visitor.answer.text
    drain(counter.app)

    led = visitor.client.get(visitor.path)
    back = visitor.path.partition("?")[0]
    before = visitor.open(back).text
    counter.tell(counter.gateway.completed(PRICE))

    assert "One moment" in waiting
    assert refreshes
    assert (led.status_code, led.location) == (302, "https://pay.example.org/cs_1")
    assert "Not paid yet" in before
    assert "Thank you. €30 came by card." in visitor.open(back).text


@on_sqlite
def test_a_teacher_reads_that_what_goes_back_to_a_card_is_noted_by_itself(counter: Counter) -> None:
    till, words = counter.till, "Note here only what you give back in another way."
    by_hand = till.paid(till.lesson(), PRICE, method="card")
    counter.opened(till.lesson())
    counter.tell(counter.gateway.completed(PRICE))
    by_card = counter.payments()[0]["id"]
    visitor = Visitor(counter.app).sign_in(till.teacher)

    pages = {payment: visitor.open(f"/payments/{payment}").text for payment in (by_card, by_hand)}

    assert words in pages[by_card]
    assert "It came by card" in pages[by_card]
    assert "has received it" not in pages[by_card]
    assert words not in pages[by_hand]
    assert "has received it" in pages[by_hand]


def test_amounts_are_counted_as_the_provider_does() -> None:
    cases = [("EUR", 1234, 1234), ("JPY", 50_000, 500), ("JPY", 50_050, None), ("KWD", 512, 5120), ("ISK", 500, 500)]
    cases += [("ISK", 550, None), ("UGX", 100, 100)]

    for currency, cents, units in cases:
        assert to_units(cents, currency) == units
        assert units is None or to_cents(units, currency) == cents


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"STRIPE_SECRET_KEY": "sk"}, "belong together"),
        ({"STRIPE_WEBHOOK_SECRET": "whsec"}, "belong together"),
        ({"STRIPE_SECRET_KEY": "a", "STRIPE_WEBHOOK_SECRET": "b", "STRIPE_URL": "http://api.example.org"}, "https"),
    ],
)
def test_half_an_account_and_an_open_line_are_refused(env: dict[str, str], words: str) -> None:
    nothing = dict.fromkeys(("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_URL"))

    assert card_account(nothing) is None
    with pytest.raises(ConfigError, match=words):
        card_account(nothing | env)
