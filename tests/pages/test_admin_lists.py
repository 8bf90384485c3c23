"""All lessons, payments and applications of the school: narrowed, paged, taken along, and acted on."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from support.queries import count_queries
from tests.pages.visitor import Visitor
from tests.support.world import Person, World

Visit = Callable[..., Visitor]

LISTS = ("lessons", "payments", "applications")


@pytest.fixture
def office(visit: Visit, world: World) -> Visitor:
    """The browser of somebody in the office."""
    return visit(world.office())


class Two:
    """Two teachers, each with a student who has a lesson, a payment and an application."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ada = self._one("Ada Lovelace", "Grace Hopper", "Organ by ear", days=2)
        self.emil = self._one("Emil Zátopek", "Anna O'Brien", "Violin 100%", days=9)

    def _one(self, student_name: str, teacher_name: str, title: str, days: int) -> dict[str, Any]:
        world = self.world
        teacher, student = world.teacher(name=teacher_name), world.student(name=student_name)
        lesson = world.accepted(student, teacher, world.gig(teacher, title=title), starts_at=world.at(days=days))
        paid = {"booking_id": lesson["id"], "method": "cash", "amount_cents": 3000, "currency": "EUR"}
        payment = student.post("/api/payments", {**paid, "reference": f"of {student_name}"}).json["id"]
        course = world.gig(teacher, title=f"{title}, course", enrolment="application")
        message = {"message": f"{student_name} would like to learn."}
        application = student.post(f"/api/gigs/{course['id']}/applications", message).json["id"]
        return {"student": student, "lesson": lesson, "payment": payment, "application": application}


@pytest.fixture
def two(world: World) -> Two:
    return Two(world)


def names_in(visitor: Visitor, path: str) -> set[str]:
    """Which of the two students a page names outside its filter."""
    text = unescape(visitor.open(path).answer.text)
    assert visitor.status == 200, path
    return {name for name in ("Ada", "Emil") if name in re.sub(r"<form.*?</form>", "", text, flags=re.DOTALL)}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"Ada", "Emil"}),
        ("person=lovelace", {"Ada"}),
        ("person=hopper", {"Ada"}),
        ("teacher=o%27brien", {"Emil"}),
        ("teacher=lovelace", set()),
        ("person=z%C3%81topek", {"Emil"}),
        ("gig=100%25", {"Emil"}),
        ("gig=organ&person=emil", set()),
        ("gig=_", set()),
        ("person=&teacher=&gig=&status=&from=&to=", {"Ada", "Emil"}),
    ],
)
def test_a_list_is_narrowed_by_people_and_gigs(
    office: Visitor, two: Two, name: str, query: str, found: set[str]
) -> None:
    assert names_in(office, f"/admin/{name}?{query}") == found


def test_lists_are_narrowed_by_status_and_by_whole_days_of_the_reader(office: Visitor, two: Two, world: World) -> None:
    day = two.ada["lesson"]["starts_at"][:10]

    assert names_in(office, f"/admin/lessons?from={day}&to={day}") == {"Ada"}
    assert names_in(office, "/admin/lessons?status=pending") == set()
    assert names_in(office, "/admin/payments?status=submitted") == {"Ada", "Emil"}
    assert names_in(office, "/admin/payments?status=verified") == set()
    today = world.clock().date()
    for name in ("payments", "applications"):
        assert names_in(office, f"/admin/{name}?from={today}&to={today}") == {"Ada", "Emil"}
        assert names_in(office, f"/admin/{name}?to=2020-01-01") == set()


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("query", ["from=9999-12-31&to=9999-12-31", "from=0001-01-01&to=0001-01-01", "person=%20"])
def test_the_ends_of_the_calendar_and_blanks_are_no_trouble(office: Visitor, name: str, query: str) -> None:
    assert office.open(f"/admin/{name}?{query}").status == 200


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("query", ["status=maybe", "from=tomorrow", "cursor=x", "person=" + "a" * 101])
def test_what_is_no_filter_is_refused(office: Visitor, name: str, query: str) -> None:
    assert office.open(f"/admin/{name}?{query}").status == 422


def test_many_lessons_come_in_pages_in_both_orders(office: Visitor, world: World) -> None:
    student, gig = world.student(), world.gig(world.teacher())
    ids = [world.past_lesson(student, gig) for _ in range(60)]

    for order, expected in (("-starts_at", ids), ("starts_at", ids[::-1])):
        path, seen = f"/admin/lessons?order={order}&person={student.name}", []
        while path:
            page = office.open(path).answer.text
            seen += [int(found) for found in re.findall(r'data-lesson="(\d+)"', page)]
            found = re.search(r'rel="next" href="([^"]+)"', page)
            path = unescape(found[1]) if found else ""
        assert seen == expected


def test_each_row_leads_to_the_thing_or_has_its_actions(office: Visitor, two: Two) -> None:
    lesson = two.ada["lesson"]["id"]

    shown = office.open("/admin/lessons").answer.text
    assert f'href="/lessons/{lesson}/move"' in shown
    assert f'href="/lessons/{lesson}/cancel"' in shown

    office.open("/admin/payments?status=submitted").send(f"/payments/{two.ada['payment']}/decide")
    assert two.ada["student"].get(f"/api/payments/{two.ada['payment']}").json["status"] == "verified"
    assert names_in(office, "/admin/payments?status=submitted") == {"Emil"}


def test_the_office_answers_applications_and_comes_back_to_the_list(office: Visitor, two: Two) -> None:
    accepted, declined = two.ada["application"], two.emil["application"]

    page = office.open("/admin/applications?status=pending")
    page.send("/applications/decide", having={"ids": str(accepted), "status": "accepted"})
    page.open("/admin/applications?status=pending")
    page.send("/applications/decide", having={"ids": str(declined), "status": "rejected"}, reason="It is full.")

    assert two.ada["student"].get(f"/api/applications/{accepted}").json["status"] == "accepted"
    answer = two.emil["student"].get(f"/api/applications/{declined}").json
    assert (answer["status"], answer["reason"]) == ("rejected", "It is full.")
    assert "Nobody waits for an answer" in office.open("/admin/applications?status=pending").text
    assert names_in(office, "/admin/applications?status=rejected") == {"Emil"}


@pytest.mark.parametrize("name", LISTS)
def test_the_list_goes_along_as_csv_with_the_same_filters(office: Visitor, two: Two, world: World, name: str) -> None:
    day = world.clock().date()
    page = office.open(f"/admin/{name}?person=lovelace&from={day}").answer.text
    found = re.search(r'href="(/api/[^"]*format=csv[^"]*)"', page)
    assert found, page

    answer = office.client.get(unescape(found[1]))

    assert answer.status_code == 200, answer.text
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))
    assert [row["student.name"] for row in rows] == ["Ada Lovelace"]


def test_a_change_is_in_a_narrowed_list_at_once(office: Visitor, two: Two) -> None:
    student: Person = two.ada["student"]
    before = names_in(office, "/admin/lessons?person=byron")

    student.patch("/api/users/me", {"name": "Ada Byron"})

    assert before == set()
    assert names_in(office, "/admin/lessons?person=byron") == {"Ada"}
    assert names_in(office, "/admin/lessons?person=lovelace") == set()


@pytest.mark.parametrize("query", ["", "?person=lovelace&teacher=grace&gig=organ&from=2026-01-01&to=2030-01-01"])
@pytest.mark.parametrize(("name", "cold", "warm"), [("lessons", 4, 0), ("payments", 5, 0), ("applications", 5, 1)])
def test_a_list_costs_few_statements(office: Visitor, two: Two, name: str, query: str, cold: int, warm: int) -> None:
    office.open("/admin/people")
    with count_queries() as first:
        office.open(f"/admin/{name}{query}")
    with count_queries() as second:
        office.open(f"/admin/{name}{query}")

    assert len(first) <= cold, first
    # What is private is looked at under the eyes of the audit log.
    assert [statement.split()[0] for statement in second] == ["INSERT"] * warm


def test_looks_at_what_students_wrote_are_written_down(office: Visitor, two: Two, world: World) -> None:
    office.open("/admin/applications")

    entries = world.admin().get("/api/admin/audit?looked=true").json["data"]

    assert [entry["action"] for entry in entries] == ["admin_application_pages.listed_applications"]


@pytest.mark.parametrize(
    ("path", "action"),
    [
        ("/api/applications", "applications.list_applications"),
        ("/api/applications?format=csv", "applications.list_applications"),
        ("/api/applications/1", "applications.show_application"),
        ("/api/gigs/{gig}/applications", "applications.list_gig_applications"),
        ("/applications", "application_pages.mine"),
    ],
)
def test_each_way_to_look_at_applications_is_written_down_each_time(
    office: Visitor, two: Two, world: World, path: str, action: str
) -> None:
    gig = two.ada["student"].get("/api/applications").json["data"][0]["gig"]["id"]
    for _ in range(3):
        assert office.client.get(path.format(gig=gig)).status_code == 200

    entries = world.admin().get("/api/admin/audit?looked=true").json["data"]

    assert [entry["action"] for entry in entries] == [action] * 3


def test_the_sections_lead_to_the_lists(office: Visitor, two: Two) -> None:
    start = office.open("/admin").answer.text

    for name in LISTS:
        assert f'href="/admin/{name}"' in start
    assert 'href="/admin/payments?status=submitted"' in start
    assert 'href="/admin/applications?status=pending"' in start
