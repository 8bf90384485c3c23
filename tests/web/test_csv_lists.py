"""Lists as CSV: every list has them, whole, for the people who may read it, and no spreadsheet runs what is in them."""

from __future__ import annotations

import csv
import io

import pytest
from werkzeug.test import TestResponse

import tags
from accounts.models import Role, User
from caching import invalidate
from database import writing
from support.monitor import monitor
from support.queries import count_queries
from support.servers import RedisServer
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CSV = {"Accept": "text/csv"}


def rows_of(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.get_data().decode(), newline="")))


def many_people(world: World, number: int) -> None:
    """Accounts as an import would make them."""
    shared = {"password_hash": "x", "role": Role.STUDENT, "time_zone": "UTC", "created_at": world.clock()}
    people = [User(name=f"Person {i}", email=f"p{i}@example.org", **shared) for i in range(number)]
    with world.app.app_context(), writing() as session:
        session.add_all(people)
        session.flush()
        invalidate(tags.users(), *(tag(person.id) for person in people for tag in (tags.viewer, tags.profile)))


def test_an_administrator_gets_every_booking_as_a_row(world: World) -> None:
    admin, student, gig = world.admin(), world.student(), world.gig(world.teacher())
    made = [world.booking(student, gig, starts_at=world.at(days=day))["id"] for day in (1, 2, 3)]

    answer = admin.get("/api/bookings?format=csv&limit=1&status=pending")

    rows = rows_of(answer)
    assert [int(row["id"]) for row in rows] == made[::-1]
    in_json = admin.get("/api/bookings").json["data"][0]
    assert rows[0]["student.name"] == in_json["student"]["name"]
    assert rows[0]["starts_at"] == in_json["starts_at"]
    assert rows[0]["price_cents"] == "3000"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="bookings-20')
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert answer.headers["Vary"] == "Accept, Authorization, Cookie"


def test_all_pages_are_there_once_and_no_page_is_left_in_the_cache(world: World, redis_server: RedisServer) -> None:
    admin = world.admin()
    many_people(world, 250)

    with monitor(redis_server) as commands, count_queries() as statements:
        rows = rows_of(admin.get("/api/users", headers=CSV))

    assert len(rows) == len({row["id"] for row in rows}) == 251
    assert [int(row["id"]) for row in rows] == sorted((int(row["id"]) for row in rows), reverse=True)
    assert not [command for command in commands if command.startswith("SET")]
    # Three pages: the list, and each time who asks for it.
    assert len(statements) == 6


def test_it_is_written_while_it_is_read(world: World) -> None:
    admin = world.admin()
    many_people(world, 250)

    with count_queries() as statements:
        answer = admin.get("/api/users?format=csv", buffered=False)
        parts = answer.iter_encoded()
        begun = [next(parts), next(parts)]
        read_by_then = len(statements)
        rest = b"".join(parts)

    assert b"".join(begun).count(b"\r\n") == 101
    assert read_by_then == 2
    assert rest.count(b"\r\n") == 151


def test_a_sign_in_that_ends_in_between_gets_no_further_page(world: World) -> None:
    admin = world.admin()
    many_people(world, 150)
    parts = iter(admin.get("/api/users?format=csv", buffered=False).response)
    begun = [next(parts), next(parts)]

    world.operator("accounts", "set-role", admin.email, "student")

    assert len(begun) == 2
    with pytest.raises(Exception, match="not allowed"):
        next(parts)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/bookings?format=csv", 401),
        ("/api/users?format=csv", 401),
        ("/api/gigs/999/applications?format=csv", 401),
        ("/api/gigs?format=csv", 200),
    ],
)
def test_who_may_not_read_a_list_gets_the_same_refusal(world: World, path: str, status: int) -> None:
    answer = world.anyone.get(path)

    assert answer.status_code == status
    if status != 200:
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_rights_are_those_of_the_list(world: World) -> None:
    student, other, admin = world.student(), world.student(), world.admin()
    gig = world.gig(world.teacher())
    own, others = world.booking(student, gig), world.booking(other, gig, starts_at=world.at(days=2))

    lists = {who: rows_of(asker.get("/api/bookings", headers=CSV)) for who, asker in (("own", student), ("all", admin))}

    assert [row["id"] for row in lists["own"]] == [str(own["id"])]
    assert {row["id"] for row in lists["all"]} == {str(own["id"]), str(others["id"])}
    assert student.get("/api/users", headers=CSV).status_code == 403
    assert student.get("/api/events?format=csv").status_code == 403


def test_a_list_that_is_cached_as_json_is_still_answered_as_csv_and_the_other_way_round(world: World) -> None:
    student, gig = world.student(), world.gig(world.teacher())
    world.booking(student, gig)
    student.get("/api/bookings")
    hit = student.get("/api/bookings")

    known = {"If-None-Match": hit.headers["ETag"]}
    answers = [
        student.get("/api/bookings", headers=CSV | known),
        student.get("/api/bookings?format=csv", headers=known),
    ]
    again = student.get("/api/bookings")

    assert hit.headers["X-Cache"] == again.headers["X-Cache"] == "HIT"
    assert [len(rows_of(answer)) for answer in answers] == [1, 1]
    assert again.json == hit.json


@pytest.mark.parametrize(
    ("accept", "is_csv"),
    [
        ("text/csv", True),
        ("TEXT/CSV", True),
        ("text/csv, */*;q=0.1", True),
        ("text/csv, application/json;q=0.9", True),
        ("application/json, text/csv", False),
        ("application/json, text/csv;q=0.5", False),
        ("text/csv;q=0", False),
        ("*/*", False),
        ("text/*", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
    ],
)
def test_only_a_header_that_names_csv_gets_it(world: World, accept: str, is_csv: bool) -> None:
    for _ in range(2):
        answer = world.anyone.get("/api/gigs/categories", headers={"Accept": accept})

        assert (answer.mimetype == "text/csv") == is_csv


@pytest.mark.parametrize(
    "query", ["format=xml", "format=", "format=csv&format=json", "format=csv&limit=0", "format=csv&page=2"]
)
def test_what_is_no_format_or_filter_is_refused(world: World, query: str) -> None:
    answer = world.admin().get(f"/api/users?{query}")

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [{"limit=0": "limit", "page=2": "page"}.get(query[11:], "format")]


def test_what_is_no_list_has_no_csv(world: World) -> None:
    student = world.student()

    assert student.get("/api/users/me?format=csv").status_code == 422
    # It has a file of its own, statement.csv.
    assert student.get("/api/payments/statement?format=csv").status_code == 422
    assert student.get("/api/users/me", headers=CSV).mimetype == "application/json"
    assert world.anyone.get("/api/gigs/999?format=csv").status_code == 422


def test_an_empty_list_has_its_headings(world: World) -> None:
    answer = world.student().get("/api/bookings?format=csv")

    assert rows_of(answer) == []
    assert answer.get_data().startswith(b"id,status,")


def test_the_log_of_events_comes_to_its_end(world: World) -> None:
    admin, teacher = world.admin(), world.teacher()
    for _ in range(3):
        world.gig(teacher)

    rows = rows_of(admin.get("/api/events?format=csv&limit=2&type=gig.published"))

    assert [row["type"] for row in rows] == ["gig.published"] * 3
    assert '"gig_id"' in rows[0]["data"]


def test_a_browser_gets_the_mark_by_which_spreadsheets_know_letters(world: World) -> None:
    client = world.app.test_client()
    person = world.teacher(name="Zoë Übel")
    token = client.get("/sign-in").text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    client.post("/sign-in", data={"email": person.email, "password": PASSWORD, "csrf_token": token})

    by_browser = client.get("/api/teachers?format=csv", headers={"Accept": "text/html,*/*;q=0.8"})
    by_program = client.get("/api/teachers?format=csv")

    assert by_browser.get_data().startswith(b"\xef\xbb\xbfid,")
    assert by_program.get_data().startswith(b"id,")
    assert "Zoë Übel" in by_program.text


def test_what_people_type_is_no_formula_in_a_spreadsheet(world: World) -> None:
    for name in ("=1+1", "@SUM(A1)", "-2+3", "+4", 'A "quoted", name'):
        world.teacher(name=name)

    rows = rows_of(world.anyone.get("/api/teachers?format=csv"))

    assert {row["name"] for row in rows} == {"'=1+1", "'@SUM(A1)", "'-2+3", "'+4", 'A "quoted", name'}


def test_a_report_is_one_row(world: World) -> None:
    teacher = world.teacher()
    world.past_lesson(world.student(), world.gig(teacher))

    (row,) = rows_of(teacher.get("/api/reports/performance?period=year&date=2026-06-01&format=csv"))

    assert (row["teacher.id"], row["period"], row["from"]) == (str(teacher.id), "year", "2026-01-01")
    assert "time_zone" in row
    assert row["acceptance_rate"] in ("", "1.0")
