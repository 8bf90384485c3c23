"""Statements: every row of the ledger with the balance after it, as an answer, a page and files."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from support.queries import recorded_queries
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.payments.conftest import PRICE, Till
from tests.payments.test_ledger import filled
from tests.support.world import Person

YEAR = "from=2026-01-01&to=2026-12-31"

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def statement(person: Person, query: str = YEAR) -> list[dict[str, Any]]:
    answer = person.get(f"/api/payments/statement?{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json["data"])


def test_every_row_of_the_ledger_is_listed_and_adds_up_to_the_balances(till: Till) -> None:
    filled(till)
    till.pay(till.lesson(), 700, method="bank_transfer", reference="T-1")
    rejected = till.pay(till.lesson(), 800).json["id"]
    till.decide(rejected, "rejected", reason="It is not there.")
    till.world.accepted(till.student, till.teacher, till.gig)

    (of_student,), (of_teacher,) = statement(till.student), statement(till.teacher)

    assert of_student == of_teacher
    kinds = [row["kind"] for row in of_student["rows"]]
    assert sorted(kinds) == sorted(
        ["lesson"] * 5
        + ["fee", "waived", "refunded", "credit_moved", "credit_used"]
        # What its teacher has received was reported at the same moment.
        + ["received", "reported", "reported", "rejected"]
    )
    balance = 0
    for row in of_student["rows"]:
        balance += row["effect_cents"]
        assert row["balance_cents"] == balance
        assert abs(row["effect_cents"]) in (0, row["amount_cents"])
    (shown,) = till.student.get("/api/users/me/balance").json["data"]
    exact = shown["owed_cents"] - (shown["paid_cents"] - shown["refunded_cents"])
    assert of_student["closing_cents"] == balance == exact


@on_sqlite
def test_a_stretch_of_time_begins_with_what_was_owed_before(till: Till) -> None:
    lesson = till.world.past_lesson(till.student, till.gig)
    day = till.student.get(f"/api/bookings/{lesson}").json["starts_at"][:10]
    till.paid(lesson, 1000)

    (before,) = statement(till.student, f"from=2026-01-01&to={day}") or [{"closing_cents": 0}]
    (after,) = statement(till.student, f"from={day}&to=2026-12-31")

    assert after["opening_cents"] == before["closing_cents"] == 0
    assert [row["kind"] for row in after["rows"]] == ["lesson", "received"]
    (later,) = statement(till.student, "from=2026-12-01&to=2026-12-31")
    assert (later["opening_cents"], later["rows"], later["closing_cents"]) == (PRICE - 1000, [], PRICE - 1000)


@on_sqlite
def test_days_are_those_of_the_readers_clock(till: Till, clock: FakeClock) -> None:
    clock.instant = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    student, teacher = (till.world.sign_in(person) for person in (till.student, till.teacher))
    student.patch("/api/users/me", {"time_zone": "Europe/Berlin"})
    teacher.patch("/api/users/me", {"time_zone": "Europe/London"})
    assert till.pay(till.lesson(), by=teacher).status_code == 201

    in_december = "from=2026-12-01&to=2027-01-01"

    # In Berlin it is half past midnight.
    assert [row["kind"] for row in statement(student, in_december)[0]["rows"]] == ["received"]
    assert statement(teacher, in_december) == []
    # Without days it is the present month.
    assert statement(student, "") == statement(student, in_december)


@on_sqlite
def test_a_statement_is_narrowed_to_one_person_and_shown_to_nobody_else(till: Till) -> None:
    other = till.world.student()
    till.lesson()
    till.world.past_lesson(other, till.gig)
    admin, stranger = till.world.admin(), till.world.teacher()

    assert len(statement(till.teacher)[0]["rows"]) == 2
    assert len(statement(till.teacher, f"{YEAR}&person_id={other.id}")[0]["rows"]) == 1
    assert statement(stranger, f"{YEAR}&person_id={other.id}") == []
    assert stranger.get(f"/api/payments/statement?user_id={till.student.id}").status_code == 404
    assert statement(admin, f"{YEAR}&user_id={till.student.id}") == statement(till.student)
    assert admin.get("/api/payments/statement").status_code == 422
    assert admin.get("/api/payments/statement?user_id=999999").status_code == 404


@on_sqlite
@pytest.mark.parametrize(
    "query",
    [
        "from=2026-01-01",
        "to=2026-01-01",
        "from=2026-01-02&to=2026-01-02",
        "from=2026-01-01&to=2027-01-03",
        "from=0001-01-01&to=0001-02-01",
        "from=9999-12-01&to=9999-12-31",
        "from=yesterday&to=today",
        "person_id=0",
        "month=2026-11",
    ],
)
def test_what_makes_no_sense_is_refused(till: Till, query: str) -> None:
    for ending in ("", ".csv", ".pdf"):
        assert till.student.get(f"/api/payments/statement{ending}?{query}").status_code == 422


@on_sqlite
def test_a_spreadsheet_takes_no_text_for_a_formula(till: Till) -> None:
    till.student.patch("/api/users/me", {"name": "=HYPERLINK(1)"})
    lesson = till.world.past_lesson(
        till.student, till.world.gig(till.teacher, price_cents=PRICE, title='+1 Piano, "quoted"')
    )
    for cents, reference in ((100, "@SUM(A1)"), (200, "-2+3"), (300, "harmless = text"), (5000, "Ω")):
        till.pay(lesson, cents, by=till.teacher, reference=reference, advance=True)

    answer = till.teacher.get(f"/api/payments/statement.csv?{YEAR}")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="statement-')
    rows = [*csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))]
    assert [row["Reference"] for row in rows] == ["", "", "'@SUM(A1)", "'-2+3", "harmless = text", "Ω"]
    assert {row["Student"] for row in rows[1:]} == {"'=HYPERLINK(1)"}
    assert {row["Lesson"] for row in rows[1:]} == {'\'+1 Piano, "quoted"'}
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in rows for cell in row.values())
    assert (rows[1]["Charged"], rows[1]["Owed"]) == ("30.00", "30.00")
    assert (rows[-1]["Paid"], rows[-1]["Owed"], rows[-1]["Credit"]) == ("50.00", "", "26.00")


@on_sqlite
def test_a_statement_is_printed_and_shown_on_a_page(till: Till) -> None:
    till.paid(till.lesson(), 1000)

    printed = till.student.get(f"/api/payments/statement.pdf?{YEAR}")
    page = Visitor(till.world.app).sign_in(till.student).open("/statement?month=2026-11")

    assert printed.data.startswith(b"%PDF-")
    assert printed.headers["Content-Disposition"] == 'attachment; filename="statement-2026-01-01.pdf"'
    assert "Statement November 2026" in page.text
    assert "Payment received" in page.text
    assert "−€10.00" in page.text


@on_sqlite
@pytest.mark.middleware_not_compared
def test_a_statement_is_cached_and_fresh_after_each_change(till: Till) -> None:
    lesson, path = till.lesson(), f"/api/payments/statement?{YEAR}"
    till.student.get(path)

    with recorded_queries() as queries:
        assert till.student.get(path).headers["X-Cache"] == "HIT"
    assert not [*queries]
    till.paid(lesson)
    with recorded_queries() as queries:
        assert till.student.get(path).headers["X-Cache"] == "MISS"
    assert len([*queries]) <= 3
