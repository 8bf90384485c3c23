"""Lists of people and gigs from elsewhere: a look first, then all of it or nothing, and a second time nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from administration.importing import gigs, people
from administration.importing.lines import table_of
from config import Sender
from jobs import steps
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.mail_server import Inbox, mail_server, text_of
from tests.support.world import PASSWORD, Person, World
from web.ratelimits import IMPORTS_PER_PERSON

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PEOPLE = "name,email,role,time_zone\nAda Byron,ada@example.org,Teacher,Europe/Paris\nBen Okri,ben@example.org,,\n"


def send(office: Person, what: str, text: str | bytes, **query: str) -> Any:
    content = text.encode() if isinstance(text, str) else text
    answer = office.post(f"/api/admin/import/{what}", data=content, query_string=query, content_type="text/csv")
    assert answer.status_code == 200, answer.text
    return answer.json


def addresses(office: Person) -> set[str]:
    return {person["email"] for person in office.get("/api/users").json["data"]}


def test_a_look_changes_nothing_and_then_all_lines_are_imported_once(world: World) -> None:
    office = world.office()
    before = addresses(office)

    look = send(office, "people", PEOPLE)
    assert (look["applied"], look["counts"]) == (False, {"new": 2, "exists": 0, "invalid": 0})
    assert addresses(office) == before
    done = send(office, "people", PEOPLE, apply="true")
    again = send(office, "people", PEOPLE, apply="true")

    assert done["applied"] is True
    assert again["counts"] == {"new": 0, "exists": 2, "invalid": 0}
    people = {person["email"]: person for person in office.get("/api/users").json["data"]}
    assert people.keys() == before | {"ada@example.org", "ben@example.org"}
    assert (people["ada@example.org"]["role"], people["ada@example.org"]["time_zone"]) == ("teacher", "Europe/Paris")
    assert (people["ben@example.org"]["role"], people["ben@example.org"]["time_zone"]) == ("student", "UTC")


def test_one_wrong_line_keeps_all_from_being_imported(world: World) -> None:
    office = world.office()
    before = addresses(office)
    lines = "name,email,role\nAda,ada@example.org,\n,nobody@example.org,\nBen,no address,\nEve,eve@example.org,admin\n"

    found = send(office, "people", lines, apply="true")

    assert (found["applied"], found["counts"]) == (False, {"new": 1, "exists": 0, "invalid": 3})
    assert [(line["line"], list(line["errors"])) for line in found["lines"] if line["status"] == "invalid"] == [
        (3, ["name"]),
        (4, ["email"]),
        (5, ["role"]),
    ]
    assert addresses(office) == before


def test_an_address_counts_once_however_it_is_written(world: World) -> None:
    found = send(world.office(), "people", "name,email\nAda,ada@example.org\nAda,ADA@example.org\n")

    assert [line["status"] for line in found["lines"]] == ["new", "exists"]


@pytest.mark.parametrize(
    "content",
    [
        "name;email\r\nJürgen Groß;jg@example.org\r\n".encode(),
        "name;email\r\nJürgen Groß;jg@example.org\r\n".encode("utf-8-sig"),
        "name;email\r\nJürgen Groß;jg@example.org\r\n".encode("cp1252"),
        "Name\tE-Mail\nJürgen Groß\tjg@example.org\n".encode("utf-16"),
        '"name","email"\n"Jürgen Groß","jg@example.org"\n'.encode(),
    ],
)
def test_files_are_read_as_spreadsheets_write_them(world: World, content: bytes) -> None:
    office = world.office()

    assert send(office, "people", content, apply="true")["applied"] is True

    assert "Jürgen Groß" in {person["name"] for person in office.get("/api/users").json["data"]}


def test_what_is_exported_can_be_imported_again(world: World) -> None:
    admin = world.admin()
    world.student(name="=Formula"), world.teacher()
    exported = admin.get("/api/users", query_string={"format": "csv"})

    found = send(admin, "people", exported.data)

    students = [line for line in found["lines"] if line["status"] == "exists"]
    assert "'=Formula" in exported.text
    assert len(students) == 2
    assert "=Formula" in {line["text"].split(" · ")[0] for line in students}
    assert "id" in found["ignored"]


def test_new_people_are_written_to_if_that_is_asked_for(world: World) -> None:
    office = world.office()
    send(office, "people", "name,email\nAda,ada@example.org\n", apply="true")
    send(office, "people", "name,email\nBen,ben@example.org\n", apply="true", invite="true")

    steps.drain(world.app)

    written = office.get("/api/admin/mail").text
    assert "ben@example.org" in written
    assert "ada@example.org" not in written


def test_gigs_become_drafts_of_their_teachers(world: World) -> None:
    office, teacher = world.office(), world.teacher()
    words = "We begin with one hand, then we take the other one."
    head = "title;teacher_email;description;subject;skills;price;duration_minutes;currency"
    lines = f"{head}\nPiano;{teacher.email};{words};Music;piano, notes;30,50;45;EUR\n"

    found = send(office, "gigs", lines, apply="true")
    again = send(office, "gigs", lines, apply="true")

    assert found["applied"], found
    assert again["counts"] == {"new": 0, "exists": 1, "invalid": 0}
    (gig,) = teacher.get("/api/gigs/mine").json["data"]
    assert (gig["title"], gig["status"], gig["price_cents"]) == ("Piano", "draft", 3050)


def test_what_is_wrong_with_a_gig_is_said_by_column(world: World) -> None:
    office = world.office()
    head = "title,teacher_email,description,subject,skills,price,duration_minutes"

    found = send(office, "gigs", f"{head}\nPi,{office.email},short,Music,piano,thirty,soon\n", apply="true")
    other = send(office, "gigs", f"{head}\nPi,{office.email},short,Music,piano,30,soon\n", apply="true")

    assert found["lines"][0]["errors"].keys() == {"teacher_email", "price"}
    assert other["lines"][0]["errors"].keys() == {"teacher_email", "title", "description", "duration_minutes"}
    assert not found["applied"]


@pytest.mark.parametrize(
    "content",
    [b"", b"name\nAda\n", b"\0\1\2", b"name,email\n" + b"a,a@example.org\n" * 501, b"name,email\n" + b"x" * 300_000],
)
def test_what_is_no_such_list_is_refused(world: World, content: bytes) -> None:
    office = world.office()

    answer = office.post("/api/admin/import/people", data=content, content_type="text/csv")

    assert answer.status_code in (413, 422)


def test_the_page_shows_each_line_and_imports_them_after_that(world: World) -> None:
    office = world.office()
    browser = Visitor(world.app).sign_in(office).open("/admin/import")

    look = browser.send("/admin/import/lines", what="people", text=PEOPLE)
    assert "2 new, 0 there already" in look.text
    assert "ada@example.org" not in addresses(office)
    done = look.send("/admin/import/lines")

    assert "2 people are imported." in done.text
    assert {"ada@example.org", "ben@example.org"} <= addresses(office)
    assert "import_pages.compare" in {entry["action"] for entry in world.admin().get("/api/admin/audit").json["data"]}


def test_the_page_says_what_is_wrong_and_offers_no_button(world: World) -> None:
    browser = Visitor(world.app).sign_in(world.office()).open("/admin/import")

    look = browser.send("/admin/import/lines", what="people", text="name,email\nAda,nothing\n")

    assert "This is no e-mail address." in look.text
    assert look.actions == [action for action in look.actions if action[0] != "/admin/import/lines"]
    empty = Visitor(world.app).sign_in(world.office()).open("/admin/import").send("/admin/import/lines", what="people")
    assert (empty.status, "Choose a file, or paste its lines." in empty.text) == (422, True)


def test_the_command_says_the_same(world: World, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)

    dry = world.app.test_cli_runner().invoke(args=["import", "people", str(file), "--dry-run"])
    before = addresses(world.office())
    world.operator("import", "people", str(file))

    assert "2 new, 0 exists, 0 invalid" in dry.output
    assert "ada@example.org" not in before
    assert {"ada@example.org", "ben@example.org"} <= addresses(world.office())


def test_a_skill_that_is_too_long_is_said_to_be(world: World) -> None:
    office, teacher = world.office(), world.teacher()
    head = "title,teacher_email,description,subject,skills,price,duration_minutes"
    line = f"Piano,{teacher.email},We begin with one hand.,Music,{'x' * 41},30,soon"

    found = send(office, "gigs", f"{head}\n{line}\n", apply="true")

    assert found["lines"][0]["errors"]["skills"] == ["Use 1 to 40 characters."]
    assert found["lines"][0]["errors"]["duration_minutes"] == ["Write a whole number."]


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        ('Ada,ada@example.org\n"Ben,ben@example.org\nEve,eve@example.org\n', 3),
        ('"Ada"x,ada@example.org\nBen,ben@example.org\n', 2),
        ('"Ada\nByron",ada@example.org\n"Ben"x,ben@example.org\n', 4),
    ],
)
def test_a_broken_quotation_mark_is_refused_by_its_line_and_swallows_no_others(
    world: World, lines: str, number: int
) -> None:
    office = world.office()

    answer = office.post("/api/admin/import/people", data=f"name,email\n{lines}", content_type="text/csv")

    assert answer.status_code == 422, answer.text
    assert f"Line {number} cannot be read" in answer.json["errors"]["file"][0]


def test_only_ends_of_lines_end_a_line(world: World) -> None:
    office, teacher = world.office(), world.teacher()
    words = "We begin with one hand,\u2028then we take the other one.\x85"
    head = "title,teacher_email,description,subject,skills,price,duration_minutes"

    found = send(office, "gigs", f'{head}\r\nPiano,{teacher.email},"{words}",Music,piano,30,45\r\n', apply="true")

    assert found["counts"] == {"new": 1, "exists": 0, "invalid": 0}, found


def test_a_line_with_more_cells_than_its_heading_is_wrong(world: World) -> None:
    office = world.office()

    found = send(office, "people", "name,email\nAda,ada@example.org,,\nLovelace, Ada,ada@example.org\n")

    assert [line["status"] for line in found["lines"]] == ["new", "invalid"]
    assert "more cells" in found["lines"][1]["errors"]["line"][0]


def test_a_file_is_as_long_as_it_was_however_a_browser_ends_its_lines(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("administration.importing.lines.MOST_BYTES", len(PEOPLE))

    found = send(world.office(), "people", PEOPLE.replace("\n", "\r\n"))

    assert found["counts"]["new"] == 2


def test_a_name_is_as_long_as_names_of_accounts_are(world: World) -> None:
    found = send(world.office(), "people", f"name,email\n{'x' * 80},ada@example.org\n{'x' * 81},ben@example.org\n")

    assert [line["status"] for line in found["lines"]] == ["new", "invalid"]
    assert found["lines"][1]["errors"] == {"name": ["Use 1 to 80 characters."]}


def test_the_link_of_an_imported_person_works_for_seven_days(make_app: Callable[..., Flask], clock: FakeClock) -> None:
    with mail_server(inbox := Inbox()) as server:
        world = World(make_app(mail_server=server, mail_from=Sender("Lectern", "lessons@example.org")), clock)
        send(world.office(), "people", "name,email\nBen,ben@example.org\n", apply="true", invite="true")
        steps.drain(world.app)
    mail = inbox.newest("ben@example.org")
    token = re.search(r"/reset-password\?token=(\S+)$", text_of(mail), re.MULTILINE)
    assert token, text_of(mail)
    clock.advance(days=6)

    chosen = world.anyone.post("/api/auth/password-reset/confirm", json={"token": token[1], "password": PASSWORD})

    assert mail["Subject"] == "Your account at Lectern"
    assert "forgotten" not in text_of(mail).lower().replace("forgot your password", "")
    assert chosen.status_code == 204, chosen.text
    login = {"email": "ben@example.org", "password": PASSWORD}
    assert world.anyone.post("/api/auth/login", json=login).status_code == 200


def test_two_imports_at_once_make_each_gig_once(world: World) -> None:
    teacher = world.teacher()
    head = "title,teacher_email,description,subject,skills,price,duration_minutes"
    lines = f"{head}\nPiano,{teacher.email},We begin with one hand and take the other one.,Music,piano,30,45\n"

    with world.app.app_context():
        both = [gigs.plan(table_of(lines.encode(), gigs.COLUMNS, gigs.REQUIRED)) for _ in range(2)]
        for planned in both:
            gigs.apply(planned, now=world.clock())

    assert [one.kind for planned in both for one in planned] == ["new", "new"]
    assert [gig["title"] for gig in teacher.get("/api/gigs/mine").json["data"]] == ["Piano"]


@pytest.mark.parametrize("what", ["people", "gigs"])
def test_what_a_list_has_to_name_is_what_its_schema_asks_for(world: World, what: str) -> None:
    needed = {"people": "name, email", "gigs": "teacher_email, title, description, category, duration_minutes"}

    answer = world.office().post(f"/api/admin/import/{what}", data=b"none\n", content_type="text/csv")

    assert answer.status_code == 422
    assert f"these columns: {needed[what]}." in answer.text


def test_the_same_list_sent_twice_at_once_is_imported_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    office = world.office()
    apply, at_once = people.apply, []

    def second(*given: Any, **more: Any) -> None:
        # The other request was quicker, after both had compared the list with the accounts.
        monkeypatch.setattr(people, "apply", apply)
        at_once.append(send(office, "people", PEOPLE, apply="true"))
        apply(*given, **more)

    monkeypatch.setattr(people, "apply", second)
    found = send(office, "people", PEOPLE, apply="true")

    assert [each["counts"]["new"] for each in at_once] == [2]
    assert (found["applied"], found["counts"]) == (True, {"new": 0, "exists": 2, "invalid": 0})


def test_a_list_that_is_pasted_twice_says_that_it_is_imported_already(world: World) -> None:
    page = Visitor(world.app).sign_in(world.office()).open("/admin/import")
    page.send("/admin/import/lines", what="people", text=PEOPLE, apply="true")

    page.open("/admin/import").send("/admin/import/lines", what="people", text=PEOPLE, apply="true")

    assert "This list is imported already" in page.text


def test_a_pasted_list_that_is_too_long_is_refused_on_its_page(world: World) -> None:
    page = Visitor(world.app).sign_in(world.office()).open("/admin/import")

    page.send("/admin/import/lines", what="people", text="name,email\n" + "x" * (260 * 1024))

    assert (page.status, "This file is too long: at most 256 KB" in page.text) == (422, True)


def test_lists_have_a_limit_of_their_own(make_app: Callable[..., Flask], clock: FakeClock) -> None:
    office = World(make_app(ratelimit_enabled=True), clock).office()
    for _ in range(IMPORTS_PER_PERSON.number):
        send(office, "people", PEOPLE)

    refused = office.post("/api/admin/import/people", data=PEOPLE.encode(), content_type="text/csv")

    assert refused.status_code == 429
