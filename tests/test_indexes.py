"""Every query of a list finds its rows by an index, on both databases: no list reads a whole large table."""

from __future__ import annotations

import re

import pytest

from support.queries import WITHOUT_INDEX, plan_of, recorded_queries
from tests.support.world import Person, World

# The tables that grow with a school.
LARGE = (
    "bookings",
    "held_times",
    "booking_events",
    "gigs",
    "gig_skills",
    "facet_counts",
    "reviews",
    "users",
    "sign_ins",
    "messages",
    "notes",
    "applications",
    "assignments",
    "tasks",
    "submissions",
    "autosaves",
    "gig_views",
    "recent_gigs",
    "searches",
    "payments",
    "payment_events",
    "refunds",
    "credit_uses",
    "credit_notes",
    "invoices",
    "invoice_lines",
    "packages",
    "package_offers",
    "package_events",
    "package_units",
    "package_refunds",
    "package_payments",
    "lesson_hours",
    "student_hours",
    "stale_days",
    "lesson_months",
    "stale_months",
)

MONEY = (
    "payments",
    "payments?status=submitted&limit=1",
    "payments?booking_id={paid}",
    "payments?from=2026-11-21T00:00:00Z&limit=1&cursor={cursor}",
    "payments/{payment}",
    "bookings/{paid}/balance",
    "invoices?limit=1&cursor={cursor}",
    "invoices?booking_id={paid}&student_id={student}&from=2026-11-21T00:00:00Z",
    "invoices/{invoice}",
    "packages?limit=1&cursor={cursor}",
    "packages?status=paid&gig_id={gig}",
    "packages/{package}",
    "payments/open",
    "users/me/balance",
)

COURSES = (
    "applications?status=accepted",
    "applications?gig_id={course}&limit=1",
    "assignments?status=active",
    "tasks",
    "tasks?status=approved&order=-due_at",
    "tasks?status=overdue&due_before=2026-12-01T00:00:00Z",
    "tasks?limit=1&cursor={cursor}",
    "tasks?assignment_id={assignment}",
)

SUBJECTS = ("bookings", "revenue", "retention", "users", "gigs", "applications")

# Who asks, and what. `{teacher}` and `{student}` become ids, `{cursor}` that of the same list's first page.
LISTS = [
    ("student", "/api/bookings"),
    ("student", "/api/bookings?order=starts_at"),
    ("student", "/api/bookings?limit=1&cursor={cursor}"),
    ("student", "/api/bookings?status=pending&status=accepted"),
    ("student", "/api/bookings?from=2026-11-21T00:00:00Z&to=2027-11-21T00:00:00Z"),
    ("teacher", "/api/bookings"),
    ("teacher", "/api/bookings?status=pending"),
    ("admin", "/api/bookings"),
    ("admin", "/api/bookings?status=completed&order=starts_at"),
    ("admin", "/api/bookings?limit=1&cursor={cursor}"),
    ("student", "/api/bookings/{booking}/messages"),
    ("teacher", "/api/bookings/{booking}/messages?limit=1&cursor={cursor}"),
    ("teacher", "/api/students"),
    ("teacher", "/api/students?q=number&limit=1"),
    ("admin", "/api/students"),
    ("teacher", "/api/students/{student}/notes"),
    ("student", "/api/users/me/notes"),
    *[(who, f"/api/{path}") for who in ("student", "teacher", "admin") for path in COURSES],
    *[(who, f"/api/{path}") for who in ("student", "teacher") for path in MONEY],
    *[("admin", f"/api/{path}") for path in MONEY[:-2]],
    ("student", "/api/payments/statement"),
    ("teacher", "/api/payments/statement?person_id={student}"),
    *[(who, "/api/payments/month?month=2026-11") for who in ("teacher", "admin")],
    ("teacher", "/api/reports/performance?period=year"),
    ("admin", "/api/reports/daily"),
    *[(who, "/api/reports/dashboard") for who in ("student", "teacher", "admin")],
    *[("teacher", f"/api/reports/leaderboards/{people}") for people in ("teachers", "students")],
    *[("admin", f"/api/reports/analytics/{subject}?period=week&time_zone=Asia/Kathmandu") for subject in SUBJECTS],
    ("teacher", "/api/gigs/{course}/applications?limit=1&status=accepted"),
    ("student", "/api/tasks/{task}/submissions"),
    ("student", "/api/assignments/{assignment}/submissions?limit=1&cursor={cursor}"),
    ("nobody", "/api/gigs"),
    ("nobody", "/api/gigs?limit=1&cursor={cursor}"),
    ("nobody", "/api/gigs?sort=price"),
    ("nobody", "/api/gigs?sort=-price&min_price=100"),
    ("nobody", "/api/gigs?sort=popular"),
    ("nobody", "/api/gigs?sort=rating"),
    ("nobody", "/api/gigs?category=music"),
    ("nobody", "/api/gigs?skill=piano"),
    ("nobody", "/api/gigs?q=piano"),
    ("nobody", "/api/gigs?teacher_id={teacher}"),
    ("nobody", "/api/gigs/{gig}/packages"),
    ("nobody", "/api/gigs/categories"),
    ("nobody", "/api/gigs/{choir}/sessions?limit=1&cursor={cursor}"),
    ("nobody", "/api/gigs/{choir}/sessions?from=2026-11-21T00:00:00Z&to=2027-11-21T00:00:00Z"),
    ("teacher", "/api/gigs/mine"),
    ("teacher", "/api/gigs/mine?status=draft&status=paused"),
    ("teacher", "/api/gigs/my-drafts"),
    ("teacher", "/api/gigs/{gig}/autosave"),
    ("teacher", "/api/gigs/new/autosave"),
    ("teacher", "/api/gigs/{gig}/stats"),
    ("teacher", "/api/users/me/stats"),
    ("student", "/api/users/me/stats"),
    ("student", "/api/gigs/recently-viewed"),
    ("student", "/api/gigs/search-history"),
    ("nobody", "/api/gigs/{gig}/similar"),
    ("nobody", "/api/gigs/popular-skills"),
    ("nobody", "/api/teachers"),
    ("nobody", "/api/teachers?q=number"),
    ("admin", "/api/users"),
    ("admin", "/api/users?role=teacher"),
    ("nobody", "/api/reviews?user_id={teacher}"),
    ("nobody", "/api/reviews?user_id={teacher}&filter=recent"),
    ("teacher", "/api/reviews?user_id={teacher}&filter=unread"),
    ("student", "/api/reviews/by/{student}"),
]


def _buy(people: dict[str, Person], gig_id: int, lessons: int) -> int:
    """Sell a package, and return its id."""
    offer = people["teacher"].post(f"/api/gigs/{gig_id}/packages", {"lessons": lessons, "price_cents": 1})
    package_id = people["student"].post("/api/packages", {"offer_id": offer.json["id"]}).json["id"]
    people["teacher"].patch(f"/api/packages/{package_id}", {"status": "paid"})
    return int(package_id)


def test_every_query_of_a_list_uses_an_index(world: World) -> None:
    people = {"student": world.student(), "teacher": world.teacher(), "admin": world.admin()}
    gigs = [world.gig(people["teacher"]) for _ in range(2)]
    for gig in gigs:
        world.review(people["student"], gig)
        booking = world.booking(people["student"], gig, starts_at=world.at(days=gig["id"]))
        for text in ("First", "Second"):
            people["student"].post(f"/api/bookings/{booking['id']}/messages", {"text": text})
    choir = world.gig(people["teacher"], times="timetable")["id"]
    for days in (40, 41):
        people["teacher"].post(f"/api/gigs/{choir}/sessions", {"starts_at": world.at(days=days)})
    course = world.running_course(people["student"], people["teacher"])
    paid = world.past_lesson(people["student"], gigs[0])
    for name in ("First", "Second"):
        body = {"booking_id": paid, "method": "other", "reference": name, "amount_cents": 1000, "currency": "EUR"}
        payment = people["student"].post("/api/payments", body).json["id"]
    for _ in range(2):
        invoice = people["teacher"].post("/api/invoices", {"booking_ids": [paid]}).json["id"]
        people["teacher"].post(f"/api/invoices/{invoice}/corrections", {"reason": "No."})
    package, _ = _buy(people, gigs[0]["id"], 5), _buy(people, gigs[0]["id"], 10)
    for path in ("new/autosave", f"{gigs[0]['id']}/autosave"):
        people["teacher"].put(f"/api/gigs/{path}", {"version": 0, "fields": {"title": "Organ"}})
    ids = course | {
        "paid": paid,
        "payment": payment,
        "invoice": invoice,
        "package": package,
        "choir": choir,
        "gig": gigs[0]["id"],
        "teacher": people["teacher"].id,
        "student": people["student"].id,
        "booking": booking["id"],
    }

    for name, path in LISTS:
        ask = people[name].get if name in people else world.anyone.get
        if "{cursor}" in path:
            path = path.replace("{cursor}", ask(path.replace("&cursor={cursor}", "").format(**ids)).json["next_cursor"])
        world.operator("cache", "clear")
        with recorded_queries() as queries:
            assert ask(path.format(**ids)).status_code == 200, path

        reads = [query for query in queries if _reads_a_large_table(query.statement)]
        assert reads, path
        for query in reads:
            plan = plan_of(world.app, query)
            assert not _scanned(plan) - _walked_by_id(query.statement, plan), (path, query, plan)


@pytest.mark.parametrize("order", ["newest", "price", "-price", "popular"])
def test_every_order_of_gigs_is_that_of_an_index(world: World, order: str) -> None:
    for _ in range(2):
        world.gig(world.teacher())
    cursor = world.anyone.get(f"/api/gigs?sort={order}&limit=1").json["next_cursor"]

    for path in (f"/api/gigs?sort={order}&limit=2", f"/api/gigs?sort={order}&limit=1&cursor={cursor}"):
        with recorded_queries() as queries:
            assert world.anyone.get(path).json["cached"] is False

        (page,) = (query for query in queries if query.statement.startswith("SELECT gigs.id"))
        plan = plan_of(world.app, page, avoid=WITHOUT_INDEX)
        assert f"ix_gigs_public_{order.strip('-')}" in plan, plan
        assert "TEMP B-TREE" not in plan, plan
        assert "Sort" not in plan, plan


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("filters", ["", "&category=music", "&sort=price"])
def test_words_lead_to_gigs_and_no_other_index_does(world: World, filters: str) -> None:
    world.gig(world.teacher(), title="Harmonium", category="Music")

    with recorded_queries() as queries:
        assert world.anyone.get(f"/api/gigs?q=harmonium{filters}").json["total"] == 1

    plans = [plan_of(world.app, query) for query in queries if "gig_words" in query.statement]
    assert len(plans) == 3
    for plan in plans:
        assert re.search("SEARCH (listed_)?gigs USING INTEGER PRIMARY KEY", plan), plan
        assert not re.search("ix_(listed_)?gigs_", plan), plan


@pytest.mark.parametrize(
    ("plan", "scanned"),
    [
        ("SCAN bookings", {"bookings"}),
        ("SCAN bookings USING INDEX ix_bookings_starts_at", set()),
        ("SEARCH gigs USING INDEX ix_gigs_teacher (teacher_id=?)", set()),
        ("->  Seq Scan on users users_1  (cost=1)", {"users"}),
        ("->  Index Scan using ix_bookings_teacher on bookings", set()),
    ],
)
def test_a_scan_is_recognised(plan: str, scanned: set[str]) -> None:
    assert _scanned(plan) == scanned


def _reads_a_large_table(statement: str) -> bool:
    return statement.startswith("SELECT") and any(f"FROM {table}" in statement for table in LARGE)


def _walked_by_id(statement: str, plan: str) -> set[str]:
    """The tables that SQLite reads in the order of their ids until the page is full: its tables are such an index."""
    orders = {table for table in LARGE if f"ORDER BY {table}.id" in statement and "LIMIT" in statement}
    return set() if "TEMP B-TREE" in plan else orders


def _scanned(plan: str) -> set[str]:
    """The large tables that a plan reads from end to end."""
    tables = "|".join(LARGE)
    whole = rf"SCAN ({tables})(?! USING)\b|Seq Scan on ({tables})\b"
    return {sqlite or postgres for sqlite, postgres in re.findall(whole, plan)}
