"""Accounts by mail, as whole journeys: requests, jobs, a real mail server, and what stands in the mails."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

import demo
from accounts import service
from accounts.by_mail import notices, tokens
from accounts.by_mail.models import AccountToken, TokenUse
from accounts.models import User
from accounts.sign_in import passwords
from accounts.sign_in import service as sign_ins
from config import Sender
from database import reading, writing
from extensions import db
from jobs import steps
from jobs.models import Job
from mail import smtp
from server.children import wait_until
from support.queries import count_queries
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.mail_server import Inbox, mail_server, text_of
from tests.support.world import PASSWORD, Person, World

NEW = "another long password"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def app(make_app: Callable[..., Flask], inbox: Inbox) -> Iterator[Flask]:
    """The application with a mail server."""
    with mail_server(inbox) as server:
        yield make_app(mail_server=server, mail_from=Sender("Lectern", "lessons@example.org"))


def drain(world: World) -> None:
    steps.drain(world.app)


def token_in(inbox: Inbox, to: str) -> str:
    """The token in the newest mail to this address."""
    found = re.search(r"http://127\.0\.0\.1:8000/[a-z-]+\?token=([\w-]{43})$", text_of(inbox.newest(to)), re.MULTILINE)
    assert found, text_of(inbox.newest(to))
    return found[1]


def path_in(inbox: Inbox, to: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/\S+)$", text_of(inbox.newest(to)), re.MULTILINE)
    assert found
    return found[1]


def confirmed(world: World, inbox: Inbox, person: Person) -> Person:
    """The same person, who has opened the link of the first mail."""
    drain(world)
    answer = world.anyone.post("/api/auth/confirm-email", json={"token": token_in(inbox, person.email)})
    assert answer.status_code == 204, answer.text
    return person


def sign_in(world: World, email: str, password: str = PASSWORD) -> int:
    return world.anyone.post("/api/auth/login", json={"email": email, "password": password}).status_code


def reset(world: World, token: str, password: str = NEW) -> Any:
    return world.anyone.post("/api/auth/password-reset/confirm", json={"token": token, "password": password})


def ask_for_reset(world: World, email: str) -> int:
    return world.anyone.post("/api/auth/password-reset", json={"email": email}).status_code


def test_a_forgotten_password_is_chosen_anew_and_ends_all_sign_ins(world: World, inbox: Inbox) -> None:
    person = confirmed(world, inbox, world.student())

    assert ask_for_reset(world, f" {person.email.upper()} ") == 202
    drain(world)
    assert inbox.subjects[-1] == "Choose a new password"
    token = token_in(inbox, person.email)
    assert reset(world, token).status_code == 204

    assert person.get("/api/users/me").status_code == 401
    assert sign_in(world, person.email) == 401
    assert sign_in(world, person.email, NEW) == 200
    again = reset(world, token)
    assert (again.status_code, again.json["type"]) == (400, "/problems/link-expired")
    drain(world)
    assert inbox.subjects.count("Your password was changed") == 1


@on_sqlite
def test_an_address_without_an_account_gets_the_same_answer_and_no_mail(world: World, inbox: Inbox) -> None:
    person = confirmed(world, inbox, world.student())
    mails = len(inbox.received)

    answers = [
        world.anyone.post("/api/auth/password-reset", json={"email": email})
        for email in (person.email, "nobody@example.org")
    ]
    drain(world)

    assert [(answer.status_code, answer.data) for answer in answers] == [(202, b""), (202, b"")]
    assert len(inbox.received) == mails + 1


def test_a_request_costs_the_same_whether_or_not_there_is_an_account(world: World, inbox: Inbox) -> None:
    person = confirmed(world, inbox, world.student())
    costs = []
    for email in (person.email, "nobody@example.org"):
        with count_queries() as statements:
            ask_for_reset(world, email)
        costs.append(statements)

    assert costs[0] == costs[1] != []


@on_sqlite
def test_a_newer_link_ends_the_older_and_each_ends_after_an_hour(world: World, inbox: Inbox, clock: FakeClock) -> None:
    person = confirmed(world, inbox, world.student())
    tokens = []
    for _ in range(2):
        ask_for_reset(world, person.email)
        drain(world)
        tokens.append(token_in(inbox, person.email))

    assert reset(world, tokens[0]).status_code == 400
    clock.advance(minutes=61)
    assert reset(world, tokens[1]).status_code == 400
    assert sign_in(world, person.email) == 200


@on_sqlite
def test_what_is_stored_of_a_token_opens_nothing_and_jobs_have_no_secrets(
    world: World, inbox: Inbox, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise smtp.Delayed("It is away.")

    person = confirmed(world, inbox, world.student())
    ask_for_reset(world, person.email)
    sent: list[str] = []
    with monkeypatch.context() as patched:
        # The mail is made, with its token, and not taken: what the job has then is what it will ever have.
        patched.setattr(smtp, "send", lambda _server, message, **_: sent.append(text_of(message)) or away())
        drain(world)
    assert "token=" in sent[0]
    with world.app.app_context(), reading() as connection:
        job = str(connection.execute(select(Job).where(Job.name == notices.SEND_RESET)).one())
    assert all(token not in job for token in re.findall(r"token=([\w-]{43})", sent[0]))
    clock.advance(minutes=1)
    drain(world)
    token = token_in(inbox, person.email)
    with world.app.app_context(), reading() as connection:
        stored = connection.scalars(select(AccountToken.digest)).all()

    assert token not in stored
    assert all(reset(world, digest).status_code == 400 for digest in stored)
    assert reset(world, token, "password1234").status_code == 422
    assert reset(world, token).status_code == 204


@on_sqlite
def test_a_mail_server_that_is_away_delays_the_link_and_the_newest_one_works(
    world: World, inbox: Inbox, clock: FakeClock
) -> None:
    person = confirmed(world, inbox, world.student())
    inbox.on_data = "451 4.3.0 Try again later"
    ask_for_reset(world, person.email)
    drain(world)
    inbox.on_data = ""
    clock.advance(minutes=1)
    drain(world)

    assert inbox.subjects.count("Choose a new password") == 1
    assert reset(world, token_in(inbox, person.email)).status_code == 204


def test_an_unconfirmed_account_looks_but_does_not_book_or_publish(world: World, inbox: Inbox) -> None:
    teacher = confirmed(world, inbox, world.teacher())
    gig, course = world.gig(teacher), world.gig(teacher, enrolment="application")
    student, other = world.student(), world.teacher()
    body = {"gig_id": gig["id"], "starts_at": world.at(days=1)}
    refused = {
        "book": student.post("/api/bookings", body),
        "series": student.post("/api/bookings/series", body | {"weeks": 2}),
        "wait": student.post("/api/waitlist", body),
        "apply": student.post(f"/api/gigs/{course['id']}/applications", {"message": "May I?"}),
        "publish": other.post(f"/api/gigs/{world.gig(other, status='draft')['id']}/status", {"status": "published"}),
    }

    assert {name: answer.status_code for name, answer in refused.items()} == dict.fromkeys(refused, 403)
    assert {answer.json["type"] for answer in refused.values()} == {"/problems/email-unconfirmed"}
    assert student.get(f"/api/gigs/{gig['id']}").status_code == 200
    assert student.get("/api/users/me").json["email_confirmed"] is False

    confirmed(world, inbox, student)

    assert student.get("/api/users/me").json["email_confirmed"] is True
    assert student.post("/api/bookings", body).status_code == 201
    assert student.post(f"/api/gigs/{course['id']}/applications", {"message": "May I?"}).status_code == 201


@on_sqlite
def test_without_a_mail_server_nobody_has_to_confirm(make_app: Callable[..., Flask], clock: FakeClock) -> None:
    world = World(make_app(), clock)
    student = world.student()

    assert student.get("/api/users/me").json["email_confirmed"] is True
    world.booking(student, world.gig(world.teacher()))


@on_sqlite
def test_the_mail_of_the_confirmation_is_sent_again_and_lasts_seven_days(
    world: World, inbox: Inbox, clock: FakeClock
) -> None:
    person = world.student(name="Buy now at evil.example")
    drain(world)
    first = token_in(inbox, person.email)
    # The address may be a stranger's, who gets no advertisement by it.
    assert "evil" not in str(inbox.newest(person.email)["To"]) + text_of(inbox.newest(person.email))

    assert person.post("/api/auth/confirm-email/resend").status_code == 202
    drain(world)
    second = token_in(inbox, person.email)

    assert world.anyone.post("/api/auth/confirm-email", json={"token": first}).status_code == 400
    clock.advance(days=7)
    assert world.anyone.post("/api/auth/confirm-email", json={"token": second}).status_code == 400
    person = world.sign_in(person)
    person.post("/api/auth/confirm-email/resend")
    confirmed(world, inbox, person)
    sent = len(inbox.received)
    person.post("/api/auth/confirm-email/resend")
    drain(world)
    assert len(inbox.received) == sent


def change_to(person: Person, email: str, password: str = PASSWORD) -> Any:
    return person.patch("/api/users/me", {"email": email, "current_password": password})


def test_a_new_address_counts_when_it_is_confirmed_and_the_old_one_is_told(world: World, inbox: Inbox) -> None:
    person, other = confirmed(world, inbox, world.student()), world.student()

    assert change_to(person, "new@example.org", "not the password").status_code == 401
    assert change_to(person, other.email).status_code == 409
    assert person.patch("/api/users/me", {"email": "new@example.org"}).status_code == 422
    answer = change_to(person, "New@example.org")
    assert (answer.json["email"], answer.json["new_email"]) == (person.email, "new@example.org")
    drain(world)
    assert sign_in(world, person.email) == 200
    assert sign_in(world, "new@example.org") == 401

    token = token_in(inbox, "new@example.org")
    assert world.anyone.post("/api/auth/confirm-email", json={"token": token}).status_code == 204
    drain(world)

    assert sign_in(world, person.email) == 401
    assert sign_in(world, "new@example.org") == 200
    assert person.get("/api/users/me").json["new_email"] is None
    assert inbox.newest(person.email)["Subject"] == "Your e-mail address was changed"
    assert "new@example.org" not in text_of(inbox.newest(person.email))


@on_sqlite
def test_each_address_that_was_left_is_told_although_the_first_mail_still_waits(world: World, inbox: Inbox) -> None:
    person = confirmed(world, inbox, world.student())

    for before in ("first@example.org", "second@example.org"):
        with world.app.app_context(), writing() as session:
            notices.tell(session, person.id, notices.ADDRESS_CHANGED, email=before, at="2026-11-21T12:00:00Z")
    drain(world)

    for before in ("first@example.org", "second@example.org"):
        assert inbox.newest(before)["Subject"] == "Your e-mail address was changed"


def test_an_address_that_got_an_account_meanwhile_is_taken(world: World, inbox: Inbox) -> None:
    person = confirmed(world, inbox, world.student())
    change_to(person, "new@example.org")
    drain(world)
    token = token_in(inbox, "new@example.org")
    world.student(email="new@example.org")

    answer = world.anyone.post("/api/auth/confirm-email", json={"token": token})

    assert (answer.status_code, answer.json["type"]) == (409, "/problems/email-taken")
    assert person.get("/api/users/me").json["email"] == person.email


@on_sqlite
def test_a_link_to_the_old_address_opens_nothing_after_the_change(world: World, inbox: Inbox) -> None:
    person = confirmed(world, inbox, world.student())
    ask_for_reset(world, person.email)
    drain(world)
    to_old = token_in(inbox, person.email)
    change_to(person, "new@example.org")
    drain(world)
    world.anyone.post("/api/auth/confirm-email", json={"token": token_in(inbox, "new@example.org")})

    assert reset(world, to_old).status_code == 400


@on_sqlite
def test_without_a_mail_server_a_new_address_counts_at_once(make_app: Callable[..., Flask], clock: FakeClock) -> None:
    world = World(make_app(), clock)
    person = world.student()

    assert change_to(person, "new@example.org").json["email"] == "new@example.org"
    assert sign_in(world, "new@example.org") == 200


@on_sqlite
def test_a_deactivated_account_gets_no_link_and_its_links_end(world: World, inbox: Inbox) -> None:
    person = confirmed(world, inbox, world.student())
    ask_for_reset(world, person.email)
    drain(world)
    token = token_in(inbox, person.email)
    world.operator("accounts", "deactivate", person.email)
    sent = len(inbox.received)
    ask_for_reset(world, person.email)
    drain(world)

    assert reset(world, token).status_code == 400
    assert len(inbox.received) == sent


@on_sqlite
def test_a_new_device_is_told_of_once_and_the_first_one_never(world: World, inbox: Inbox) -> None:
    person = confirmed(world, inbox, world.student())
    firefox = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    browser = Visitor(world.app)
    browser.client.environ_base["HTTP_USER_AGENT"] = firefox["User-Agent"]
    told = "A new device has signed in"
    drain(world)
    assert told not in inbox.subjects

    browser.sign_in(person)
    drain(world)
    browser.open("/profile").send("/sign-out")
    browser.sign_in(person)
    drain(world)

    assert inbox.subjects.count(told) == 1
    assert "Firefox on Linux" in text_of(inbox.newest(person.email))
    assert "When: Sat 21 Nov, 10:30 (Berlin)" in text_of(inbox.newest(person.email))


@on_sqlite
def test_a_program_is_told_of_once_as_long_as_it_stays_where_it_is(
    make_app: Callable[..., Flask], inbox: Inbox, clock: FakeClock
) -> None:
    with mail_server(inbox) as server:
        app = make_app(mail_server=server, mail_from=Sender("Lectern", "lessons@example.org"), ratelimit_enabled=True)
        world = World(app, clock)
        person = world.student()
        for _ in range(3):
            clock.advance(days=1)
            sign_in(world, person.email)
            drain(world)

    assert inbox.subjects.count("A new device has signed in") == 1


@on_sqlite
def test_mails_with_links_are_limited_by_address(
    make_app: Callable[..., Flask], inbox: Inbox, clock: FakeClock
) -> None:
    world = World(make_app(ratelimit_enabled=True), clock)

    answers = [ask_for_reset(world, "ada@example.org") for _ in range(6)]

    assert answers == [202] * 5 + [429]
    assert ask_for_reset(world, "ben@example.org") == 202


@on_sqlite
def test_tokens_cannot_be_guessed_for_long(make_app: Callable[..., Flask], clock: FakeClock) -> None:
    world = World(make_app(ratelimit_enabled=True), clock)

    answers = {reset(world, "x" * 43).status_code for _ in range(31)}

    assert answers == {400, 429}


@on_sqlite
def test_a_link_changes_nothing_until_the_button_is_pressed(world: World, inbox: Inbox) -> None:
    person = world.student()
    drain(world)
    path = path_in(inbox, person.email)
    scanner, reader = world.app.test_client(), Visitor(world.app)

    opened = scanner.get(path)
    assert opened.status_code == 302
    assert opened.headers["Location"] == "/confirm-email"
    assert opened.headers["Referrer-Policy"] == "no-referrer"
    assert opened.headers["Cache-Control"] == "no-store"
    assert person.get("/api/users/me").json["email_confirmed"] is False

    reader.open(path)
    assert "token" not in reader.path
    assert person.email in reader.text
    reader.send()
    assert f"Thank you: {person.email} is confirmed." in reader.text
    assert person.get("/api/users/me").json["email_confirmed"] is True
    assert reader.open(path).status == 400


@on_sqlite
def test_the_pages_lead_from_a_forgotten_password_to_a_new_one(world: World, inbox: Inbox) -> None:
    person = confirmed(world, inbox, world.student())
    visitor = Visitor(world.app).open("/sign-in")
    assert 'href="/forgotten-password"' in visitor.answer.text

    assert "on its way" in visitor.open("/forgotten-password").send(email=person.email).text
    drain(world)
    visitor.open(path_in(inbox, person.email))
    assert visitor.path == "/reset-password"
    assert "most common" in visitor.send(password="password1234").text
    visitor.send(password=NEW)

    assert "Your password is changed" in visitor.text
    assert visitor.open("/sign-in").send(email=person.email, password=NEW).path == "/lessons"


@on_sqlite
def test_a_page_says_what_has_to_be_confirmed_and_sends_the_mail_again(world: World, inbox: Inbox) -> None:
    teacher = confirmed(world, inbox, world.teacher())
    gig = world.gig(teacher)
    student = world.student()
    visitor = Visitor(world.app).sign_in(student)
    assert "Please confirm your e-mail address." in visitor.text

    refused = visitor.post(
        f"/gigs/{gig['id']}/lessons",
        visitor.open(f"/gigs/{gig['id']}").form(f"/gigs/{gig['id']}/lessons").values | {"starts_at": world.at(days=1)},
    )
    assert refused.status == 403
    assert "Send the mail again" in refused.text
    drain(world)
    before = len(inbox.received)
    visitor.open("/profile").send("/confirm-email/resend")
    drain(world)
    assert len(inbox.received) == before + 1

    visitor.open(path_in(inbox, student.email)).send()
    assert "Please confirm your e-mail address." not in visitor.open("/profile").text


@on_sqlite
def test_the_profile_changes_the_address_and_says_when_mails_come_back(world: World, inbox: Inbox) -> None:
    person = confirmed(world, inbox, world.student())
    visitor = Visitor(world.app).sign_in(person).open("/profile")
    visitor.send("/profile/address", new_email="new@example.org", present_password="wrong")
    assert "The current password is not right." in visitor.text
    visitor.open("/profile").send("/profile/address", new_email="new@example.org", present_password=PASSWORD)
    assert "new@example.org takes its place when you open the link" in visitor.text

    inbox.on_recipient = "550 5.1.1 No such mailbox"
    visitor.open("/profile").send("/profile/password", current_password=PASSWORD, new_password=NEW)
    drain(world)
    assert "Mails to this address come back" in visitor.open("/profile").text


@on_sqlite
def test_an_operator_sends_the_link_and_vouches_for_an_address(world: World, inbox: Inbox) -> None:
    person = world.student()
    world.operator("accounts", "confirm-email", person.email)
    assert person.get("/api/users/me").json["email_confirmed"] is True

    world.operator("accounts", "send-reset", person.email)
    drain(world)

    assert reset(world, token_in(inbox, person.email)).status_code == 204


@on_sqlite
def test_administrators_that_an_operator_makes_need_no_confirmation(world: World, inbox: Inbox) -> None:
    world.operator("accounts", "create-admin", "root@example.org", "--password", PASSWORD)
    drain(world)

    assert inbox.received == []


@on_sqlite
def test_the_people_of_the_demo_school_need_no_confirmation(world: World, inbox: Inbox) -> None:
    with world.app.app_context():
        sign_ins = demo.load_if_empty(Path(world.app.instance_path), world.clock())
        with reading() as connection:
            unconfirmed = connection.scalar(select(func.count()).where(User.email_confirmed_at.is_(None)))

    assert sign_ins
    assert unconfirmed == 0


def change_asked(world: World, inbox: Inbox, person: Person, email: str = "eve@example.org") -> str:
    """The token that was sent to another address."""
    assert change_to(person, email).status_code == 200
    drain(world)
    return token_in(inbox, email)


def confirm(world: World, token: str) -> int:
    return world.anyone.post("/api/auth/confirm-email", json={"token": token}).status_code


@on_sqlite
def test_the_present_address_is_told_when_a_change_is_asked_for(world: World, inbox: Inbox) -> None:
    person = confirmed(world, inbox, world.student())
    change_asked(world, inbox, person)

    told = inbox.newest(person.email)
    assert told["Subject"] == "Another e-mail address was entered"
    assert person.name in text_of(told)
    assert "eve@example.org" not in text_of(told)


@on_sqlite
def test_an_unconfirmed_present_address_is_not_told_of_a_change(world: World, inbox: Inbox) -> None:
    change_asked(world, inbox, world.student())

    assert "Another e-mail address was entered" not in inbox.subjects


@on_sqlite
def test_a_new_password_ends_a_change_of_address_that_waits(world: World, inbox: Inbox) -> None:
    person = confirmed(world, inbox, world.student())
    to_thief = change_asked(world, inbox, person)
    ask_for_reset(world, person.email)
    drain(world)
    assert reset(world, token_in(inbox, person.email)).status_code == 204

    assert confirm(world, to_thief) == 400
    assert sign_in(world, person.email, NEW) == 200


@on_sqlite
def test_a_new_password_sends_an_unconfirmed_address_another_link(world: World, inbox: Inbox) -> None:
    person = world.student()
    drain(world)
    first = token_in(inbox, person.email)
    person.patch("/api/users/me", {"password": NEW, "current_password": PASSWORD})
    drain(world)
    links = [text_of(mail) for mail in inbox.received if mail["Subject"] == "Confirm your e-mail address"]
    newest = re.findall(r"token=([\w-]{43})", links[-1])[0]

    assert len(links) == 2
    assert [confirm(world, first), confirm(world, newest)] == [400, 204]


@on_sqlite
def test_address_and_password_are_not_changed_by_one_request(world: World) -> None:
    person = world.student()
    both = {"email": "new@example.org", "password": NEW, "current_password": PASSWORD}

    assert list(person.patch("/api/users/me", both).json["errors"]) == ["email"]


def test_a_reset_confirms_an_address_that_nobody_has_confirmed(world: World, inbox: Inbox) -> None:
    person = world.teacher(name="Buy now at evil.example")
    ask_for_reset(world, person.email)
    drain(world)
    # Until then the address may be a stranger's.
    assert all("evil" not in str(mail["To"]) + text_of(mail) for mail in inbox.received)

    assert reset(world, token_in(inbox, person.email)).status_code == 204
    signed_in = world.anyone.post("/api/auth/login", json={"email": person.email, "password": NEW})
    assert signed_in.json["user"]["email_confirmed"] is True


@on_sqlite
def test_mails_about_an_unconfirmed_account_have_no_name(world: World, inbox: Inbox) -> None:
    person = world.student(name="Buy now at evil.example")
    person.patch("/api/users/me", {"password": NEW, "current_password": PASSWORD})
    drain(world)

    assert "Your password was changed" in inbox.subjects
    assert all("evil" not in str(mail["To"]) + text_of(mail) for mail in inbox.received)


@on_sqlite
def test_the_first_device_after_a_long_time_is_told_of(world: World, inbox: Inbox, clock: FakeClock) -> None:
    person = confirmed(world, inbox, world.student())
    clock.advance(days=31)
    with world.app.app_context():
        sign_ins.forget_expired(clock())

    assert sign_in(world, person.email) == 200
    drain(world)

    assert "A new device has signed in" in inbox.subjects


@pytest.mark.parametrize("way", ["sign in", "sign in on a page", "choose a password", "change the address"])
@on_sqlite
def test_an_old_password_that_was_checked_before_a_reset_opens_nothing_after_it(
    world: World, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    person = confirmed(world, inbox, world.student())
    ask_for_reset(world, person.email)
    drain(world)
    token, verify = token_in(inbox, person.email), passwords.verify_password
    visitor = Visitor(world.app).open("/sign-in")

    def reset_meanwhile(password_hash: str | None, password: str) -> bool:
        right = verify(password_hash, password)
        assert reset(world, token).status_code == 204
        return right

    with monkeypatch.context() as patched:
        patched.setattr(passwords, "verify_password", reset_meanwhile)
        match way:
            case "sign in":
                assert sign_in(world, person.email) == 401
            case "sign in on a page":
                assert visitor.send(email=person.email, password=PASSWORD).path == "/sign-in"
            case "choose a password":
                change = {"password": "the thief's password", "current_password": PASSWORD}
                assert person.patch("/api/users/me", change).status_code == 401
            case _:
                assert change_to(person, "eve@example.org").status_code == 401

    assert sign_in(world, person.email, NEW) == 200
    assert person.get("/api/users/me").status_code == 401


@on_sqlite
@pytest.mark.parametrize("email", ['"<x>"@example.org', '"a b"@example.org'])
def test_an_address_that_no_mail_can_be_sent_to_is_refused(world: World, email: str) -> None:
    body = {"name": "Ada", "email": email, "password": PASSWORD, "role": "student", "time_zone": "UTC"}

    assert list(world.anyone.post("/api/auth/register", json=body).json["errors"]) == ["email"]


@on_sqlite
def test_who_enters_their_unconfirmed_address_once_more_gets_another_link(world: World, inbox: Inbox) -> None:
    person = world.student()
    drain(world)
    change_to(person, person.email)
    drain(world)

    assert inbox.subjects == ["Confirm your e-mail address"] * 2
    assert confirm(world, token_in(inbox, person.email)) == 204


@on_sqlite
def test_the_page_says_when_there_is_nothing_to_confirm(world: World, inbox: Inbox) -> None:
    person = world.student()
    drain(world)
    token = token_in(inbox, person.email)
    visitor = Visitor(world.app).sign_in(person).open("/profile")
    assert confirm(world, token) == 204

    visitor.send("/confirm-email/resend")

    assert "on its way" not in visitor.text
    assert "Your e-mail address is confirmed already." in visitor.text


@on_sqlite
def test_programs_that_only_look_at_links_are_not_counted(
    make_app: Callable[..., Flask], inbox: Inbox, clock: FakeClock
) -> None:
    world = World(make_app(ratelimit_enabled=True), clock)
    scanner = world.app.test_client()

    looked = {scanner.head(f"/confirm-email?token={'x' * 43}").status_code for _ in range(40)}
    followed = {world.anyone.get("/reset-password").status_code for _ in range(40)}

    assert (looked, followed) == ({302}, {400})


@on_sqlite
def test_a_head_request_for_the_page_of_a_link_changes_nothing(world: World, inbox: Inbox) -> None:
    person = world.student()
    drain(world)
    scanner = world.app.test_client()
    scanner.head(path_in(inbox, person.email))

    assert scanner.head("/confirm-email").status_code == 200
    assert person.get("/api/users/me").json["email_confirmed"] is False


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_using_a_link_and_ending_it_wait_for_each_other_at_the_user(world: World, inbox: Inbox) -> None:
    person = confirmed(world, inbox, world.student())
    ask_for_reset(world, person.email)
    drain(world)
    token = token_in(inbox, person.email)
    with ThreadPoolExecutor(1) as pool:
        with world.app.app_context(), writing() as session:
            service.locked(session, person.id)
            answer = pool.submit(reset, world, token)
            assert wait_until(lambda: somebody_waits(world), seconds=20)
            tokens.end(session, person.id, TokenUse.RESET)

        assert answer.result(20).status_code == 400


def somebody_waits(world: World) -> bool:
    with world.app.app_context(), db.engine.connect() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")))
