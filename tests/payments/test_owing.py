"""What is open between two people, how to pay it, and who may know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import segno

from payments.instructions.transfers import BORDER, SCALE, qr_code
from payments.owing.references import ALPHABET, reference_of
from support.monitor import monitor
from support.queries import count_queries
from support.servers import RedisServer
from tests.conftest import FakeClock
from tests.payments.conftest import PRICE, Till
from tests.support.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OPEN = "/api/payments/open"
IBAN = "DE89370400440532013000"
ACCOUNT = {"text": "Within a week, please.", "account_holder": "Grace Hopper", "iban": IBAN, "bic": ""}


def test_what_is_open_is_listed_by_teacher_with_a_reference_for_each_lesson(till: Till) -> None:
    first, second = till.lesson(), till.lesson()
    till.pay(first, 1000)
    till.paid(second, PRICE)
    elsewhere = till.world.past_lesson(till.student, till.world.gig(till.world.teacher(), currency="USD"))

    (here, other) = till.student.get(OPEN).json["data"]

    assert here["person"]["id"] == till.teacher.id
    assert {name: here[name] for name in ("open_cents", "submitted_cents", "credit_cents", "open_lessons")} == {
        "open_cents": PRICE - 1000,
        "submitted_cents": 1000,
        "credit_cents": 0,
        "open_lessons": 1,
    }
    (lesson,) = here["lessons"]
    assert (lesson["booking"]["id"], lesson["open_cents"]) == (first, PRICE - 1000)
    # The first one may have been used for what was reported.
    assert lesson["reference"] == f"{reference_of(first)}-2"
    assert (other["currency"], other["lessons"][0]["reference"]) == ("USD", reference_of(elsewhere))


def test_both_people_see_the_same_sums_and_each_change_at_once(till: Till) -> None:
    lesson = till.lesson()

    def seen() -> list[tuple[int, int, int]]:
        names = ("open_cents", "submitted_cents", "credit_cents")
        answers = [person.get(OPEN).json["data"] for person in (till.student, till.teacher)]
        found = [[tuple(one[name] for name in names) for one in data] for data in answers]
        assert found[0] == found[1]
        return found[0]

    assert seen() == [(PRICE, 0, 0)]
    payment = till.pay(lesson).json["id"]
    assert seen() == [(0, PRICE, 0)]
    till.decide(payment, "rejected")
    assert seen() == [(PRICE, 0, 0)]
    till.paid(lesson, PRICE + 500, advance=True)
    assert seen() == [(0, 0, 500)]
    till.pay(till.lesson(), 500, method="credit")
    assert seen() == [(PRICE - 500, 0, 0)]


def test_who_has_asked_for_a_package_knows_how_to_pay_it(till: Till) -> None:
    path = f"/api/teachers/{till.teacher.id}/payment-instructions"
    till.teacher.put("/api/teachers/me/payment-instructions", ACCOUNT)
    offer = till.teacher.post(f"/api/gigs/{till.gig['id']}/packages", {"lessons": 10, "price_cents": 9 * PRICE}).json

    before = till.student.get(path).status_code
    ordered = till.student.post("/api/packages", {"offer_id": offer["id"]})

    assert (before, ordered.status_code) == (404, 201)
    assert till.student.get(path).json == ACCOUNT


@pytest.mark.usefixtures("database_url")
def test_the_code_of_a_transfer_says_to_a_bank_what_the_standard_asks_for() -> None:
    account = ACCOUNT | {"bic": "COBADEFFXXX"}
    payload = f"BCD\n002\n2\nSCT\nCOBADEFFXXX\nGrace Hopper\n{IBAN}\nEUR12.5\n\n\nABC-123"

    assert qr_code(account, 1250, "EUR", "ABC-123") == drawing(payload)
    assert qr_code(ACCOUNT, 1250, "EUR", "ABC-123") == drawing(payload.replace("COBADEFFXXX", ""))
    assert qr_code(account, 1251, "EUR", "ABC-123") != drawing(payload)
    assert [qr_code(account, cents, "EUR", "ABC-123") for cents in (0, 100_000_000_000)] == [None, None]
    assert qr_code(account, 1250, "USD", "ABC-123") is None
    assert qr_code(account | {"iban": ""}, 1250, "EUR", "ABC-123") is None


def test_the_page_of_a_package_has_the_code_of_its_price_and_reference(till: Till) -> None:
    till.teacher.put("/api/teachers/me/payment-instructions", ACCOUNT)
    offer = till.teacher.post(f"/api/gigs/{till.gig['id']}/packages", {"lessons": 10, "price_cents": 27_000}).json
    package = till.student.post("/api/packages", {"offer_id": offer["id"]}).json

    page = till.student.get(f"/packages/{package['id']}").text

    payload = f"BCD\n002\n2\nSCT\n\nGrace Hopper\n{IBAN}\nEUR270\n\n\n{package['reference']}"
    assert drawing(payload) in page


def drawing(payload: str) -> str:
    """A QR code of just this text, as it is drawn on pages: the 2 in it is Latin-1, and the standard asks for M."""
    code = segno.make_qr(payload.encode("latin-1"), error="m", boost_error=False)
    drawn: str = code.svg_inline(scale=SCALE, border=BORDER, dark="#000", light="#fff", omitsize=True)
    return drawn


@pytest.mark.middleware_not_compared
def test_a_hit_asks_redis_once_and_a_miss_the_database_twice(till: Till, redis_server: RedisServer) -> None:
    till.lesson()
    till.student.get("/api/users/me")

    with count_queries() as missed:
        assert till.student.get(OPEN).json["cached"] is False
    with count_queries() as hit, monitor(redis_server) as commands:
        assert till.student.get(OPEN).json["cached"] is True

    assert len(missed) == 2
    assert (hit, [command.split()[0] for command in commands]) == ([], ["MGET"])


def test_only_those_who_have_a_booking_with_a_teacher_know_the_account(till: Till, clock: FakeClock) -> None:
    path = f"/api/teachers/{till.teacher.id}/payment-instructions"
    stranger, colleague = till.world.student(), till.world.teacher()
    assert till.teacher.put("/api/teachers/me/payment-instructions", ACCOUNT).json == ACCOUNT
    assert till.student.get(path).status_code == 404

    till.world.booking(till.student, till.gig)

    assert till.student.get(path).json == till.teacher.get(path).json == ACCOUNT
    assert [person.get(path).status_code for person in (stranger, colleague)] == [404, 404]
    assert till.world.anyone.get(path).status_code == 401
    public = till.world.anyone.get(f"/api/users/{till.teacher.id}").text + till.world.anyone.get("/api/teachers").text
    assert IBAN not in public
    clock.instant += timedelta(minutes=1)
    changed = till.world.sign_in(till.teacher).put("/api/teachers/me/payment-instructions", {"text": "Cash only."})
    assert changed.json["iban"] == ""
    assert till.world.sign_in(till.student).get(path).json["text"] == "Cash only."


@pytest.mark.parametrize(
    ("change", "field"),
    [
        # One digit is another, two have changed places, one is missing.
        ({"iban": "DE89370400440532013001"}, "iban"),
        ({"iban": "DE89370400440532010300"}, "iban"),
        ({"iban": IBAN[:-1]}, "iban"),
        ({"iban": ""}, "iban"),
        ({"account_holder": ""}, "account_holder"),
        ({"bic": "COBADE"}, "bic"),
        ({"text": "x" * 1001}, "text"),
    ],
)
def test_an_account_that_cannot_be_is_refused(till: Till, change: dict[str, Any], field: str) -> None:
    refused = till.teacher.put("/api/teachers/me/payment-instructions", ACCOUNT | change)

    assert (refused.status_code, list(refused.json["errors"])) == (422, [field])


def test_an_iban_may_be_typed_as_it_is_printed(till: Till) -> None:
    printed = "de89 3704 0044 0532 0130 00"

    assert till.teacher.put("/api/teachers/me/payment-instructions", ACCOUNT | {"iban": printed}).json["iban"] == IBAN


def test_references_are_unlike_each_other_and_a_mistyped_one_is_none(world: World) -> None:
    found = {reference_of(number) for number in range(1, 30_000)}

    assert len(found) == 29_999
    assert {len(reference) for reference in found} == {7}
    known = {reference.replace("-", "") for reference in found}
    one = reference_of(4711).replace("-", "")
    mistyped = {one[:at] + other + one[at + 1 :] for at in range(6) for other in ALPHABET} - {one}
    swapped = {one[:at] + one[at + 1] + one[at] + one[at + 2 :] for at in range(5)} - {one}
    assert (mistyped | swapped) & known == set()
