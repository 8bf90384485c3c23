"""Lessons that are entered for an address: the teacher learns nothing of its owner before the owner has said yes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from accounts import service as accounts
from accounts.invitations.models import Invitation
from accounts.invitations.service import join
from accounts.models import NewAccount, Role
from accounts.names import NO_ADDRESS
from bookings.entering import answers
from bookings.entering.answers import Reply
from config import Sender
from database import reading, writing
from extensions import Base
from jobs import steps
from server.children import wait_until
from tests.pages.visitor import Visitor
from tests.support.mail_server import Inbox, mail_server, text_of
from tests.support.races import at_once, waits_for_lock
from tests.support.world import PASSWORD, Person, World

BOOKINGS, INVITATIONS, STUDENTS = "/api/bookings", "/api/users/me/invitations", "/api/students"
NIGHT, NEXT_NIGHT = "2026-11-25T21:00:00Z", "2026-11-26T21:00:00Z"
MARY = "mary@example.org"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# What tells one lesson, one stand-in and one request from the next, and nothing about an address.
_PASSING = re.compile(r'"(?:series_)?id":\d+|\d{4}-\d\d-\d\dT[\d:.]+Z')
_PASSING_HEADERS = ("Date", "ETag", "Content-Length", "X-Request-ID")


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def app(make_app: Callable[..., Flask], inbox: Inbox) -> Iterator[Flask]:
    """The application with a mail server, as it is where mails reach people."""
    with mail_server(inbox) as server:
        yield make_app(mail_server=server, mail_from=Sender("Lectern", "lessons@example.org"))


def confirmed(world: World, person: Person) -> Person:
    world.operator("accounts", "confirm-email", person.email)
    return person


@pytest.fixture
def teacher(world: World) -> Person:
    return confirmed(world, world.teacher(name="Grace Hopper"))


@pytest.fixture
def gig(world: World, teacher: Person) -> dict[str, Any]:
    return world.gig(teacher, location="Lovelace Lane 1")


def enter(person: Person, gig: dict[str, Any], email: str = MARY, **body: Any) -> TestResponse:
    student = {"name": body.pop("name", "Mary Shelley"), "email": email}
    return person.post(BOOKINGS, {"gig_id": gig["id"], "starts_at": NIGHT, "agreed": True, "student": student} | body)


def lessons_of(person: Person) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = person.get(BOOKINGS).json["data"]
    return data


def opened(world: World, inbox: Inbox, email: str = MARY) -> Person:
    """The owner of an address, once they have opened an account with the link that was mailed to them."""
    answer = use_link(world, inbox, email)
    assert answer.status_code == 204, answer.text
    return signed_in(world, email)


def use_link(world: World, inbox: Inbox, email: str = MARY) -> TestResponse:
    found = re.search(r"/invitation\?token=([\w-]{43})$", text_of(inbox.newest(email)), re.MULTILINE)
    assert found
    return world.anyone.post("/api/auth/password-reset/confirm", json={"token": found[1], "password": PASSWORD})


def signed_in(world: World, email: str) -> Person:
    answer = world.anyone.post("/api/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    user = answer.json["user"]
    tokens = answer.json["access_token"], answer.json["refresh_token"]
    return Person(user["id"], user["name"], email, "student", *tokens, world.app.test_client(use_cookies=False))


def rows_of_user(world: World, user_id: int) -> dict[str, int]:
    """In which columns of which tables a user stands, and how often."""
    columns = [
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "users" for key in column.foreign_keys)
    ]
    with world.app.app_context(), reading() as connection:
        counts = {
            f"{table}.{column}": connection.execute(
                text(f"SELECT count(*) FROM {table} WHERE {column} = :id"), {"id": user_id}
            ).scalar_one()
            for table, column in columns
        }
    return {name: number for name, number in counts.items() if number}


def addresses(world: World) -> dict[str, str]:
    """An address of each kind, by what it is."""
    busy, closed, admin = world.student(name="Olga Frei", time_zone="Asia/Tokyo"), world.student(), world.admin()
    for person in (busy, closed):
        confirmed(world, person)
    elsewhere = confirmed(world, world.teacher())
    world.accepted(busy, elsewhere, world.gig(elsewhere), starts_at=NIGHT)
    world.operator("accounts", "deactivate", closed.email)
    return {
        "nobody's": "new@example.org",
        "a busy student's": busy.email,
        "a student's who has confirmed nothing": world.student().email,
        "a teacher's": elsewhere.email,
        "a closed account's": closed.email,
        "an administrator's": admin.email,
        "one that takes no mail": "bounce@example.org",
    }


def shown(answer: TestResponse, *theirs: str) -> str:
    """An answer without what is another one each time: ids, instants and the addresses of the two."""
    headers = sorted(f"{name}: {value}" for name, value in answer.headers if name not in _PASSING_HEADERS)
    text_ = f"{answer.status_code} {headers} {answer.text}"
    for address in theirs:
        text_ = text_.replace(address, "~")
    return _PASSING.sub("~", text_)


@on_sqlite
@pytest.mark.parametrize("agreed", [True, False])
def test_all_that_a_teacher_sees_is_the_same_whatever_the_address_is(
    world: World, inbox: Inbox, *, agreed: bool
) -> None:
    def seen_with(email: str) -> list[str]:
        """All that a teacher sees with lessons for one address: before the mails are sent, and afterwards."""
        teacher = confirmed(world, world.teacher(name="Grace Hopper"))
        gig = world.gig(teacher)
        made = enter(teacher, gig, email, agreed=agreed, weeks=2)
        again = enter(teacher, gig, email, agreed=agreed)
        lesson, student = f"{BOOKINGS}/{made.json['id']}", f"{STUDENTS}/{made.json['student']['id']}"
        about = (lesson, f"{lesson}/history", f"{lesson}/messages", student, f"{student}/notes")
        paths = (*about, f"/api/users/{made.json['student']['id']}", BOOKINGS, f"{STUDENTS}?q=shelley")
        before = [teacher.get(path) for path in paths]
        written = teacher.post(f"{lesson}/messages", {"text": "Bring the book with the sonatas."})
        inbox.on_recipient = "550 No such user" if email.startswith("bounce") else ""
        steps.drain(world.app)
        inbox.on_recipient = ""
        after = [teacher.get(path) for path in (*paths, "/api/notifications")]
        ended = teacher.patch(lesson, {"status": "cancelled"})
        return [shown(answer, teacher.email, email) for answer in (made, again, *before, written, *after, ended)]

    found = {kind: seen_with(email) for kind, email in addresses(world).items()}

    assert found["nobody's"][0].startswith("201")
    for kind, seen in found.items():
        assert seen == found["nobody's"], kind


@on_sqlite
def test_one_teacher_has_one_stand_in_for_an_address_and_another_teacher_another(
    world: World, teacher: Person, gig: dict[str, Any]
) -> None:
    other = confirmed(world, world.teacher())

    first = enter(teacher, gig)
    second = enter(teacher, gig, MARY.upper(), starts_at=NEXT_NIGHT, name="Mary S.")
    third = enter(other, world.gig(other))

    assert first.json["student"] == second.json["student"]
    assert first.json["student"]["id"] != third.json["student"]["id"]
    assert teacher.get(f"{STUDENTS}/{first.json['student']['id']}").json["email"] == MARY


@on_sqlite
def test_who_has_no_account_opens_it_with_the_mail_and_finds_the_lessons(
    world: World, teacher: Person, gig: dict[str, Any], inbox: Inbox
) -> None:
    made = enter(teacher, gig, weeks=2)
    other = confirmed(world, world.teacher(name="Alan Turing"))
    elsewhere = enter(other, world.gig(other), starts_at=NEXT_NIGHT)
    steps.drain(world.app)
    assert not [mail for mail in inbox.received if NO_ADDRESS in str(mail["To"])]

    mary = opened(world, inbox)

    ids = [lesson["id"] for lesson in lessons_of(mary)]
    assert {made.json["id"], elsewhere.json["id"]} < set(ids)
    assert len(ids) == 3
    assert teacher.get(f"{BOOKINGS}/{made.json['id']}").json["student"] == {"id": mary.id, "name": "Mary Shelley"}
    assert other.get(f"{STUDENTS}/{mary.id}").json["email"] == MARY
    assert mary.get(INVITATIONS).json["data"] == []
    steps.drain(world.app)
    assert "Your password was changed" not in inbox.subjects


@on_sqlite
def test_who_asks_for_a_new_password_before_there_is_an_account_gets_the_invitation_again(
    world: World, teacher: Person, gig: dict[str, Any], inbox: Inbox
) -> None:
    made = enter(teacher, gig)
    steps.drain(world.app)
    inbox.received.clear()

    for email in (MARY, "unknown@example.org"):
        world.anyone.post("/api/auth/password-reset", json={"email": email})
    steps.drain(world.app)

    assert len(inbox.received) == 1
    assert [lesson["id"] for lesson in lessons_of(opened(world, inbox))] == [made.json["id"]]


@on_sqlite
def test_who_registers_by_themselves_gets_what_waits_once_the_address_is_theirs(
    world: World, teacher: Person, gig: dict[str, Any]
) -> None:
    enter(teacher, gig)
    mary = world.student(name="Mary W. Shelley", email=MARY)
    before = lessons_of(mary)

    confirmed(world, mary)

    assert before == []
    assert [lesson["student"]["name"] for lesson in lessons_of(mary)] == ["Mary W. Shelley"]


@on_sqlite
@pytest.mark.parametrize("reply", ["yes", "no"])
def test_the_start_page_asks_until_there_is_an_answer(
    world: World, teacher: Person, gig: dict[str, Any], reply: str
) -> None:
    olga = confirmed(world, world.student(name="Olga Frei"))
    visitor = Visitor(world.app).sign_in(olga)
    question = f"{teacher.name} has entered lessons for your address."
    before = visitor.open("/").text
    enter(teacher, gig, olga.email)
    unasked = visitor.open("/").text
    steps.drain(world.app)

    asked = visitor.open("/").text
    teacher.patch("/api/users/me", {"name": "Prof. Hopper"})
    renamed = visitor.open("/").text
    (waiting,) = olga.get(INVITATIONS).json["data"]
    olga.post(f"{INVITATIONS}/{waiting['id']}", {"answer": reply})

    assert [question in page for page in (before, unasked, asked)] == [False, False, True]
    assert "Prof. Hopper has entered lessons for your address." in renamed
    assert "entered lessons" not in visitor.open("/").text


@on_sqlite
def test_a_student_with_an_account_is_asked_and_takes_over_all_that_belongs_to_the_lessons(
    world: World, teacher: Person, gig: dict[str, Any], inbox: Inbox
) -> None:
    olga = confirmed(world, world.student(name="Olga Frei"))
    made = enter(teacher, gig, olga.email, name="O. F.")
    lesson, stand_in = f"{BOOKINGS}/{made.json['id']}", made.json["student"]["id"]
    teacher.post(f"{lesson}/messages", {"text": "Bring the book with the sonatas."})
    teacher.post(f"{STUDENTS}/{stand_in}/notes", {"text": "Left hand alone first.", "shared": True})
    assert olga.get("/api/users/me/notes").json["data"] == []
    steps.drain(world.app)
    (waiting,) = olga.get(INVITATIONS).json["data"]
    assert "Is it yours?" in str(inbox.newest(olga.email)["Subject"])
    assert "Lovelace Lane" not in text_of(inbox.newest(olga.email))

    answer = olga.post(f"{INVITATIONS}/{waiting['id']}", {"answer": "yes"})

    assert answer.status_code == 204, answer.text
    (mine,) = lessons_of(olga)
    assert (mine["id"], mine["changed_for_you"]["what"]) == (made.json["id"], "booked")
    assert [message["unread"] for message in olga.get(f"{lesson}/messages").json["data"]] == [True]
    assert [note["text"] for note in olga.get("/api/users/me/notes").json["data"]] == ["Left hand alone first."]
    assert teacher.get(lesson).json["student"] == {"id": olga.id, "name": "Olga Frei"}
    assert [student["id"] for student in teacher.get(STUDENTS).json["data"]] == [olga.id]
    assert rows_of_user(world, stand_in) == {}
    assert olga.get(INVITATIONS).json["data"] == []
    assert olga.get(f"{lesson}/cancellation").json["fee_cents"] == 0


@on_sqlite
def test_with_no_the_lessons_to_come_are_cancelled_and_the_next_one_is_asked_about_again(
    world: World, teacher: Person, gig: dict[str, Any]
) -> None:
    olga = confirmed(world, world.student(name="Olga Frei"))
    made = enter(teacher, gig, olga.email, name="O. F.", weeks=2)
    stand_in = made.json["student"]["id"]

    answer = olga.post(f"{INVITATIONS}/{stand_in}", {"answer": "no"})

    assert answer.status_code == 204, answer.text
    theirs = teacher.get(BOOKINGS).json["data"]
    assert [(it["status"], it["student"]["name"]) for it in theirs] == [("cancelled", "O. F.")] * 2
    history = teacher.get(f"{BOOKINGS}/{made.json['id']}/history").json["data"]
    assert [event["actor"]["name"] for event in history] == ["Grace Hopper", "O. F."]
    assert lessons_of(olga) == []
    assert olga.post(f"{INVITATIONS}/{stand_in}", {"answer": "yes"}).status_code == 404
    assert enter(teacher, gig, olga.email).json["student"]["id"] == stand_in
    assert [it["id"] for it in olga.get(INVITATIONS).json["data"]] == [stand_in]


@on_sqlite
def test_what_overlaps_with_a_lesson_of_their_own_is_theirs_to_decide(
    world: World, teacher: Person, gig: dict[str, Any]
) -> None:
    olga, other = confirmed(world, world.student()), confirmed(world, world.teacher())
    own = world.accepted(olga, other, world.gig(other, title="Chess"), starts_at=NIGHT)
    stand_in = enter(teacher, gig, olga.email, weeks=2).json["student"]["id"]
    (waiting,) = olga.get(INVITATIONS).json["data"]

    refused = olga.post(f"{INVITATIONS}/{stand_in}", {"answer": "yes"})
    nothing_lost = olga.get(INVITATIONS).json["data"]
    taken = olga.post(f"{INVITATIONS}/{stand_in}", {"answer": "yes-where-free"})

    assert [it["overlaps_with"] and it["overlaps_with"]["id"] for it in waiting["lessons"]] == [own["id"], None]
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/slot-taken")
    assert nothing_lost == [waiting]
    assert taken.status_code == 204, taken.text
    statuses = {it["gig"]["title"]: it["status"] for it in lessons_of(olga) if it["starts_at"] == NIGHT}
    assert statuses == {"Chess": "accepted", "Piano for beginners": "cancelled"}
    assert sorted(it["status"] for it in teacher.get(BOOKINGS).json["data"]) == ["accepted", "cancelled"]


@on_sqlite
def test_two_teachers_at_one_time_leave_the_second_to_be_asked_about(
    world: World, teacher: Person, gig: dict[str, Any], inbox: Inbox
) -> None:
    first, other = enter(teacher, gig), confirmed(world, world.teacher())
    second = enter(other, world.gig(other))
    steps.drain(world.app)

    mary = opened(world, inbox)

    mine, waiting = lessons_of(mary), mary.get(INVITATIONS).json["data"]
    assert len(mine) == len(waiting) == 1
    assert {mine[0]["id"], waiting[0]["lessons"][0]["id"]} == {first.json["id"], second.json["id"]}
    assert waiting[0]["lessons"][0]["overlaps_with"]["id"] == mine[0]["id"]


@on_sqlite
def test_an_account_that_never_confirmed_its_address_keeps_nothing_from_its_owner(
    world: World, teacher: Person, gig: dict[str, Any], inbox: Inbox
) -> None:
    squatter = world.student(name="Not Mary", email=MARY)
    enter(teacher, gig)
    steps.drain(world.app)
    refused = squatter.get(INVITATIONS)

    mary = opened(world, inbox)

    assert refused.status_code == 403
    assert squatter.get("/api/users/me").status_code == 401
    assert (mary.id, len(lessons_of(mary))) == (squatter.id, 1)


@on_sqlite
def test_nobody_answers_for_an_address_that_is_not_theirs(world: World, teacher: Person, gig: dict[str, Any]) -> None:
    olga, other = confirmed(world, world.student()), confirmed(world, world.student())
    stand_in = enter(teacher, gig, olga.email).json["student"]["id"]

    answers = [
        person.post(f"{INVITATIONS}/{stand_in}", {"answer": word}).status_code
        for person in (other, teacher)
        for word in ("yes", "no")
    ]

    assert answers == [404] * 4
    assert other.get(INVITATIONS).json["data"] == []
    login = {"email": f"{NO_ADDRESS}1", "password": ""}
    assert world.anyone.post("/api/auth/login", json=login).status_code in (401, 422)


def test_entries_for_one_address_at_once_have_one_stand_in(world: World, teacher: Person, gig: dict[str, Any]) -> None:
    days = [f"2026-12-0{day}T21:00:00Z" for day in (1, 2, 3, 4)]

    answers = at_once([partial(enter, teacher, gig, starts_at=day) for day in days])

    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json["student"]["id"] for answer in answers}) == 1


def test_a_yes_while_more_is_entered_loses_no_lesson(world: World, teacher: Person, gig: dict[str, Any]) -> None:
    olga = confirmed(world, world.student())
    stand_in = enter(teacher, gig, olga.email).json["student"]["id"]
    days = [f"2026-12-0{day}T21:00:00Z" for day in (1, 2, 3)]
    entries = [partial(enter, teacher, gig, olga.email, starts_at=day) for day in days]

    yes, *made = at_once([partial(olga.post, f"{INVITATIONS}/{stand_in}", {"answer": "yes"}), *entries])

    assert (yes.status_code, [answer.status_code for answer in made]) == (204, [201] * 3)
    for waiting in olga.get(INVITATIONS).json["data"]:
        assert olga.post(f"{INVITATIONS}/{waiting['id']}", {"answer": "yes"}).status_code == 204
    assert len(lessons_of(olga)) == 4
    assert rows_of_user(world, stand_in) == {}


# SQLite has one writer at a time.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("first", "second"), [(Reply.YES, Reply.NO), (Reply.NO, Reply.YES)])
def test_of_two_answers_at_once_the_first_one_counts(
    world: World, teacher: Person, gig: dict[str, Any], first: Reply, second: Reply
) -> None:
    olga = confirmed(world, world.student())
    stand_in = enter(teacher, gig, olga.email).json["student"]["id"]

    with world.app.app_context(), ThreadPoolExecutor(1) as pool:
        with writing():
            answers.answer(stand_in, first, email=olga.email, now=world.clock())
            late = pool.submit(olga.post, f"{INVITATIONS}/{stand_in}", {"answer": second})
            assert wait_until(lambda: waits_for_lock(world.app), seconds=20)

        assert late.result(20).status_code == 404
    assert len(lessons_of(olga)) == (1 if first == Reply.YES else 0)


# SQLite has one writer at a time.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_address_that_gets_an_account_at_this_moment_is_refused_to_a_link(
    world: World, teacher: Person, gig: dict[str, Any], inbox: Inbox
) -> None:
    enter(teacher, gig)
    steps.drain(world.app)
    new = NewAccount(name="Mary", email=MARY, password=PASSWORD, role=Role.STUDENT, time_zone="UTC")

    with world.app.app_context(), ThreadPoolExecutor(1) as pool:
        with writing():
            accounts.register(new, now=world.clock())
            late = pool.submit(use_link, world, inbox)
            assert wait_until(lambda: waits_for_lock(world.app), seconds=20)

        assert late.result(20).json["type"] == "/problems/email-taken"


# SQLite has one writer at a time.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_is_written_at_the_moment_of_a_yes_reaches_the_account(
    world: World, teacher: Person, gig: dict[str, Any]
) -> None:
    owner = confirmed(world, world.student())
    lesson = enter(teacher, gig, owner.email).json

    def write() -> TestResponse:
        client = world.app.test_client(use_cookies=False)
        path = f"{BOOKINGS}/{lesson['id']}/messages"
        return client.post(path, json={"text": "Bring the book."}, headers=teacher.headers)

    with world.app.app_context(), ThreadPoolExecutor(1) as pool:
        with writing() as session:
            join(session, session.scalars(select(Invitation)).one(), owner.id)
            written = pool.submit(write)
            assert wait_until(lambda: waits_for_lock(world.app), seconds=20)

        assert written.result(20).status_code == 201
    talk = owner.get(f"{BOOKINGS}/{lesson['id']}/messages").json
    assert [message["text"] for message in talk["data"]] == ["Bring the book."]


def test_every_column_with_a_user_is_handed_over_or_never_has_a_stand_in() -> None:
    handed_over = {
        *("bookings.student_id", "booking_events.actor_id", "unseen_changes.user_id"),
        *("messages.author_id", "messages.recipient_id", "notes.student_id", "notifications.user_id"),
        *("payments.student_id", "invoices.student_id"),
        # These end with the stand-in.
        *("invitations.user_id", "account_tokens.user_id"),
    }
    of_who_signs_in = {
        *("sign_ins.user_id", "kept_answers.user_id", "calendar_tokens.user_id", "notification_settings.user_id"),
        *("waitlist_entries.student_id", "standing_wishes.student_id", "reviews.student_id", "notes.author_id"),
        # It begins with an application, and with looking around.
        *("applications.student_id", "assignments.student_id", "tasks.student_id"),
        *("recent_gigs.user_id", "searches.user_id"),
        *("payment_events.actor_id", "refunds.actor_id", "credit_notes.actor_id"),
        "invoices.actor_id",
        *("packages.student_id", "package_events.actor_id", "package_refunds.actor_id"),
        "webhooks.owner_id",
        *("audit_entries.actor_id", "school_invitations.invited_by_id"),
        *("two_factor.user_id", "recovery_codes.user_id", "teaching.user_id"),
        # Who is asked has an account.
        "invitations.asked_id",
    }
    found = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name != "teacher_id" and any(key.column.table.name == "users" for key in column.foreign_keys)
    }

    assert found == handed_over | of_who_signs_in
