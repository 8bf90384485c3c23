"""A bank's file: its lines find the payments that wait, in the shapes that banks write."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from database import reading
from payments.bank.values import cents, date_order, day, decimal_sign
from payments.models import PaymentEvent
from tests.pages.visitor import Visitor
from tests.payments.conftest import Till
from tests.support.races import at_once
from tests.support.world import PASSWORD, Person

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PATH = "/api/payments/import"


def reported(till: Till, reference: str, cents: int = 3000, **changes: Any) -> int:
    made = till.pay(till.lesson(), cents, method="bank_transfer", reference=reference, advance=True, **changes)
    assert made.status_code == 201, made.text
    return int(made.json["id"])


def send(till: Till, content: bytes | str, *, apply: bool = False, by: Person | None = None) -> TestResponse:
    data = content.encode() if isinstance(content, str) else content
    path = f"{PATH}?apply=true" if apply else PATH
    return (by or till.teacher).post(path, data=data, headers={"Content-Type": "text/csv"})


def statuses(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [line["status"] for line in answer.json["lines"]]


def status_of(till: Till, payment: int) -> str:
    return str(till.student.get(f"/api/payments/{payment}").json["status"])


GERMAN = """Kontoumsätze;;;;
"Kontonummer:";"DE02 1203 0000 0000 2020 51 / Girokonto";;;
"Zeitraum:";"01.11.2026 - 22.11.2026";;;
;;;;
"Buchungstag";"Wertstellung";"Auftraggeber / Begünstigter";"Verwendungszweck";"Betrag (EUR)";"Kontostand"
"21.11.2026";"22.11.2026";"Jörg Müller";"SVWZ+Danke für die Stunde C4K 9MR EREF: NOTPROVIDED";"1.234,56";"5.000,00"
"20.11.2026";"20.11.2026";"Stadtwerke";"Abschlag C4K-9MR";"-45,00";"4.955,00"
"""
BRITISH = """Date,Description,Money out,Money in,Balance
21/11/2026,"FASTER PAYMENT J MULLER, REF C4K-9MR",,"1,234.56",5000.00
20/11/2026,CARD PAYMENT,45.00,,4955.00
"""
AMERICAN = """Posted Date\tReference Number\tPayee\tAmount
11/21/2026\t990001\tZELLE FROM J MULLER c4k9mr\t$1,234.56
11/20/2026\t990002\tPOWER COMPANY\t-$45.00
"""
DUTCH = """"Datum";"Naam / Omschrijving";"Af Bij";"Bedrag (EUR)";"Mededelingen"
"20261121";"J MULLER";"Bij";"1234,56";"Naam: J MULLER Omschrijving: C4K-9MR IBAN: NL00"
"20261120";"ENERGIE";"Af";"45,00";"C4K-9MR"
"""
SWISS = """Buchungsdatum;Buchungstext;Belastung CHF;Gutschrift CHF;Valuta
21.11.26;Vergütung C4K-9MR;;1'234.56;21.11.26
20.11.26;Miete;45.00;;20.11.26
"""
SHAPES = {
    "semicolons, Latin-1, comma": GERMAN.encode("cp1252"),
    "semicolons, UTF-8, comma": GERMAN.encode(),
    "commas, byte order mark, two columns": BRITISH.encode("utf-8-sig"),
    "Windows line ends": BRITISH.replace("\n", "\r\n").encode(),
    "tabs, the month first": AMERICAN.encode(),
    "UTF-16": AMERICAN.encode("utf-16"),
    "a column for the direction": DUTCH.encode(),
    "apostrophes between thousands": SWISS.encode("latin-1"),
}


@on_sqlite
@pytest.mark.parametrize("shape", SHAPES)
def test_files_of_many_banks_are_understood(till: Till, shape: str) -> None:
    payment = reported(till, "C4K-9MR", 123_456)

    found = send(till, SHAPES[shape])

    assert statuses(found) == ["matched", "unknown"]
    first, second = found.json["lines"]
    assert (first["date"], first["amount_cents"]) == ("2026-11-21", 123_456)
    assert (second["date"], second["amount_cents"]) == ("2026-11-20", -4500)
    assert [it["id"] for it in first["payments"]] == [payment]
    assert first["payments"][0]["student"] == {"id": till.student.id, "name": till.student.name}


@on_sqlite
def test_a_dry_run_changes_nothing_and_applying_verifies_once(till: Till) -> None:
    payment = reported(till, "A-100")
    file = "Date;Text;Amount\n2026-11-21;A-100;30.00\n"

    tried, applied, again = send(till, file), send(till, file, apply=True), send(till, file, apply=True)

    assert [it.json["applied"] for it in (tried, applied, again)] == [False, True, True]
    assert [statuses(it) for it in (tried, applied, again)] == [["matched"], ["matched"], ["already"]]
    assert applied.json["counts"] == {"matched": 1, "ambiguous": 0, "unknown": 0, "already": 0, "invalid": 0}
    assert status_of(till, payment) == "verified"
    assert till.student.get("/api/payments").json["data"][0]["status"] == "verified"


@on_sqlite
def test_each_line_says_what_it_is(till: Till) -> None:
    for reference, amount in (("A-100", 3000), ("A-100-2", 3000), ("B-200", 1000), ("B-300", 2000), ("7", 500)):
        reported(till, reference, amount)
    rejected, done = reported(till, "C-400"), reported(till, "D-500")
    till.decide(rejected, "rejected")
    till.decide(done, "verified")
    lines = {
        "2026-11-01;lesson A-100 thanks;30.00;EUR": "matched",
        "2026-11-01;once more A-100;30.00;EUR": "already",
        "2026-11-02;A-100-2;30.00;USD": "unknown",
        "2026-11-02;A 100 2;30.00;EUR": "matched",
        "2026-11-03;XA-100-2;30.00;EUR": "unknown",
        "2026-11-03;B-200 and B-300;30.00;EUR": "matched",
        "2026-11-04;7 apples;5.00;EUR": "unknown",
        "2026-11-04;7;5.00;EUR": "matched",
        "2026-11-05;C-400;30.00;EUR": "unknown",
        "2026-11-05;D-500;30.00;EUR": "already",
        "2026-11-06;D-500;31.00;EUR": "unknown",
        "2026-11-06;A-100;much;EUR": "invalid",
        "yesterday;A-100;30.00;EUR": "invalid",
        "2026-11-07": "invalid",
        "2026-11-07;A-100;30.005;EUR": "invalid",
    }

    found = send(till, "\n".join(["Date;Text;Amount;Currency", *lines]))

    assert dict(zip(lines, statuses(found), strict=True)) == lines


@on_sqlite
def test_two_payments_of_the_same_amount_in_one_line_are_ambiguous(till: Till) -> None:
    reported(till, "A-100")
    reported(till, "B-200")

    found = send(till, "Date;Text;Amount\n2026-11-01;A-100 or B-200;30.00\n", apply=True)

    assert statuses(found) == ["ambiguous"]
    assert len(found.json["lines"][0]["payments"]) == 2


@on_sqlite
def test_only_ones_own_payments_are_matched_and_students_have_none(till: Till) -> None:
    payment = reported(till, "A-100")
    file = "Date;Text;Amount\n2026-11-01;A-100;30.00\n"

    assert statuses(send(till, file, by=till.world.teacher())) == ["unknown"]
    assert send(till, file, by=till.student).status_code == 403
    assert statuses(send(till, file, by=till.world.admin(), apply=True)) == ["matched"]
    assert status_of(till, payment) == "verified"


def ordered(till: Till, lessons: int, cents: int) -> dict[str, Any]:
    path = f"/api/gigs/{till.gig['id']}/packages"
    offer = till.teacher.post(path, {"lessons": lessons, "price_cents": cents}).json["id"]
    return dict(till.student.post("/api/packages", {"offer_id": offer}).json)


@on_sqlite
def test_packages_are_found_by_their_reference_and_paid_once(till: Till) -> None:
    package, cancelled = ordered(till, 10, 27_000), ordered(till, 5, 14_000)
    payment = reported(till, "A-100", 3000)
    till.student.patch(f"/api/packages/{cancelled['id']}", {"status": "cancelled"})
    rows = [
        f"2026-11-20;{package['reference'].replace('-', ' ')} thanks;269.00",
        f"2026-11-21;{package['reference'].replace('-', ' ')} thanks;270.00",
        f"2026-11-21;{package['reference']};270.00",
        f"2026-11-21;{cancelled['reference']};140.00",
        "2026-11-22;A-100;30.00",
    ]
    file = "\n".join(["Date;Text;Amount", *rows])

    tried = send(till, file)
    before = till.student.get(f"/api/packages/{package['id']}").json["status"]
    applied, again = send(till, file, apply=True), send(till, file, apply=True)

    assert statuses(tried) == ["unknown", "matched", "already", "unknown", "matched"]
    (named,) = tried.json["lines"][1]["packages"]
    assert (named["id"], named["status"], named["student"]["id"]) == (package["id"], "ordered", till.student.id)
    assert [tried.json["lines"][1]["payments"], tried.json["lines"][4]["packages"]] == [[], []]
    assert before == "ordered"
    assert statuses(applied) == statuses(tried)
    assert statuses(again) == ["unknown", "already", "already", "unknown", "already"]
    assert till.student.get(f"/api/packages/{package['id']}").json["status"] == "paid"
    assert status_of(till, payment) == "verified"


@on_sqlite
def test_one_transfer_may_be_for_a_lesson_and_a_package(till: Till) -> None:
    package = ordered(till, 10, 27_000)
    payment = reported(till, "A-100", 3000)

    found = send(till, f"Date;Text;Amount\n2026-11-21;A-100, {package['reference']};300.00\n", apply=True)

    assert statuses(found) == ["matched"]
    assert till.teacher.get(f"/api/packages/{package['id']}").json["status"] == "paid"
    assert status_of(till, payment) == "verified"


@on_sqlite
def test_a_package_in_a_file_is_chosen_on_the_page_like_a_payment(till: Till) -> None:
    package = ordered(till, 10, 27_000)
    visitor = Visitor(till.world.app).sign_in(till.teacher)
    token = {"csrf_token": visitor.open("/payments/import").form("/payments/import/lines").values["csrf_token"]}
    file = BytesIO(f"Date;Text;Amount\n2026-11-01;{package['reference']};270.00\n".encode())

    lines = visitor.client.post("/payments/import/lines", data=token | {"file": (file, "month.csv")})
    visitor.client.post("/payments/import/verify", data=token | {"package": [str(package["id"]), "99", "x"]})

    assert f'name="package" value="{package["id"]}"' in lines.text
    assert till.student.get(f"/api/packages/{package['id']}").json["status"] == "paid"


def test_a_file_and_a_decision_by_hand_never_both_decide(till: Till) -> None:
    for number in range(3):
        payment = reported(till, f"A-10{number}")
        file = f"Date;Text;Amount\n2026-11-01;A-10{number};30.00\n"

        by_file, by_hand = at_once(
            [lambda: send(till, file, apply=True), lambda: till.decide(payment, "rejected")]  # noqa: B023
        )

        won = by_hand.status_code == 200
        assert statuses(by_file)[0] in (("already", "unknown") if won else ("matched",))
        assert status_of(till, payment) == ("rejected" if won else "verified")


@on_sqlite
@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "amounts"),
        (b"hello", "amounts"),
        (b"PK\3\4\0\0\0", "no text"),
        (b"%PDF-1.4\n\0", "no text"),
        (b"a;b;c\n1;2;3\n", "amounts"),
        (b"Date;Text;Amount\n" + b"2026-11-01;x;1,00\n" * 2001, "2,000 lines"),
        (b"\xff\xfe\x00", "no text"),
    ],
)
def test_what_is_no_such_file_is_refused(till: Till, content: bytes, word: str) -> None:
    refused = send(till, content)

    assert (refused.status_code, list(refused.json["errors"])) == (422, ["file"])
    assert word in refused.json["detail"]


@on_sqlite
def test_a_file_of_a_form_is_taken_and_other_types_are_not(till: Till) -> None:
    reported(till, "A-100")
    file = b"Date;Text;Amount\n2026-11-01;A-100;30.00\n"

    form = till.teacher.post(PATH, data={"file": (BytesIO(file), "month.csv")})

    assert statuses(form) == ["matched"]
    assert till.teacher.post(PATH, {"a": 1}).status_code == 415
    assert send(till, b"x" * 1_000_001).status_code == 413


@on_sqlite
def test_a_teacher_chooses_on_a_page_what_is_marked_as_received(till: Till) -> None:
    first, second = reported(till, "A-100"), reported(till, "B-200")
    visitor = Visitor(till.world.app).open("/sign-in")
    visitor.send(email=till.teacher.email, password=PASSWORD)
    token = {"csrf_token": visitor.open("/payments/import").form("/payments/import/lines").values["csrf_token"]}
    file = BytesIO(b"Date;Text;Amount\n2026-11-01;A-100;30.00\n2026-11-02;B-200;30.00\n2026-11-03;<b>;1.00\n")

    lines = visitor.client.post("/payments/import/lines", data=token | {"file": (file, "month.csv")})
    before = [status_of(till, payment) for payment in (first, second)]
    sent = visitor.client.post("/payments/import/verify", data=token | {"payment": [str(first), "999", "x"]})

    assert lines.status_code == 200
    assert lines.text.count('type="checkbox"') == 2
    assert "&lt;b&gt;" in lines.text
    assert before == ["submitted", "submitted"]
    assert (sent.status_code, status_of(till, first), status_of(till, second)) == (302, "verified", "submitted")


CELLS = st.one_of(
    st.sampled_from(
        ["Date", "Amount", "Betrag", "Soll", "Haben", "A-100", "30,00", "1.234,56", "-5", "2026-11-01", '"']
    ),
    st.text(max_size=12),
)
TABLES = st.lists(st.lists(CELLS, max_size=5), max_size=8).map(lambda rows: "\n".join(";".join(row) for row in rows))


@on_sqlite
def test_no_file_is_a_server_error_and_a_dry_run_never_changes_anything(till: Till) -> None:
    reported(till, "A-100")

    def decisions() -> Any:
        with till.world.app.app_context(), reading() as connection:
            return connection.scalar(select(func.count()).select_from(PaymentEvent))

    before = decisions()

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.one_of(
            st.binary(max_size=300), TABLES.map(str.encode), TABLES.map(lambda it: b"Date;X;Amount\n" + it.encode())
        )
    )
    @example(b'Amount;Date\n"30;2')
    @example(b"Amount;Date\r30;2\r")
    @example("Amount;Date\n٣;٢".encode())
    @example(b"Amount;Date\n99999999999999999999;1.1.2026\n1e9;1.1.2026\n,;0.0.0\n.;9999.99.99\n")
    def run(content: bytes) -> None:
        answer = send(till, content)
        assert answer.status_code in (200, 422), answer.text

    run()

    assert decisions() == before


@pytest.mark.parametrize(
    ("text", "sign", "expected"),
    [
        ("1.234,56", ",", 123_456),
        ("1,234.56", ".", 123_456),
        ("1.234", ",", 123_400),
        ("30", ",", 3000),
        ("30,5", ",", 3050),
        ("+30,00", ",", 3000),
        ("30,00-", ",", -3000),
        ("(30.00)", ".", -3000),
        ("−30.00", ".", -3000),
        ("30,00 EUR", ",", 3000),
        ("€ 30,00", ",", 3000),
        ("30,00 S", ",", -3000),
        ("30.00CR", ".", 3000),
        ("30.500", ".", 3050),
        ("30.505", ".", None),
        ("1.2.3,4,5", ",", None),
        ("", ",", None),
        ("EUR", ",", None),
        ("12 and 30", ",", None),
        ("1e9", ".", None),
        (",", ",", None),
        ("9999999999", ",", None),
    ],
)
def test_amounts_are_read_as_they_are_meant(text: str, sign: str, expected: int | None) -> None:
    assert cents(text, sign) == expected


def test_a_column_tells_what_one_of_its_cells_does_not() -> None:
    assert decimal_sign(["1.234", "1.234,50", "30"]) == ","
    assert decimal_sign(["1,234", "30.00"]) == "."
    assert date_order(["03/04/2026", "03/25/2026"]) == "mdy"
    assert date_order(["03/04/2026", "25/03/2026"]) == "dmy"
    assert str(day("3.4.26", "dmy")) == "2026-04-03"
    assert day("31.02.2026", "dmy") is None


@on_sqlite
def test_a_broken_quotation_mark_loses_no_lines(till: Till) -> None:
    broken = BRITISH + '21/11/2026,"SOMEBODY,,30.00,5.00\n21/11/2026,C4K-9MR,,30.00,5.00\n'

    answer = send(till, broken)

    assert answer.status_code == 422, answer.text
    assert "Line 4 cannot be read" in answer.json["errors"]["file"][0]
