"""What the databases themselves refuse about invoices, and that numbers have no gap whatever happens at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from database import reading, writing
from extensions import db
from payments.invariants import violations
from payments.invoices import service
from payments.invoices.models import Invoice, InvoiceCounter, InvoiceLine, NewInvoice
from tests.payments.conftest import Till
from tests.payments.test_ledger import ask, outcomes, refused


def made(till: Till) -> int:
    answer = till.teacher.post("/api/invoices", {"booking_ids": [till.lesson(), till.lesson()]})
    assert answer.status_code == 201, answer.text
    return int(answer.json["id"])


def wrong(till: Till) -> list[str]:
    with till.world.app.app_context(), reading() as connection:
        return violations(connection)


def test_invoices_are_neither_changed_nor_deleted_nor_added_to(till: Till) -> None:
    invoice = made(till)
    names = [column.name for column in Invoice.__table__.c if column.name not in ("id", "number")]
    copied = [Invoice.__table__.c[name] for name in names]
    line = {"invoice_id": invoice, "booking_id": till.lesson(), "title": "More", "is_fee": False, "amount_cents": 1}
    times = {"starts_at": till.world.clock(), "ends_at": till.world.clock()}

    def copy(number: int) -> Any:
        return insert(Invoice).from_select([*names, "number"], select(*copied, number))  # type: ignore[call-overload]

    changes: list[Any] = [
        update(Invoice).values({column.name: column}) for column in Invoice.__table__.c if column.name != "student_id"
    ]
    changes += [update(InvoiceLine).values(amount_cents=1), delete(InvoiceLine), delete(Invoice)]
    additions = [insert(InvoiceLine).values(**line, **times, position=3), copy(1), copy(3)]

    assert refused(till, *changes, *additions) == [True] * (len(changes) + len(additions))
    assert wrong(till) == []


def test_numbers_have_no_gap_when_many_are_made_at_once_and_some_fail(till: Till) -> None:
    lessons = [till.lesson() for _ in range(4)]
    paths = [{"booking_ids": [lesson]} for lesson in (*lessons, lessons[0], 999_999)]

    found = outcomes([ask(till, till.teacher, "POST", "/api/invoices", body) for body in paths])

    assert found == {(201, ""): 4, (409, "/problems/already-invoiced"): 1, (404, "/problems/not-found"): 1}
    numbers = [it["number"] for it in till.teacher.get("/api/invoices").json["data"]]
    assert numbers == [f"2026-{number:04}" for number in (4, 3, 2, 1)]
    assert wrong(till) == []


def test_an_invoice_is_taken_back_once_whoever_is_faster(till: Till) -> None:
    invoice = made(till)
    path = f"/api/invoices/{invoice}/corrections"

    found = outcomes([ask(till, till.teacher, "POST", path, {"reason": "No."}) for _ in range(3)])

    assert found == {(201, ""): 1, (409, "/problems/wrong-state"): 2}
    assert wrong(till) == []


def test_the_number_of_a_transaction_that_fails_is_given_again(till: Till) -> None:
    lesson, teacher = till.lesson(), till.teacher
    new, now = NewInvoice(booking_ids=(lesson,)), till.world.clock()

    def fail_afterwards() -> None:
        with writing():
            service.issue(new, actor=SimpleNamespace(id=teacher.id, role="teacher"), now=now)
            raise ZeroDivisionError

    with till.world.app.app_context(), pytest.raises(ZeroDivisionError):
        fail_afterwards()

    assert teacher.post("/api/invoices", {"booking_ids": [lesson]}).json["number"] == "2026-0001"
    assert wrong(till) == []


@pytest.mark.leaves_old_answers
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_invoices_that_were_tampered_with_are_found_out(till: Till) -> None:
    first, second = made(till), made(till)
    till.teacher.post(f"/api/invoices/{second}/corrections", {"reason": "No."})
    with till.world.app.app_context(), db.engine.begin() as connection:
        for name in ("invoices_only_grow_no_update", "invoice_lines_only_grow_no_update"):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        changed = (InvoiceLine.invoice_id == second, InvoiceLine.position == 1)
        connection.execute(update(InvoiceLine).where(*changed).values(amount_cents=7))
        connection.execute(update(Invoice).where(Invoice.id == first).values(number=9))
        connection.execute(update(InvoiceCounter).values(last=8))

        found = violations(connection)

    assert len(found) == 4, found
    assert "not numbered one by one" in found[0]
    assert "counter" in found[1]
    assert "are not its total" in found[2]
    assert "does not mirror" in found[3]
