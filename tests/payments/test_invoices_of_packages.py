"""Packages on invoices: once, with what was paid for them, and no lesson is charged beside its package."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from database import reading
from extensions import db
from payments.invariants import violations
from payments.invoices.models import InvoiceLine
from payments.invoices.queries import by_student
from tests.payments.conftest import PRICE, Till
from tests.payments.test_ledger import ask, outcomes
from tests.payments.test_packages import BOUGHT, Desk
from tests.support.world import Person

one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def desk(till: Till) -> Iterator[Desk]:
    yield Desk(till)
    with till.world.app.app_context(), reading() as connection:
        assert violations(connection) == []


def make(desk: Desk, *packages: int, by: Person | None = None, **more: Any) -> TestResponse:
    return (by or desk.till.teacher).post("/api/invoices", {"package_ids": [*packages]} | more)


def take_back(desk: Desk, invoice_id: int) -> TestResponse:
    return desk.till.teacher.post(f"/api/invoices/{invoice_id}/corrections", {"reason": "Wrong address."})


@one_database
def test_a_package_that_was_paid_stands_on_an_invoice_beside_lessons(desk: Desk) -> None:
    package, lesson = desk.buy(), desk.till.lesson()

    made = make(desk, package, booking_ids=[lesson])

    assert made.status_code == 201, made.text
    assert (made.json["total_cents"], made.json["paid_cents"]) == (BOUGHT + PRICE, BOUGHT)
    of_lesson, of_package = made.json["lines"]
    assert (of_lesson["booking_id"], of_lesson["package_id"]) == (lesson, None)
    assert of_package | {"title": "", "paid_at": ""} == {
        **dict.fromkeys(("booking_id", "starts_at", "ends_at")),
        "package_id": package,
        "lessons": 2,
        "is_fee": False,
        "amount_cents": BOUGHT,
        "title": "",
        "paid_at": "",
    }
    assert of_package["paid_at"] == desk.shown(package)["history"][1]["at"]
    found = desk.till.student.get(f"/api/invoices?package_id={package}").json["data"]
    assert [it["id"] for it in found] == [made.json["id"]]


@one_database
def test_a_package_is_invoiced_once_and_only_when_it_was_paid(desk: Desk) -> None:
    paid, ordered = desk.buy(), desk.order(3)
    make(desk, paid)

    again, early = make(desk, paid, ordered), make(desk, ordered)

    for answer, slug, which in ((again, "already-invoiced", paid), (early, "not-billable", ordered)):
        assert (answer.status_code, answer.json["type"]) == (409, f"/problems/{slug}")
        assert (answer.json["booking_ids"], answer.json["package_ids"]) == ([], [which])
    assert make(desk, paid, by=desk.till.student).status_code == 403
    assert make(desk, paid, by=desk.till.world.teacher()).status_code == 404
    assert make(desk, 999_999).status_code == 404
    assert make(desk, paid, paid).status_code == 422


@one_database
def test_lessons_of_a_package_are_never_charged_beside_it(desk: Desk) -> None:
    package, covered = desk.buy(), desk.agree(5)
    make(desk, package)

    refused = desk.till.teacher.post("/api/invoices", {"booking_ids": [covered]})

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/not-billable")
    assert refused.json["booking_ids"] == [covered]


@one_database
def test_a_lesson_that_stands_on_an_invoice_takes_nothing_from_a_package(desk: Desk) -> None:
    invoiced, other = desk.agree(5), desk.agree(6)
    payment = desk.till.paid(invoiced)
    desk.till.teacher.post("/api/invoices", {"booking_ids": [invoiced]})
    desk.till.refund(payment, PRICE)

    package = desk.buy()

    assert [it["booking"]["id"] for it in desk.shown(package)["covers"]] == [other]
    assert desk.open(invoiced) == PRICE


@one_database
def test_an_invoice_for_a_package_is_taken_back_and_made_anew_with_what_was_not_given_back(desk: Desk) -> None:
    package = desk.buy()
    first = make(desk, package).json
    desk.change(package, "closed", reason="We end here.", refunded_cents=2000)

    counter = take_back(desk, first["id"])
    anew = make(desk, package)

    assert counter.json["total_cents"] == -BOUGHT
    assert [line | {"amount_cents": -line["amount_cents"]} for line in counter.json["lines"]] == first["lines"]
    assert (anew.json["number"], anew.json["total_cents"]) == ("2026-0003", BOUGHT - 2000)


@one_database
def test_a_package_of_which_all_was_given_back_stands_on_no_invoice(desk: Desk) -> None:
    package = desk.buy()

    desk.change(package, "closed", reason="We end here.", refunded_cents=BOUGHT)

    assert make(desk, package).json["type"] == "/problems/not-billable"


@one_database
def test_the_month_in_which_a_package_was_paid_offers_it_and_the_pdf_shows_it(desk: Desk) -> None:
    package = desk.buy()
    page = desk.till.teacher.get("/invoices?month=2026-11").text
    form = desk.till.teacher.get(f"/invoices/new?student={desk.till.student.id}&currency=EUR&month=2026-11").text

    made = make(desk, package).json
    printed = desk.till.student.get(f"/api/invoices/{made['id']}/pdf").data

    assert "1 package ·" in page
    assert f'name="package_ids" value="{package}" checked' in form
    assert printed.startswith(b"%PDF-")
    assert "1 package" not in desk.till.teacher.get("/invoices?month=2026-11").text
    shown = desk.till.student.get(f"/invoices/{made['id']}").text
    assert f"2 lessons of {desk.till.gig['title']}, paid in advance" in shown


def test_a_package_is_invoiced_once_whoever_is_faster(desk: Desk) -> None:
    package = desk.buy()
    till, body = desk.till, {"package_ids": [package]}

    found = outcomes([ask(till, till.teacher, "POST", "/api/invoices", body) for _ in range(3)])

    assert found == {(201, ""): 1, (409, "/problems/already-invoiced"): 2}


def test_a_line_names_one_lesson_or_one_package(desk: Desk) -> None:
    package, lesson = desk.buy(), desk.till.lesson()
    made, at = make(desk, package).json, desk.till.world.clock()
    line: dict[str, Any] = {
        "invoice_id": made["id"],
        "position": 1,
        "title": "More",
        "is_fee": False,
        "amount_cents": 1,
    }
    of_lesson: dict[str, Any] = {"booking_id": lesson, "starts_at": at, "ends_at": at}
    of_package: dict[str, Any] = {"package_id": package, "lessons": 2, "paid_at": at}
    wrong = [
        {},
        of_lesson | of_package,
        of_package | {"is_fee": True},
        {"package_id": package},
        of_lesson | {"lessons": 2},
    ]

    for more in wrong:
        # The place is taken, too, but what a line is about is looked at first.
        row, refused = line | more, pytest.raises(IntegrityError, match="ck_invoice_lines_subject")
        with refused, desk.till.world.app.app_context(), db.engine.begin() as connection:
            connection.execute(insert(InvoiceLine).values(row))


def test_what_can_be_on_one_invoice_is_put_together_and_added_up() -> None:
    anna, bob = {"id": 1, "name": "Anna"}, {"id": 2, "name": "Bob"}

    def row(student: dict[str, Any], currency: str, due: int, paid: int) -> dict[str, Any]:
        return {"id": 7, "student": student, "currency": currency, "due_cents": due, "paid_cents": paid}

    lessons = [row(bob, "EUR", 100, 0), row(anna, "EUR", 200, 50), row(anna, "CHF", 300, 0)]
    packages = [row(anna, "EUR", 1_000, 1_000), row(anna, "EUR", 200, 50)]

    groups = by_student({"data": lessons, "packages": packages})

    assert [(it["student"]["name"], it["currency"], it["due_cents"], it["paid_cents"]) for it in groups] == [
        ("Anna", "CHF", 300, 0),
        ("Anna", "EUR", 1_400, 1_100),
        ("Bob", "EUR", 100, 0),
    ]
    assert (groups[1]["lessons"], groups[1]["packages"]) == ([lessons[1]], packages)
