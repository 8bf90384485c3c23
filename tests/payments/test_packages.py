"""Packages: what they pay for, what is left of them, and that no lesson is taken twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from database import reading
from extensions import db
from jobs import steps
from payments.invariants import violations
from payments.owing.references import reference_of
from payments.packages.models import Package, PackageEvent, PackageUnit
from tests.payments.conftest import PRICE, Till
from tests.support.races import at_once
from tests.support.world import Person

one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BOUGHT = 2 * PRICE - 500


@dataclass
class Desk:
    """A till where packages of two lessons are sold."""

    till: Till

    def offer(self, lessons: int = 2, cents: int = BOUGHT, *, by: Person | None = None) -> TestResponse:
        path, body = f"/api/gigs/{self.till.gig['id']}/packages", {"lessons": lessons, "price_cents": cents}
        return (by or self.till.teacher).post(path, body)

    def order(self, lessons: int = 2) -> int:
        offers = self.till.student.get(f"/api/gigs/{self.till.gig['id']}/packages").json["data"]
        found = next((it["id"] for it in offers if it["lessons"] == lessons), None) or self.offer(lessons).json["id"]
        made = self.till.student.post("/api/packages", {"offer_id": found})
        assert made.status_code == 201, made.text
        return int(made.json["id"])

    def change(self, package_id: int, status: str, *, by: Person | None = None, **more: Any) -> TestResponse:
        return (by or self.till.teacher).patch(f"/api/packages/{package_id}", {"status": status} | more)

    def buy(self, lessons: int = 2) -> int:
        package_id = self.order(lessons)
        assert self.change(package_id, "paid").status_code == 200
        return package_id

    def shown(self, package_id: int) -> dict[str, Any]:
        seen = [person.get(f"/api/packages/{package_id}").json for person in (self.till.student, self.till.teacher)]
        for one in seen:
            one.pop("allowed_transitions")
        assert seen[0] == seen[1]
        return dict(seen[0])

    def left(self, package_id: int) -> int:
        return int(self.shown(package_id)["left"])

    def ask(self, day: int, hour: int = 10) -> int:
        """A lesson that is asked for."""
        starts_at = f"2027-01-{day:02}T{hour:02}:00:00Z"
        return int(self.till.world.booking(self.till.student, self.till.gig, starts_at=starts_at)["id"])

    def agree(self, day: int, hour: int = 10) -> int:
        """A lesson that both have agreed on."""
        booking_id = self.ask(day, hour)
        assert self.set(booking_id, "accepted").status_code == 200
        return booking_id

    def set(self, booking_id: int, status: str, *, by: Person | None = None) -> TestResponse:
        return (by or self.till.teacher).patch(f"/api/bookings/{booking_id}", {"status": status})

    def open(self, booking_id: int) -> int:
        return int(self.till.balance(booking_id)["open_cents"])


@pytest.fixture
def desk(till: Till) -> Iterator[Desk]:
    yield Desk(till)
    with till.world.app.app_context(), reading() as connection:
        assert violations(connection) == []


@one_database
def test_a_package_pays_for_lessons_from_when_it_is_paid(desk: Desk) -> None:
    package = desk.order()

    first = desk.agree(5)
    waiting = desk.open(first), desk.left(package)
    desk.change(package, "paid")
    second, third = desk.agree(6), desk.agree(7)

    assert waiting == (PRICE, 2)
    assert [desk.open(it) for it in (first, second, third)] == [0, 0, PRICE]
    assert desk.till.balance(second)["package"] == {"id": package, "number": 2, "lessons": 2}
    assert desk.till.balance(third)["package"] is None
    shown = desk.shown(package)
    assert (shown["status"], shown["used"], shown["left"]) == ("paid", 2, 0)
    assert [it["booking"]["id"] for it in shown["covers"]] == [first, second]
    assert [it["status"] for it in shown["history"]] == ["ordered", "paid"]
    assert desk.till.student.get("/api/packages").json["data"][0]["left"] == 0


@one_database
def test_a_lesson_that_comes_to_nothing_leaves_its_place_to_the_next_one(desk: Desk) -> None:
    package = desk.buy()
    first, second, third = (desk.agree(day) for day in (5, 6, 7))

    desk.set(first, "cancelled", by=desk.till.student)

    assert [desk.open(it) for it in (first, second, third)] == [0, 0, 0]
    assert [it["booking"]["id"] for it in desk.shown(package)["covers"]] == [second, third]


@one_database
@pytest.mark.parametrize(("percent", "left", "due"), [(100, 1, 0), (50, 2, PRICE // 2)])
def test_a_late_cancellation_uses_the_lesson_up_where_it_costs_the_whole_price(
    desk: Desk, percent: int, left: int, due: int
) -> None:
    desk.till.gig = desk.till.world.gig(
        desk.till.teacher, price_cents=PRICE, free_cancellation_hours=24, late_cancellation_percent=percent
    )
    package = desk.buy()
    starts_at = desk.till.world.at(hours=20)
    booking_id = int(desk.till.world.booking(desk.till.student, desk.till.gig, starts_at=starts_at)["id"])
    desk.set(booking_id, "accepted")

    desk.till.student.patch(f"/api/bookings/{booking_id}", {"status": "cancelled"})

    assert desk.left(package) == left
    assert desk.till.balance(booking_id)["due_cents"] == due


@one_database
def test_a_lesson_that_is_taken_over_from_a_stand_in_is_paid_by_the_package_at_once(desk: Desk) -> None:
    world, student = desk.till.world, desk.till.student
    for person in (student, desk.till.teacher):
        world.operator("accounts", "confirm-email", person.email)
    package = desk.buy()
    entered = desk.till.teacher.post(
        "/api/bookings",
        {"gig_id": desk.till.gig["id"], "starts_at": "2027-01-05T10:00:00Z", "agreed": True}
        | {"student": {"name": "Somebody", "email": student.email}},
    ).json
    steps.drain(world.app)
    (waiting,) = student.get("/api/users/me/invitations").json["data"]
    before = desk.left(package)

    answered = student.post(f"/api/users/me/invitations/{waiting['id']}", {"answer": "yes"})

    assert (before, answered.status_code, desk.left(package)) == (2, 204, 1)
    assert desk.till.balance(entered["id"])["package"] == {"id": package, "number": 1, "lessons": 2}


@one_database
def test_lessons_for_which_something_was_paid_take_nothing_from_a_package(desk: Desk) -> None:
    paid, reported, free = (desk.agree(day) for day in (5, 6, 7))
    desk.till.paid(paid, 500)
    desk.till.pay(reported, 500)

    package = desk.buy()

    assert desk.left(package) == 1
    assert [desk.open(it) for it in (paid, reported, free)] == [PRICE - 500, PRICE - 500, 0]


@one_database
def test_a_package_is_for_its_student_and_its_gig_alone(desk: Desk) -> None:
    package = desk.buy()
    other_gig = desk.till.world.gig(desk.till.teacher, price_cents=PRICE)
    stranger = desk.till.world.student()

    other = desk.till.world.accepted(desk.till.student, desk.till.teacher, other_gig, starts_at="2027-01-05T10:00:00Z")
    strange = desk.till.world.accepted(stranger, desk.till.teacher, desk.till.gig, starts_at="2027-01-06T10:00:00Z")

    assert desk.left(package) == 2
    assert desk.till.student.get(f"/api/bookings/{other['id']}/balance").json["open_cents"] == PRICE
    assert stranger.get(f"/api/bookings/{strange['id']}/balance").json["open_cents"] == PRICE
    assert stranger.get(f"/api/packages/{package}").status_code == 404
    assert stranger.get("/api/packages").json["data"] == []
    assert desk.change(package, "closed", by=stranger, reason="Mine.").status_code == 404
    assert desk.change(package, "closed", by=desk.till.student, reason="Mine.").status_code == 403


@one_database
def test_what_is_left_of_a_closed_package_pays_for_nothing(desk: Desk) -> None:
    package = desk.buy()
    covered = desk.agree(5)

    too_much = desk.change(package, "closed", reason="We end here.", refunded_cents=BOUGHT + 1)
    closed = desk.change(package, "closed", reason="We end here.", refunded_cents=2000)
    after = desk.agree(6)

    assert (too_much.status_code, closed.status_code) == (409, 200)
    assert (closed.json["left"], closed.json["refunded_cents"]) == (0, 2000)
    assert (desk.open(covered), desk.open(after)) == (0, PRICE)
    assert desk.change(package, "paid").json["type"].endswith("wrong-state")


@one_database
def test_offers_belong_to_the_teacher_and_end_when_they_are_withdrawn(desk: Desk) -> None:
    made = desk.offer()
    path = f"/api/gigs/{desk.till.gig['id']}/packages"

    assert made.json == {"id": made.json["id"], "lessons": 2, "price_cents": BOUGHT, "currency": "EUR"}
    assert desk.offer(3, by=desk.till.student).status_code == 403
    assert (desk.offer().status_code, desk.offer(1).status_code, desk.offer(101).status_code) == (422, 422, 422)
    assert desk.till.world.anyone.get(path).json["data"] == [made.json]
    desk.order()
    again = desk.till.student.post("/api/packages", {"offer_id": made.json["id"]})
    withdrawn = desk.till.teacher.delete(f"{path}/{made.json['id']}")
    late = desk.till.world.student().post("/api/packages", {"offer_id": made.json["id"]})
    assert (again.status_code, withdrawn.status_code, late.status_code) == (409, 204, 409)
    assert desk.till.student.get(path).json["data"] == []


@one_database
def test_a_transfer_for_a_package_is_not_taken_for_one_of_a_lesson(desk: Desk) -> None:
    package = desk.order()
    written = desk.shown(package)["reference"]
    lessons = [reference_of(package), reference_of(package + 1)]
    for reference in lessons:
        assert desk.till.pay(desk.agree(5 + lessons.index(reference)), 1000, reference=reference).status_code == 201

    lines = f"Date;Text;Amount\n2026-11-22;Piano {written};10.00\n".encode()
    found = desk.till.teacher.post("/api/payments/import", data=lines, headers={"Content-Type": "text/csv"})

    assert [line["status"] for line in found.json["lines"]] == ["unknown"]


@one_database
def test_no_figure_counts_the_money_of_a_package_twice(desk: Desk) -> None:
    package = desk.buy()
    desk.agree(5)
    desk.change(package, "closed", reason="We end here.", refunded_cents=1000)

    student, teacher = desk.till.student, desk.till.teacher
    this_month, of_lesson = (teacher.get(f"/api/payments/month?month={it}").json for it in ("2026-11", "2027-01"))
    (part,) = student.get("/api/payments/statement?from=2026-11-01&to=2026-12-01").json["data"]

    assert [row["packages_cents"] for row in this_month["totals"]] == [BOUGHT - 1000]
    assert [(row["lessons"], row["planned_cents"], row["packages_cents"]) for row in of_lesson["totals"]] == [(1, 0, 0)]
    assert [(row["kind"], row["effect_cents"]) for row in part["rows"]] == [
        ("package", BOUGHT),
        ("package_paid", -BOUGHT),
        ("package_ended", -1000),
        ("package_refunded", 1000),
    ]
    assert (part["opening_cents"], part["closing_cents"]) == (0, 0)
    assert student.get("/api/payments/open").json["data"] == []
    assert student.get("/api/users/me/balance").json["data"] == []
    papers = [student.get(f"/api/payments/statement.{it}?from=2026-11-01&to=2026-12-01") for it in ("csv", "pdf")]
    assert [paper.status_code for paper in papers] == [200, 200]
    assert papers[0].text.count("2 lessons of") == 4


def test_of_lessons_that_are_agreed_on_at_once_no_more_are_taken_than_there_are(desk: Desk) -> None:
    package = desk.buy(3)
    lessons = [desk.ask(day) for day in range(5, 11)]
    client = desk.till.world.app.test_client

    answers = at_once([partial(_patch, client(use_cookies=False), desk.till.teacher, it) for it in lessons])

    assert {answer.status_code for answer in answers} == {200}
    assert desk.left(package) == 0
    assert Counter(desk.open(it) for it in lessons) == {0: 3, PRICE: 3}


def test_a_lesson_and_the_money_for_its_package_that_come_at_once_find_each_other(desk: Desk) -> None:
    package = desk.order()
    lesson, gone = desk.ask(5), desk.agree(6)
    client, teacher = desk.till.world.app.test_client, desk.till.teacher
    path = f"/api/packages/{package}"

    def paid() -> TestResponse:
        return client(use_cookies=False).patch(path, json={"status": "paid"}, headers=teacher.headers)

    attempts: list[Callable[[], TestResponse]] = [
        paid,
        paid,
        partial(_patch, client(use_cookies=False), teacher, lesson),
    ]
    answers = at_once([*attempts, partial(_patch, client(use_cookies=False), desk.till.student, gone, "cancelled")])

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 409]
    assert (desk.left(package), desk.open(lesson), desk.open(gone)) == (1, 0, 0)


def test_the_database_itself_refuses_a_lesson_taken_twice_and_every_change(desk: Desk) -> None:
    package, other = desk.buy(), desk.buy(3)
    covered, also = desk.agree(5), desk.agree(6)
    uncovered = desk.ask(8)
    by = {"taken_at": desk.till.world.clock()}

    def take(booking_id: int, number: int, from_: int) -> Any:
        return insert(PackageUnit).values(package_id=from_, number=number, booking_id=booking_id, **by)

    statements = [
        take(uncovered, 1, package),
        take(covered, 3, other),
        take(uncovered, 4, other),
        update(PackageUnit).values(booking_id=uncovered),
        *(delete(table) for table in (PackageUnit, PackageEvent, Package)),
        update(PackageEvent).values(status="closed"),
        update(Package).values(lessons=100),
    ]

    refused = []
    with desk.till.world.app.app_context():
        for statement in statements:
            try:
                with db.engine.begin() as connection:
                    connection.execute(statement)
                refused.append(False)
            except IntegrityError:
                refused.append(True)
        with db.engine.begin() as connection:
            assert len(connection.execute(select(PackageUnit.id)).all()) == 2
    assert refused == [True] * len(statements)
    assert also


def _patch(client: Any, person: Person, booking_id: int, status: str = "accepted") -> TestResponse:
    answer: TestResponse = client.patch(f"/api/bookings/{booking_id}", json={"status": status}, headers=person.headers)
    return answer
