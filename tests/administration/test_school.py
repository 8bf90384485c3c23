"""The school's own settings: who may change them, where they are seen, and what they decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from email import message_from_bytes
from email.policy import default

import pytest
from flask import Flask

import tags
from caching import invalidate
from caching.invalidation_check import ForgottenInvalidation
from database import writing
from mail import delivery
from mail.folder import folder_of
from mail.letters import Letter, Recipient
from mail.wording import put_into_words
from school.colours import by_night
from school.models import ONLY, School, SchoolSettings
from support.queries import count_queries
from tests.pages.visitor import Visitor
from tests.support.world import PASSWORD, Person, World
from web.settings import chosen

PATH = "/api/admin/school"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HARBOUR = {"name": "Harbour School", "accent_colour": "#1D4F91", "imprint_url": "https://www.example.org/imprint"}
NEW = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD, "role": "student", "time_zone": "Europe/Paris"}


def choose(admin: Person, **settings: str) -> None:
    answer = admin.put(PATH, {"name": "Lectern"} | settings)
    assert answer.status_code == 200, answer.text


def test_a_change_is_seen_at_once_on_every_page_and_in_every_process(
    world: World, make_app: Callable[..., Flask]
) -> None:
    admin, student = world.admin(), world.student()
    elsewhere = make_app()
    visitor, reader = Visitor(elsewhere), Visitor(elsewhere).sign_in(student)
    pages = [(visitor, "/"), (visitor, "/sign-in"), (visitor, "/gigs"), (reader, "/"), (reader, "/profile")]
    assert all("· Lectern</title>" in browser.open(path).answer.text for browser, path in pages)

    choose(admin, **HARBOUR)

    for browser, path in pages:
        page = browser.open(path).answer.text
        assert "· Harbour School</title>" in page, path
        assert "/school/colours-1d4f91.css" in page
        assert 'href="https://www.example.org/imprint"' in page
    sheet = visitor.open("/school/colours-1d4f91.css").answer
    assert "--accent: #1d4f91" in sheet.text
    assert "immutable" in sheet.headers["Cache-Control"]


def test_it_costs_a_page_with_lists_no_statement_and_no_round_trip(world: World) -> None:
    choose(world.admin(), **HARBOUR)
    reader = Visitor(world.app).sign_in(world.student()).open("/lessons").open("/lessons")

    with world.app.app_context(), count_queries() as statements:
        reader.open("/lessons")

    assert statements == []


@pytest.mark.parametrize("colour", ["#63c5b9", "#ffffff", "teal", "#12345", ""])
def test_a_colour_that_cannot_be_read_is_refused(world: World, colour: str) -> None:
    answer = world.admin().put(PATH, {"name": "Harbour School", "accent_colour": colour})

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["accent_colour"]
    assert Visitor(world.app).open(f"/school/colours-{colour[1:]}.css").status == 404


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//example.org", "https://", "example.org"])
def test_a_link_leads_to_a_website(world: World, address: str) -> None:
    answer = world.admin().put(PATH, {"name": "Harbour School", "privacy_url": address})

    assert answer.status_code == 422


@pytest.mark.parametrize("registration", ["invitation", "closed"])
def test_nobody_registers_by_themselves_where_that_is_not_wanted(world: World, registration: str) -> None:
    choose(world.admin(), registration=registration)

    answer = world.anyone.post("/api/auth/register", json=NEW)
    page = Visitor(world.app).open("/register")

    assert (answer.status_code, answer.json["type"]) == (403, "/problems/registration-closed")
    assert "Accounts are made by the school" in page.text
    assert 'href="/register"' not in Visitor(world.app).open("/sign-in").answer.text
    assert world.anyone.post("/api/auth/login", json=NEW).status_code in (401, 422)


def test_the_page_keeps_what_was_typed_and_says_what_is_wrong(world: World) -> None:
    browser = Visitor(world.app).sign_in(world.admin()).open("/admin/school")

    refused = browser.send(name="Harbour School", accent_colour="#63c5b9")
    assert refused.status == 422
    assert "too light to be read" in refused.text
    assert 'value="Harbour School"' in refused.answer.text

    saved = browser.send(accent_colour="#1d4f91", registration="closed")
    assert "Saved." in saved.text
    assert world.anyone.post("/api/auth/register", json=NEW).status_code == 403


def test_mails_speak_for_the_school(world: World) -> None:
    to = Recipient(name="Ada", address="ada@example.org", time_zone="Europe/Berlin")
    letter = Letter(key="x", template="accounts/password_reset", to=to, link="https://example.org/x")

    with world.app.app_context():
        said = put_into_words(letter, home="https://example.org", school="Harbour School")

    assert "Harbour School" in said.text
    assert "Lectern" not in said.text + said.html


def test_mails_have_the_colour_that_the_school_chose(world: World) -> None:
    to = Recipient(name="Ada", address="ada@example.org", time_zone="Europe/Berlin")
    letter = Letter(key="x", template="accounts/password_reset", to=to, link="https://example.org/x")
    answer = world.admin().put(PATH, {"name": "Harbour School", "accent_colour": "#1d4f91"})
    assert answer.status_code == 200, answer.text

    with world.app.app_context():
        own = put_into_words(letter, home="https://example.org").html
        delivery.send(letter, now=world.clock())
        (sent,) = folder_of(chosen()).glob("*.eml")
        html = message_from_bytes(sent.read_bytes(), policy=default).get_body(("html",)).get_content()

    night = by_night("#1d4f91")
    assert ("#0f6b63" in own, "#63c5b9" in own) == (True, True)
    assert "#0f6b63" not in html
    assert "#63c5b9" not in html
    assert "background:#1d4f91;color:#ffffff" in html
    assert f"background: {night.accent} !important; color: {night.on_accent} !important" in html


def test_a_change_of_the_school_that_forgets_the_holidays_is_noticed(world: World) -> None:
    def change() -> None:
        with writing() as session:
            session.merge(School(id=ONLY, changed_at=world.clock(), **asdict(SchoolSettings(name="Harbour School"))))
            invalidate(tags.school())

    with world.app.app_context(), pytest.raises(ForgottenInvalidation, match="holidays"):
        change()
