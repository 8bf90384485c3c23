"""Random histories of a school against a plain count of its rows: every figure is exact, whatever came before it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bookings.models import Booking
from database import reading
from payments.models import CreditNote
from payments.packages.models import PackageUnit
from reports.lesson_hours.invariants import wrong_days
from reports.lesson_hours.upkeep import add_up_stale_days
from tests.bookings.rows import insert_booking, set_booking
from tests.conftest import FakeClock
from tests.payments.conftest import Till
from tests.support.world import Person, World

STATUSES = ("pending", "accepted", "rejected", "cancelled", "expired", "completed", "no_show")
SHOWN = dict(
    zip(STATUSES, ("pending", "accepted", "declined", "cancelled", "expired", "completed", "no_show"), strict=True)
)
PRICES = {"EUR": 3000, "USD": 1700}
ZONES = ("Europe/Berlin", "Asia/Kathmandu", "America/St_Johns")
# A change of the clocks in Berlin, the end of a quarter, and of a year in between.
FIRST = datetime(2026, 10, 24, 20, tzinfo=UTC)
DAY = timedelta(days=1)
QUARTERS_OF_AN_HOUR = st.integers(0, 12 * 96)
ANY = st.integers(0, 50)

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("book"), ANY, ANY, QUARTERS_OF_AN_HOUR, st.sampled_from(STATUSES)),
        st.tuples(st.just("become"), ANY, st.sampled_from(STATUSES)),
        st.tuples(st.just("move"), ANY, QUARTERS_OF_AN_HOUR),
        st.tuples(st.just("charge_a_fee"), ANY, st.integers(1, 1500)),
        st.tuples(st.just("waive"), ANY),
        st.tuples(st.just("buy_package"), ANY),
        st.tuples(st.just("be_seen"), ANY, st.booleans()),
        st.tuples(st.just("add_up")),
    ),
    min_size=8,
    max_size=20,
)


@dataclass
class School:
    """Does each step to the product, and counts its rows one by one."""

    world: World
    admin: Person
    gigs: list[dict[str, Any]]
    teachers: list[Person]
    students: list[Person]

    def __post_init__(self) -> None:
        self.lessons: list[int] = []
        self.taken: set[int] = set()
        self.seen: set[int] = set()

    def book(self, gig: int, student: int, quarter: int, status: str) -> None:
        if quarter in self.taken:
            return
        self.taken.add(quarter)
        gig = gig % len(self.gigs)
        currency = self.gigs[gig]["currency"]
        terms = {"status": status, "price_cents": PRICES[currency], "currency": currency}
        person = self.students[student % len(self.students)]
        at = FIRST + quarter * timedelta(minutes=15)
        self.lessons.append(insert_booking(self.world.app, person, self.gigs[gig], at, minutes=15, **terms))

    def become(self, number: int, status: str) -> None:
        if self.lessons:
            set_booking(self.world.app, self._one(number), status=status)

    def move(self, number: int, quarter: int) -> None:
        if self.lessons and quarter not in self.taken:
            self.taken.add(quarter)
            at = FIRST + quarter * timedelta(minutes=15)
            set_booking(self.world.app, self._one(number), starts_at=at, ends_at=at + timedelta(minutes=15))

    def charge_a_fee(self, number: int, cents: int) -> None:
        if self.lessons:
            set_booking(self.world.app, self._one(number), status="cancelled", cancellation_fee_cents=cents)

    def waive(self, number: int) -> None:
        """A part of a fee is given up, as far as there is one."""
        if self.lessons:
            lesson = self._one(number)
            for teacher in self.teachers:
                Till(self.world, self.students[0], teacher, self.gigs[0]).waive(lesson, 1)

    def buy_package(self, number: int) -> None:
        gig, student = self.gigs[number % len(self.gigs)], self.students[number % len(self.students)]
        teacher = self.teachers[number % len(self.gigs)]
        path = f"/api/gigs/{gig['id']}/packages"
        if not student.get(path).json["data"]:
            teacher.post(path, {"lessons": 2, "price_cents": 1500})
        offer = student.get(path).json["data"][0]["id"]
        bought = student.post("/api/packages", {"offer_id": offer}).json
        if "id" in bought:
            teacher.patch(f"/api/packages/{bought['id']}", {"status": "paid"})

    def be_seen(self, number: int, wants: bool) -> None:
        people = [*self.teachers, *self.students]
        person = people[number % len(people)]
        person.patch("/api/users/me", {"in_leaderboards": wants})
        (self.seen.add if wants else self.seen.discard)(person.id)

    def add_up(self) -> None:
        with self.world.app.app_context():
            add_up_stale_days()

    def check(self, zone: str, period: str) -> None:
        """Compare all figures; each is read twice, so that a hit is compared as well as a miss."""
        rows = self._rows()
        query = f"period={period}&from=2026-10-20&to=2026-11-10&time_zone={zone}"
        for _ in range(2):
            found = {
                subject: self.admin.get(f"/api/reports/analytics/{subject}?{query}").json["data"]
                for subject in ("bookings", "revenue", "retention")
            }
            for shown, money, back in zip(*found.values(), strict=True):
                days = (date.fromisoformat(shown["from"]), date.fromisoformat(shown["to"]))
                inside = [row for row in rows if days[0] <= _day(row, zone) < days[1]]
                _compare_lessons(shown, inside)
                _compare_money(money, inside)
                _compare_students(back, rows, inside, days, zone)
            for teacher in self.teachers:
                self._compare_performance(teacher, rows, period, zone)
            self._compare_dashboards(rows)
            self._compare_leaderboards(rows, period, zone)

    def _compare_performance(self, teacher: Person, rows: list[Any], period: str, zone: str) -> None:
        path = f"/api/reports/performance?teacher_id={teacher.id}&period={period}&date=2026-10-31&time_zone={zone}"
        shown = self.admin.get(path).json
        days = (date.fromisoformat(shown["from"]), date.fromisoformat(shown["to"]))
        theirs = [row for row in rows if row.teacher_id == teacher.id]
        inside = [row for row in theirs if days[0] <= _day(row, zone) < days[1]]
        numbers = Counter(row.status for row in inside)
        assert shown["requested"] == len(inside)
        assert {name: shown[name] for name in SHOWN.values() if name != "pending"} == {
            name: numbers[status] for status, name in SHOWN.items() if name != "pending"
        }
        # Nothing of a history like this was accepted before it was cancelled.
        agreed = numbers["accepted"] + numbers["completed"] + numbers["no_show"]
        assert shown["acceptance_rate"] == _share(agreed, agreed + numbers["rejected"] + numbers["expired"])
        assert shown["completion_rate"] == _share(numbers["completed"], numbers["completed"] + numbers["no_show"])
        students = {row.student_id for row in inside if row.status == "completed"}
        before = {row.student_id for row in theirs if row.status == "completed" and _day(row, zone) < days[0]}
        assert (shown["students"], shown["new_students"]) == (len(students), len(students - before))
        assert shown["hours_taught"] == round(numbers["completed"] / 4, 2)

    def _compare_dashboards(self, rows: list[Any]) -> None:
        """Compare what stands out now, for each role, with the rows of the day and of the week."""
        now = self.world.clock()
        school = self.admin.get("/api/reports/dashboard").json
        for name in ("day", "day_before", "week", "week_before"):
            _compare_stretch(school[name], rows, school["time_zone"])
        for name in ("day", "day_before"):
            self._compare_with_the_day(school[name], school["time_zone"])
        waits = {
            "requests": sum(row.status == "pending" and row.created_at < now - DAY for row in rows),
            "unrecorded": sum(row.status == "accepted" and row.starts_at < now - DAY for row in rows),
        }
        assert {name: school["attention"][name] for name in waits} == waits
        for person in (*self.teachers, *self.students):
            own = [row for row in rows if person.id in (row.teacher_id, row.student_id)]
            shown = person.get("/api/reports/dashboard").json
            for name in ("day", "week"):
                _compare_stretch(shown[name], own, shown["time_zone"])
            coming = sorted(
                (row.starts_at, row.id) for row in own if row.status in ("pending", "accepted") and row.ends_at > now
            )
            assert [row["id"] for row in shown["next"]] == [lesson for _, lesson in coming[:5]]
            if person in self.teachers:
                begun = [row for row in own if row.status == "accepted" and row.starts_at <= now]
                assert shown["waiting"]["unrecorded"] == len(begun)

    def _compare_with_the_day(self, shown: dict[str, Any], zone: str) -> None:
        """Compare a day of the dashboard with the report about that day."""
        day = self.admin.get(f"/api/reports/daily?date={shown['from']}&time_zone={zone}").json
        lessons, people = day["bookings"], day["users"]
        for name in ("pending", "completed", "no_show", "cancelled"):
            assert shown[name] == lessons[name]
        assert shown["lessons"] == lessons["accepted"] + lessons["completed"] + lessons["no_show"]
        assert (shown["new_students"], shown["new_teachers"]) == (people["students"], people["teachers"])

    def _compare_leaderboards(self, rows: list[Any], period: str, zone: str) -> None:
        for path, people, mine, other in (
            ("teachers", self.teachers, "teacher_id", "student_id"),
            ("students", self.students, "student_id", "teacher_id"),
        ):
            query = f"period={period}&date=2026-10-31&time_zone={zone}"
            shown = self.admin.get(f"/api/reports/leaderboards/{path}?{query}").json
            days = (date.fromisoformat(shown["from"]), date.fromisoformat(shown["to"]))
            given = [row for row in rows if row.status == "completed" and days[0] <= _day(row, zone) < days[1]]
            theirs = {
                it.id: [row for row in given if getattr(row, mine) == it.id] for it in people if it.id in self.seen
            }
            numbers = {person_id: len(lessons) for person_id, lessons in theirs.items() if lessons}
            ours = [row for row in shown["data"] if row["person"]["id"] in {it.id for it in people}]
            assert [row["person"]["id"] for row in ours] == sorted(numbers, key=lambda it: (-numbers[it], it))
            for row in ours:
                lessons = theirs[row["person"]["id"]]
                assert (row["lessons"], row["hours"]) == (len(lessons), round(len(lessons) / 4, 2))
                assert row["people"] == len({getattr(lesson, other) for lesson in lessons})
                # People of earlier histories are in it as well.
                assert row["rank"] == 1 + sum(it["lessons"] > len(lessons) for it in shown["data"])

    def _one(self, number: int) -> int:
        return self.lessons[number % len(self.lessons)]

    def _rows(self) -> list[Any]:
        """Every lesson, with what is due for it."""
        with self.world.app.app_context(), reading() as connection:
            covered = {
                row.booking_id for row in connection.execute(select(PackageUnit.__table__)) if row.released_at is None
            }
            waived: Counter[int] = Counter()
            for row in connection.execute(select(CreditNote.__table__)):
                waived[row.booking_id] += row.amount_cents
            table: Any = Booking.__table__
            rows = connection.execute(select(table)).all()
        return [_Row(row, covered, waived) for row in rows]


class _Row:
    """One lesson, as plainly as possible."""

    def __init__(self, row: Any, covered: Iterable[int], waived: Counter[int]) -> None:
        self.teacher_id, self.student_id = row.teacher_id, row.student_id
        self.status, self.currency = str(row.status), row.currency
        self.id, self.starts_at, self.ends_at, self.created_at = row.id, row.starts_at, row.ends_at, row.created_at
        fee = 0 if row.id in covered else row.cancellation_fee_cents or 0
        price = 0 if row.id in covered else row.price_cents
        due = price if self.status in ("accepted", "completed") else 0 if self.status == "pending" else fee
        self.due = due - waived[row.id]


def _day(row: Any, zone: str) -> date:
    day: date = row.starts_at.astimezone(ZoneInfo(zone)).date()
    return day


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _compare_lessons(shown: dict[str, Any], inside: list[Any]) -> None:
    numbers = Counter(row.status for row in inside)
    assert {name: shown[name] for name in SHOWN.values()} == {name: numbers[it] for it, name in SHOWN.items()}
    assert (shown["requested"], shown["hours_taught"]) == (len(inside), round(numbers["completed"] / 4, 2))


def _compare_money(shown: dict[str, Any], inside: list[Any]) -> None:
    cents: dict[str, Counter[str]] = defaultdict(Counter)
    for row in inside:
        cents[row.currency]["planned_cents" if row.status == "accepted" else "earned_cents"] += row.due
    for money in shown["money"]:
        of = cents.pop(money["currency"], Counter[str]())
        assert {name: money[name] for name in ("earned_cents", "planned_cents")} == {
            name: of[name] for name in ("earned_cents", "planned_cents")
        }
    assert not any(any(of.values()) for of in cents.values())


def _compare_students(
    shown: dict[str, Any], rows: list[Any], inside: list[Any], days: tuple[date, date], zone: str
) -> None:
    present = {row.student_id for row in inside if row.status == "completed"}
    before = {row.student_id for row in rows if row.status == "completed" and _day(row, zone) < days[0]}
    assert (shown["students"], shown["new"]) == (len(present), len(present - before))
    assert shown["retained"] + shown["returned"] == len(present & before)


def _compare_stretch(shown: dict[str, Any], rows: list[Any], zone: str) -> None:
    """Compare a day or a week of a dashboard."""
    first, end = date.fromisoformat(shown["from"]), date.fromisoformat(shown["to"])
    inside = [row for row in rows if first <= _day(row, zone) < end]
    agreed = [row for row in inside if row.status in ("accepted", "completed", "no_show")]
    numbers = Counter(row.status for row in inside)
    assert (shown["lessons"], shown["hours"]) == (len(agreed), round(len(agreed) / 4, 2))
    for name in ("pending", "completed", "no_show", "cancelled"):
        assert shown[name] == numbers[name]
    assert shown["students"] == len({row.student_id for row in agreed})
    assert shown["teachers"] == len({row.teacher_id for row in agreed})


@pytest.mark.parametrize("cache_type", ["RedisCache", "NullCache"])
@pytest.mark.middleware_not_compared
def test_every_figure_is_exact_after_any_history(
    make_app: Callable[..., Flask], clock: FakeClock, cache_type: str
) -> None:
    # In the middle of the lessons, so that today and this week have some.
    clock.instant = FIRST + timedelta(days=6)
    app = make_app(cache_type=cache_type)
    world = World(app, clock)
    admin = world.admin()

    @settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(STEPS, st.sampled_from(ZONES), st.sampled_from(("day", "week", "month")))
    def run(steps: list[tuple[Any, ...]], zone: str, period: str) -> None:
        teachers = [world.teacher(time_zone=zone), world.teacher(time_zone=zone)]
        gigs = [world.gig(it, currency=name) for it, name in zip(teachers, PRICES, strict=True)]
        school = School(world, admin, gigs, teachers, [world.student(time_zone=zone) for _ in range(3)])
        for name, *arguments in steps:
            getattr(school, name)(*arguments)
        school.check(zone, period)
        with app.app_context(), reading() as connection:
            assert [*wrong_days(connection)] == []

    run()
