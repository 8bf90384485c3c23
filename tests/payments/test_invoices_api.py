"""Making invoices, taking them back, and what stands on them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from support.queries import recorded_queries
from tests.conftest import FakeClock
from tests.payments.conftest import PRICE, Till
from tests.support.paper import text_of
from tests.support.world import Person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def make(till: Till, *lessons: int, by: Person | None = None, **changes: Any) -> Any:
    return (by or till.teacher).post("/api/invoices", {"booking_ids": [*lessons]} | changes)


def test_an_invoice_says_what_was_true_when_it_was_made(till: Till) -> None:
    later, earlier = till.lesson(), till.lesson()
    till.paid(earlier, 1000)
    details = {"name": "Piano School", "address": "Main Street 1\nArlington", "tax_id": "DE 1", "note": "No VAT."}
    assert till.teacher.put("/api/teachers/me/invoice-details", details).json == details
    booking = till.student.get(f"/api/bookings/{earlier}").json

    made = make(till, later, earlier, buyer_name="Ada's Parents", buyer_address="St James's Square 12")

    assert made.status_code == 201, made.text
    shown = made.json
    assert (shown["number"], shown["total_cents"], shown["paid_cents"]) == ("2026-0001", 2 * PRICE, 1000)
    assert [line["booking_id"] for line in shown["lines"]] == [earlier, later]
    assert shown["lines"][0] | {"booking_id": 0} == {
        "booking_id": 0,
        "title": booking["gig"]["title"],
        "starts_at": booking["starts_at"],
        "ends_at": booking["ends_at"],
        "is_fee": False,
        "amount_cents": PRICE,
        **dict.fromkeys(("package_id", "lessons", "paid_at")),
    }
    assert shown["seller"] == {name: details[name] for name in ("name", "address", "tax_id")}
    assert shown["buyer"] == {"name": "Ada's Parents", "address": "St James's Square 12"}
    till.student.patch("/api/users/me", {"name": "Ada King"})
    till.teacher.patch(f"/api/gigs/{till.gig['id']}", {"title": "Organ lessons", "price_cents": 1})
    till.teacher.put("/api/teachers/me/invoice-details", {})
    for person in (till.student, till.teacher, till.world.admin()):
        assert person.get(f"/api/invoices/{shown['id']}").json == shown


def test_a_lesson_is_invoiced_once_and_only_when_it_has_ended_or_was_paid(till: Till) -> None:
    ended = till.lesson()
    coming = till.world.accepted(till.student, till.teacher, till.gig)["id"]
    free = till.world.past_lesson(till.student, till.gig | {"price_cents": 0})
    make(till, ended)

    for lesson, slug in ((ended, "already-invoiced"), (coming, "not-billable"), (free, "not-billable")):
        refused = make(till, lesson, *([] if lesson == ended else [till.lesson()]))
        assert (refused.status_code, refused.json["type"]) == (409, f"/problems/{slug}")
        assert refused.json["booking_ids"] == [lesson]

    till.paid(coming)
    assert make(till, coming).json["paid_cents"] == PRICE
    assert [it["number"] for it in till.student.get("/api/invoices").json["data"]] == ["2026-0002", "2026-0001"]


def test_the_fee_of_a_lesson_that_did_not_take_place_is_called_one(till: Till) -> None:
    absent = till.world.past_lesson(till.student, till.gig, status="no_show", cancellation_fee_cents=2000)
    till.waive(absent, 500)

    (line,) = make(till, absent).json["lines"]

    assert (line["is_fee"], line["amount_cents"]) == (True, 1500)


def test_a_correction_takes_an_invoice_back_once_and_its_lessons_can_be_invoiced_anew(till: Till) -> None:
    lessons = [till.lesson(), till.lesson()]
    first = make(till, *lessons).json
    path = f"/api/invoices/{first['id']}/corrections"

    counter = till.teacher.post(path, {"reason": "Wrong address."})

    assert counter.status_code == 201
    shown = counter.json
    assert (shown["number"], shown["total_cents"], shown["reason"]) == ("2026-0002", -2 * PRICE, "Wrong address.")
    assert shown["corrects"] == {"id": first["id"], "number": first["number"]}
    mirrored = [line | {"amount_cents": -line["amount_cents"]} for line in shown["lines"]]
    assert mirrored == first["lines"]
    corrected_by = {"id": shown["id"], "number": shown["number"]}
    assert till.student.get(f"/api/invoices/{first['id']}").json == first | {"corrected_by": corrected_by}
    assert till.student.get("/api/invoices").json["data"][1]["corrected_by"] == corrected_by
    for refused in (path, f"/api/invoices/{shown['id']}/corrections"):
        assert till.teacher.post(refused, {"reason": "Again."}).json["type"] == "/problems/wrong-state"
    assert make(till, *lessons).json["number"] == "2026-0003"


def test_each_teacher_and_each_year_begins_with_one(till: Till, clock: FakeClock) -> None:
    other = till.world.teacher()
    elsewhere = till.world.past_lesson(till.student, till.world.gig(other))
    lessons = [till.lesson(), till.lesson()]
    make(till, lessons[0])

    assert make(till, elsewhere, by=other).json["number"] == "2026-0001"
    # Where the teacher lives the year has begun.
    till.teacher.patch("/api/users/me", {"time_zone": "Pacific/Auckland"})
    clock.instant = datetime(2026, 12, 31, 12, tzinfo=UTC)
    made = make(till, lessons[1], by=till.world.sign_in(till.teacher)).json
    assert (made["number"], made["issued_on"], made["time_zone"]) == ("2027-0001", "2027-01-01", "Pacific/Auckland")


def test_nobody_else_sees_or_makes_an_invoice(till: Till) -> None:
    lesson, other = till.lesson(), till.lesson()
    invoice = make(till, lesson).json["id"]

    for stranger in (till.world.student(), till.world.teacher()):
        for path in (f"/api/invoices/{invoice}", f"/api/invoices/{invoice}/pdf"):
            assert stranger.get(path).status_code == 404, path
        assert stranger.get("/api/invoices").json["data"] == []
        assert make(till, other, by=stranger).status_code == 404
        assert stranger.post(f"/api/invoices/{invoice}/corrections", {"reason": "No."}).status_code == 404
    assert make(till, other, by=till.student).status_code == 403
    assert make(till, other, 999_999).status_code == 404
    assert make(till, other, by=till.world.admin()).status_code == 201


def test_lessons_of_several_students_do_not_stand_on_one_invoice(till: Till) -> None:
    theirs = till.world.past_lesson(till.world.student(), till.gig)

    refused = make(till, till.lesson(), theirs)

    assert (refused.status_code, [*refused.json["errors"]]) == (422, ["booking_ids"])
    for ids in ([], [1, 1], ["1"], [0], [*range(1, 102)]):
        assert make(till, *ids).status_code == 422, ids
    assert till.teacher.get("/api/invoices").json["data"] == []


def test_the_same_key_makes_one_invoice(till: Till) -> None:
    body, key = {"booking_ids": [till.lesson()]}, {"Idempotency-Key": "one"}

    made = [till.teacher.post("/api/invoices", body, headers=key) for _ in range(2)]

    assert made[0].json == made[1].json
    assert len(till.teacher.get("/api/invoices").json["data"]) == 1


@pytest.mark.middleware_not_compared
def test_lists_are_narrowed_cached_and_fresh(till: Till) -> None:
    lessons = [till.lesson(), till.lesson()]
    ids = [make(till, lesson).json["id"] for lesson in lessons]

    def found(query: str) -> list[int]:
        return [it["id"] for it in till.teacher.get(f"/api/invoices?{query}").json["data"]]

    assert found(f"booking_id={lessons[0]}") == [ids[0]]
    assert found(f"student_id={till.student.id}&limit=1") == [ids[1]]
    assert found("student_id=999999") == []
    with recorded_queries() as queries:
        assert till.teacher.get("/api/invoices?student_id=999999").headers["X-Cache"] == "HIT"
    assert not [*queries]
    make(till, till.lesson())
    assert till.teacher.get("/api/invoices?student_id=999999").headers["X-Cache"] == "MISS"


def test_an_invoice_is_printed_with_every_letter_of_its_names(till: Till) -> None:
    details = {"name": "Żółć Ελληνικά Русский ქართული", "address": "Große Straße 1", "tax_id": "", "note": ""}
    till.teacher.put("/api/teachers/me/invoice-details", details)
    made = make(till, till.lesson(), buyer_name="Þórunn Łęcka").json

    printed = till.student.get(f"/api/invoices/{made['id']}/pdf")

    assert printed.data.startswith(b"%PDF-")
    assert printed.headers["Content-Type"] == "application/pdf"
    assert printed.headers["Content-Disposition"] == 'attachment; filename="invoice-2026-0001.pdf"'
    assert printed.headers["X-Content-Type-Options"] == "nosniff"
    # The same rows are the same file.
    assert till.teacher.get(f"/api/invoices/{made['id']}/pdf").data == printed.data
    (page,) = text_of(printed.data)
    for said in (*details.values(), "Þórunn Łęcka", "2026-0001", till.gig["title"], "€30.00"):
        assert said in page


def test_an_invoice_of_a_hundred_lessons_has_each_of_them_and_the_sum_once(till: Till) -> None:
    lessons = [till.lesson() for _ in range(100)]
    till.paid(lessons[0], 1000)
    made = make(till, *lessons)
    assert made.status_code == 201, made.text

    pages = text_of(till.student.get(f"/api/invoices/{made.json['id']}/pdf").data)

    assert len(pages) > 1
    whole = " ".join(pages)
    assert whole.count("€30.00") == 100
    for sum_ in ("Total €3,000.00", "Paid already, with thanks €10.00", "Still to pay €2,990.00"):
        assert whole.count(sum_) == 1
    # What the columns are stands at the top of each page that has some of them.
    assert all("Amount" in page for page in pages if "€30.00" in page)
