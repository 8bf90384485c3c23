"""Paying and being paid, as people meet it on the pages."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from config import MAX_FILE_BYTES
from payments.owing.references import reference_of
from tests.pages.visitor import Visitor
from tests.support.scene import PROOF
from tests.support.world import Person, World

Visit = Callable[..., Visitor]
IBAN = "DE89370400440532013000"


@pytest.fixture
def pair(world: World) -> tuple[Person, Person]:
    return world.student(name="Ada Lovelace"), world.teacher(name="Grace Hopper")


def lesson_of(world: World, pair: tuple[Person, Person], **changes: Any) -> int:
    student, teacher = pair
    return world.past_lesson(student, world.gig(teacher, price_cents=3000, **changes))


def test_a_student_sees_how_to_pay_and_reports_it(world: World, visit: Visit, pair: tuple[Person, Person]) -> None:
    student, teacher = pair
    lesson = lesson_of(world, pair)
    page = f"/lessons/{lesson}/payments"
    visit(teacher).open("/payments/instructions").send(
        text="Within a week, please.", account_holder="Grace Hopper", iban="DE89 3704 0044 0532 0130 00"
    )

    visitor = visit(student).open("/payments")
    listed = visitor.answer.text
    visitor.open(page)
    form = visitor.form(f"{page}/report")

    assert f'href="{page}"' in listed
    assert "€30 to pay" in Visitor(world.app).sign_in(student).open("/payments").text
    for said in ("Within a week, please.", "DE89 3704 0044 0532 0130 00", reference_of(lesson), "Pay for this lesson"):
        assert said in visitor.text
    # The code of the bank's app is drawn within the page.
    assert '<svg viewBox="0 0' in visitor.answer.text
    assert 'class="segno"' in visitor.answer.text
    assert (form.values["amount"], form.values["reference"]) == ("30.00", reference_of(lesson))

    visitor.send(f"{page}/report", method="bank_transfer")
    assert "Your teacher is told, and looks for it." in visitor.text
    assert "Waiting for Grace" in visitor.text
    again = visitor.open(page)
    assert "I have paid" not in again.text


def test_a_refused_report_says_why_beside_the_field_and_keeps_what_was_typed(
    world: World, visit: Visit, pair: tuple[Person, Person]
) -> None:
    lesson = lesson_of(world, pair)
    page = f"/lessons/{lesson}/payments"
    visitor = visit(pair[0]).open(page)

    visitor.send(f"{page}/report", amount="30.01", reference="My own words")
    refused = visitor.answer.text

    assert visitor.status == 422
    assert "Amount: This is more than is still open for the lesson." in visitor.text
    assert 'value="30.01"' in refused
    assert 'value="My own words"' in refused
    visitor.send(f"{page}/report", advance="y")
    assert visitor.status == 200


def test_there_is_no_code_for_other_money_or_without_an_account(
    world: World, visit: Visit, pair: tuple[Person, Person]
) -> None:
    student, teacher = pair
    euros, dollars = lesson_of(world, pair), lesson_of(world, pair, currency="USD")

    without = visit(student).open(f"/lessons/{euros}/payments")
    assert "Grace has not said yet how to pay." in without.text
    teacher.put(
        "/api/teachers/me/payment-instructions", {"account_holder": "Grace Hopper", "iban": IBAN, "text": "", "bic": ""}
    )

    assert "segno" in without.open(f"/lessons/{euros}/payments").answer.text
    assert "segno" not in without.open(f"/lessons/{dollars}/payments").answer.text


def test_a_teacher_checks_what_was_reported(world: World, visit: Visit, pair: tuple[Person, Person]) -> None:
    student, teacher = pair
    body = {"method": "bank_transfer", "amount_cents": 1000, "currency": "EUR"}
    first, second = (
        student.post("/api/payments", body | {"booking_id": lesson_of(world, pair), "reference": name}).json["id"]
        for name in ("One", "Two")
    )
    visitor = visit(teacher).open("/")
    assert "Payments that wait for you" in visitor.text
    assert "from Ada Lovelace" in visitor.text

    visitor.open("/payments").send(f"/payments/{first}/decide", having={"status": "verified"})
    assert "The payment is marked as received." in visitor.text
    visitor.open("/payments").send(f"/payments/{second}/decide", having={"status": "rejected"}, reason="")
    assert (visitor.status, "Say why." in visitor.text) == (422, True)
    visitor.send(f"/payments/{second}/decide", having={"status": "rejected"}, reason="There is no such transfer.")

    assert "Payments that wait for you" not in visitor.open("/").text
    assert "Nothing to check" in visitor.open("/payments").text
    seen = visit(student).open("/payments").text
    assert "“There is no such transfer.”" in seen
    assert "Not received" in seen
    assert "Received" in seen


def test_a_student_adds_a_proof_until_the_payment_is_checked(
    world: World, visit: Visit, pair: tuple[Person, Person]
) -> None:
    student, teacher = pair
    body = {"booking_id": lesson_of(world, pair), "method": "cash", "amount_cents": 1000, "currency": "EUR"}
    page = f"/payments/{student.post('/api/payments', body).json['id']}"
    visitor = visit(student).open(page)
    token = visitor.form(f"{page}/proof").values["csrf_token"]

    def send(name: str, content: bytes) -> Visitor:
        file: Any = (BytesIO(content), name)
        return visitor.post(f"{page}/proof", {"csrf_token": token, "proof": file})

    assert "Choose a picture (PNG, JPEG or WebP) or a PDF." in send("proof.txt", b"Paid.").text
    assert send("proof.png", b"This is no picture.").status == 422
    assert "Your proof is kept." in send("proof.pdf", PROOF.content).text
    assert f'href="/api{page}/proof"' in visit(teacher).open("/payments").answer.text
    teacher.patch(f"/api{page}", {"status": "verified"})
    assert "Add a proof" not in visitor.open(page).text
    assert "Replace the proof" not in visitor.text


@pytest.mark.parametrize(("more", "said"), [(0, "Your proof is kept."), (1, "A file may have 5,000,000 bytes.")])
def test_a_proof_may_have_five_megabytes_and_not_a_byte_more(
    world: World, visit: Visit, pair: tuple[Person, Person], more: int, said: str
) -> None:
    body = {"booking_id": lesson_of(world, pair), "method": "cash", "amount_cents": 1000, "currency": "EUR"}
    page = f"/payments/{pair[0].post('/api/payments', body).json['id']}"
    visitor = visit(pair[0]).open(page)
    content = PROOF.content[:-6].ljust(MAX_FILE_BYTES + more - 6) + b"%%EOF\n"
    token = visitor.form(f"{page}/proof").values["csrf_token"]
    # Written here: the test client would leave a file open.
    boundary, form = encode_multipart({"csrf_token": token, "proof": FileStorage(BytesIO(content), "proof.pdf")})

    sent = visitor.client.post(
        f"{page}/proof",
        data=form,
        content_type=f"multipart/form-data; boundary={boundary}",
        headers={"Referer": f"http://localhost{page}"},
        follow_redirects=True,
    )

    assert said in sent.text
    assert sent.status_code == (422 if more else 200)


def test_money_is_received_given_back_used_as_credit_and_let_off(
    world: World, visit: Visit, pair: tuple[Person, Person]
) -> None:
    student, teacher = pair
    first, second = lesson_of(world, pair), lesson_of(world, pair)
    absent = world.past_lesson(student, world.gig(teacher), status="no_show", cancellation_fee_cents=3000)
    visitor, payer = visit(teacher), visit(student)

    page = f"/lessons/{first}/payments"
    visitor.open(page).send(f"{page}/report", amount="35", method="cash")
    visitor.send(f"{page}/report", advance="y")
    assert "The payment is noted as received." in visitor.text
    payer.open(f"/lessons/{second}/payments").send(f"/lessons/{second}/payments/credit")
    assert "The credit is used for this lesson." in payer.text
    payment = student.get(f"/api/payments?booking_id={first}").json["data"][0]["id"]
    visitor.open(f"/payments/{payment}").send(f"/payments/{payment}/refund", amount="30.01", reason="Too long.")
    assert visitor.status == 422
    visitor.send(f"/payments/{payment}/refund", amount="10", reason="It was shorter.")
    assert "€10 given back" in visitor.text
    page = f"/lessons/{absent}/payments"
    fee: dict[str, Any] = {"waive-amount": "30", "waive-reason": "You were ill."}
    visitor.open(page).send(f"{page}/waive", **fee)

    assert "The fee is not asked for any more." in visitor.text
    balances = [student.get(f"/api/bookings/{it}/balance").json["open_cents"] for it in (first, second, absent)]
    assert balances == [1000, 2500, 0]
    assert "€10 open" in payer.open(f"/lessons/{first}").text


def test_lessons_to_come_are_not_asked_for_yet(world: World, visit: Visit, pair: tuple[Person, Person]) -> None:
    student, teacher = pair
    gig = world.gig(teacher, price_cents=3000)
    world.accepted(student, teacher, gig, starts_at=world.at(days=3))

    pages = (visit(student).open("/payments"), visit(teacher).open("/payments?tab=open"))

    for page in pages:
        assert "Nothing is to be paid yet." in page.text
        assert "1 lesson to come, €30" in page.text
