"""Invoices as a teacher makes them and a student finds them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.world import World

Visit = Callable[..., Visitor]


def test_a_teacher_puts_lessons_of_a_month_on_an_invoice(world: World, visit: Visit, clock: FakeClock) -> None:
    clock.instant = datetime(2026, 11, 28, 12, tzinfo=UTC)
    student, teacher = world.student(name="Ada Lovelace"), world.teacher()
    gig = world.gig(teacher, price_cents=3000)
    first, _ = (world.past_lesson(student, gig) for _ in range(2))
    visitor = visit(teacher).open("/invoices")
    before, new = visitor.text, f"/invoices/new?student={student.id}&currency=EUR&month=2026-11"

    visitor.open("/invoices/details").send(name="Piano School", address="Main Street 1", tax_id="", note="")
    form = visitor.open(new).form()
    visitor.post(form.action, form.values | {"booking_ids": [str(first)], "buyer_name": "Ada's Parents"})
    made = visitor.text
    again = visitor.open(new)

    assert "Ada Lovelace 2 lessons · €60" in before
    assert "Invoice 2026-0001" in made
    assert "Piano School Main Street 1" in made
    assert "Still to pay €30.00" in made
    assert "The invoice is made." in made
    # What is left is one lesson, for the same buyer.
    assert again.form().values["buyer_name"] == "Ada's Parents"
    assert "Ada Lovelace 1 lesson · €30" in visitor.open("/invoices").text
    shown = visit(student).open("/invoices")
    assert "Invoice 2026-0001" in shown.text
    assert "Not invoiced yet" not in shown.text


def test_an_invoice_without_lessons_is_refused_with_all_that_was_typed(
    world: World, visit: Visit, clock: FakeClock
) -> None:
    clock.instant = datetime(2026, 11, 28, 12, tzinfo=UTC)
    student, teacher = world.student(), world.teacher()
    world.past_lesson(student, world.gig(teacher))
    new = f"/invoices/new?student={student.id}&currency=EUR&month=2026-11"
    visitor = visit(teacher).open(new)
    form = visitor.form()

    refused = visitor.post(form.action, form.values | {"booking_ids": [], "buyer_name": "Ada's Parents"})

    assert refused.status == 422
    assert "Name 1 to 100 lessons and packages." in refused.text
    assert refused.form(form.action).values["buyer_name"] == "Ada's Parents"


def test_an_invoice_is_taken_back_with_a_reason(world: World, visit: Visit) -> None:
    student, teacher = world.student(), world.teacher()
    lesson = world.past_lesson(student, world.gig(teacher))
    invoice = teacher.post("/api/invoices", {"booking_ids": [lesson]}).json["id"]
    path = f"/invoices/{invoice}"

    refused = visit(teacher).open(path).send(f"{path}/corrections", reason=" ")
    taken_back = visit(teacher).open(path).send(f"{path}/corrections", reason="Wrong address.")

    assert "Say" in refused.text or "Use 1 to" in refused.text
    assert "Counter-invoice 2026-0002" in taken_back.text
    assert "“Wrong address.”" in taken_back.text
    seen = visit(student).open(path)
    assert "was taken back by 2026-0002" in seen.text
    assert (f"{path}/corrections", "") not in seen.actions
