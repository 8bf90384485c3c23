"""Reporting payments, deciding about them, and who sees them."""

from __future__ import annotations

from typing import Any

import pytest

from support.queries import recorded_queries
from tests.payments.conftest import PRICE, Till
from tests.support.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_payment_is_reported_and_shown_as_the_contract_says(till: Till) -> None:
    lesson = till.lesson()
    booking = till.student.get(f"/api/bookings/{lesson}").json

    made = till.pay(lesson, 1000, method="bank_transfer", reference=" Lesson 7 ")

    assert made.status_code == 201
    shown = made.json
    assert {name: shown[name] for name in ("status", "method", "reference", "amount_cents", "currency")} == {
        "status": "submitted",
        "method": "bank_transfer",
        "reference": "Lesson 7",
        "amount_cents": 1000,
        "currency": "EUR",
    }
    assert shown["booking"] == {"id": lesson, "starts_at": booking["starts_at"], "gig": booking["gig"]}
    assert (shown["student"], shown["teacher"]) == (booking["student"], booking["teacher"])
    assert (shown["refunded_cents"], shown["reason"], shown["has_proof"], shown["decided_at"]) == (0, "", False, None)
    assert shown["allowed_transitions"] == []
    assert till.student.get(f"/api/payments/{shown['id']}").json == shown
    of_teacher = till.teacher.get(f"/api/payments/{shown['id']}").json
    assert of_teacher["allowed_transitions"] == ["verified", "rejected"]


def test_what_a_teacher_reports_is_verified_at_once(till: Till) -> None:
    made = till.pay(till.lesson(), by=till.teacher)

    assert (made.status_code, made.json["status"]) == (201, "verified")
    assert [step["status"] for step in made.json["history"]] == ["submitted", "verified"]
    assert till.decide(made.json["id"], "rejected").json["type"] == "/problems/wrong-state"


def test_a_payment_is_verified_or_rejected_once_and_a_rejection_says_why(till: Till) -> None:
    lesson = till.lesson()
    first, second = (till.pay(lesson, 1000).json["id"] for _ in range(2))

    assert till.decide(first, "rejected", reason=" ").status_code == 422
    assert till.decide(first, "rejected", reason="It is not there.").json["reason"] == "It is not there."
    assert till.decide(second, "verified", reason="").json["decided_at"] is not None

    for payment, status in ((first, "rejected"), (second, "verified")):
        again = till.decide(payment, "verified")
        assert (again.status_code, again.json["type"]) == (409, "/problems/wrong-state")
        assert again.json["current"] == status
        assert till.student.get(f"/api/payments/{payment}").json["status"] == status


def test_nobody_else_sees_a_payment_or_a_balance(till: Till) -> None:
    payment = till.pay(lesson := till.lesson()).json["id"]
    strangers = (till.world.student(), till.world.teacher())

    for stranger in strangers:
        for path in (f"/api/payments/{payment}", f"/api/bookings/{lesson}/balance"):
            assert stranger.get(path).status_code == 404, path
        assert stranger.get("/api/payments").json["data"] == []
        assert stranger.get("/api/users/me/balance").json["data"] == []
        assert till.decide(payment, "verified", by=stranger).status_code == 404
        assert till.pay(lesson, by=stranger).status_code == 404
    assert till.decide(payment, "verified", by=till.student).status_code == 403
    assert till.student.get("/api/payments/999999").status_code == 404


def test_more_than_is_open_is_refused_unless_it_is_an_advance(till: Till) -> None:
    lesson = till.lesson()
    till.pay(lesson, 1000)

    refused = till.pay(lesson, PRICE - 999)

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/overpaid")
    assert refused.json["open_cents"] == PRICE - 1000
    assert till.pay(lesson, PRICE - 999, advance=True).status_code == 201
    assert till.balance(lesson)["open_cents"] == 0


def test_a_reference_is_used_once_for_each_payee(till: Till) -> None:
    lesson, other = till.lesson(), till.lesson()
    elsewhere = till.world.gig(payee := till.world.teacher())
    payment = till.pay(lesson, reference="A-1").json["id"]
    till.decide(payment, "rejected")

    for booking in (lesson, other):
        refused = till.pay(booking, 10, reference="A-1")
        assert (refused.status_code, refused.json["type"]) == (409, "/problems/reference-used")

    assert till.pay(till.world.past_lesson(till.student, elsewhere), 10, reference="A-1").status_code == 201
    # Cash has none.
    assert [till.pay(other, 10).status_code for _ in range(2)] == [201, 201]
    assert len(payee.get("/api/payments").json["data"]) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "USD"},
        {"currency": "XXX"},
        {"amount_cents": 0},
        {"amount_cents": -5},
        {"amount_cents": 10.5},
        {"amount_cents": "10"},
        {"amount_cents": 10**12},
        {"method": "barter"},
        {"reference": "x" * 141},
        {"reference": "a\nb"},
        {"advance": "yes"},
        {"verified": True},
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(till: Till, changes: dict[str, Any]) -> None:
    lesson = till.lesson()

    refused = till.pay(lesson, **changes)

    assert (refused.status_code, [*refused.json["errors"]]) == (422, [*changes])
    assert till.balance(lesson)["submitted_cents"] == 0


def test_the_same_key_reports_one_payment_and_one_refund(till: Till) -> None:
    lesson, key = till.lesson(), {"Idempotency-Key": "one"}
    body = {"booking_id": lesson, "method": "cash", "amount_cents": 1000, "currency": "EUR"}
    back = {"amount_cents": 400, "reason": "It was shorter."}

    made = [till.teacher.post("/api/payments", body, headers=key) for _ in range(2)]
    path = f"/api/payments/{made[0].json['id']}/refunds"
    given = [till.teacher.post(path, back, headers=key) for _ in range(2)]

    assert made[0].json == made[1].json
    assert given[0].json == given[1].json
    assert given[0].json["refunded_cents"] == 400
    assert till.balance(lesson)["paid_cents"] == 1000


def test_lists_are_narrowed_and_paged(till: Till, world: World) -> None:
    lessons = [till.lesson() for _ in range(2)]
    payments = [till.pay(lesson, 500).json["id"] for lesson in lessons for _ in range(2)]
    till.decide(payments[0], "verified")
    till.decide(payments[1], "rejected")

    def found(query: str) -> list[int]:
        answers = [person.get(f"/api/payments?{query}") for person in (till.student, till.teacher, admin)]
        assert answers[0].json["data"] == answers[1].json["data"] == answers[2].json["data"]
        return [payment["id"] for payment in answers[0].json["data"]]

    admin = world.admin()
    assert found("") == payments[::-1]
    assert found("status=submitted") == [payments[3], payments[2]]
    assert found("status=verified&status=rejected") == [payments[1], payments[0]]
    assert found(f"booking_id={lessons[1]}") == [payments[3], payments[2]]
    assert found(f"from={world.at(minutes=1)}") == []
    assert found(f"to={world.at(minutes=1)}") == payments[::-1]
    first = till.student.get("/api/payments?limit=3").json
    rest = till.student.get(f"/api/payments?limit=3&cursor={first['next_cursor']}").json
    assert ([it["id"] for it in rest["data"]], rest["next_cursor"]) == ([payments[0]], None)


@pytest.mark.middleware_not_compared
@pytest.mark.parametrize("status", ["verified", "rejected"])
def test_what_was_decided_is_in_the_cache_for_the_office_too(till: Till, status: str) -> None:
    payment, admin = till.pay(till.lesson()).json["id"], till.world.admin()
    people = (till.student, till.teacher, admin)
    for person in people:
        person.get(f"/api/payments/{payment}")

    till.decide(payment, status)

    for person in people:
        with recorded_queries() as queries:
            answer = person.get(f"/api/payments/{payment}")
        assert (answer.json["status"], answer.headers["X-Cache"], [*queries]) == (status, "HIT", [])


@pytest.mark.middleware_not_compared
def test_lists_and_balances_are_cached_and_fresh_after_each_change(till: Till) -> None:
    lesson = till.lesson()
    payment = till.pay(lesson).json["id"]
    paths = ("/api/payments", "/api/users/me/balance", f"/api/bookings/{lesson}/balance", "/api/bookings")

    def warm() -> None:
        for person in (till.student, till.teacher):
            for path in paths:
                person.get(path)
                with recorded_queries() as queries:
                    assert person.get(path).headers["X-Cache"] == "HIT", path
                assert not [*queries]

    for change in (lambda: till.decide(payment, "verified"), lambda: till.refund(payment, 100)):
        warm()

        assert change().status_code in (200, 201)

        for person in (till.student, till.teacher):
            assert [person.get(path).headers["X-Cache"] for path in paths] == ["MISS"] * 4
            with recorded_queries() as queries:
                answer = person.get(f"/api/payments/{payment}")
            # The new detail was in the cache before anybody asked.
            assert (answer.json["status"], answer.headers["X-Cache"], [*queries]) == ("verified", "HIT", [])


def test_a_moved_lesson_and_a_new_name_show_in_its_payment(till: Till) -> None:
    booking = till.world.accepted(till.student, till.teacher, till.gig)
    payment = till.pay(booking["id"]).json["id"]
    moved = till.world.at(days=3)

    till.teacher.patch(f"/api/bookings/{booking['id']}", {"starts_at": moved})
    till.student.patch("/api/users/me", {"name": "Ada King"})

    shown = till.teacher.get(f"/api/payments/{payment}").json
    assert (shown["booking"]["starts_at"], shown["student"]["name"]) == (moved, "Ada King")


def test_an_administrators_new_name_shows_in_what_they_have_decided(till: Till) -> None:
    admin = till.world.admin()
    payment = till.pay(till.lesson()).json["id"]
    till.decide(payment, "verified", by=admin)
    till.student.get(f"/api/payments/{payment}")

    admin.patch("/api/users/me", {"name": "Alan Turing"})

    (*_, decided) = till.student.get(f"/api/payments/{payment}").json["history"]
    assert decided["actor"]["name"] == "Alan Turing"
