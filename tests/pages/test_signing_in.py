"""Registering, signing in and out, and what becomes of a browser whose sign-in has ended."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.world import PASSWORD, World

Visit = Callable[..., Visitor]

NEW_STUDENT: dict[str, Any] = {
    "role": "student",
    "name": "Mia Lindqvist",
    "email": "mia@example.org",
    "password": PASSWORD,
    "time_zone": "Europe/Stockholm",
}


def test_somebody_who_registers_is_signed_in_and_welcome(visit: Visit) -> None:
    visitor = visit().open("/register").send(**NEW_STUDENT)

    assert visitor.status == 200
    assert "Welcome to Lectern, Mia Lindqvist." in visitor.text
    assert "Signed in as Mia Lindqvist" in visitor.text


def test_a_new_teacher_begins_at_their_gigs(visit: Visit) -> None:
    visitor = visit().open("/register").send(**NEW_STUDENT | {"role": "teacher"})

    assert visitor.path == "/gigs/mine"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": ""}, "Please enter your name."),
        ({"name": " "}, "Use 1 to 80 characters."),
        ({"name": "x" * 81}, "Use 1 to 80 characters."),
        ({"email": "mia"}, "This is no e-mail address."),
        ({"password": "too short"}, "Use 10 to 256 characters."),
        ({"password": "password123"}, "one of the most common passwords"),
        ({"role": "admin"}, "I am a:"),
        ({"time_zone": "Europe/Atlantis"}, "Please choose a time zone."),
        ({"name": "nul\0"}, "a character that cannot be stored"),
    ],
)
def test_what_cannot_be_registered_is_said_and_nothing_typed_is_lost(
    visit: Visit, wrong: dict[str, Any], message: str
) -> None:
    entered = NEW_STUDENT | wrong

    visitor = visit().open("/register").send(**entered)

    assert (visitor.status, message in visitor.text) == (422, True), visitor.text
    kept = visitor.form().values
    assert kept["email"] == entered["email"]
    assert "password" not in kept or kept["password"] == ""


def test_an_address_that_has_an_account_is_refused_beside_the_field(visit: Visit, world: World) -> None:
    taken = world.student().email.upper()

    visitor = visit().open("/register").send(**NEW_STUDENT | {"email": taken})

    assert visitor.status == 422
    assert "E-mail address: An account with this e-mail address exists already." in visitor.text


def test_signing_in_leads_to_where_one_wanted_to_go(visit: Visit, world: World) -> None:
    student = world.student()
    visitor = visit().open("/lessons?status=pending")
    assert visitor.path.startswith("/sign-in?next=")

    visitor.send(email=student.email, password=PASSWORD)

    assert visitor.path == "/lessons?status=pending"


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/a\r\nX: y", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_host(visit: Visit, world: World, target: str) -> None:
    student = world.student()
    visitor = visit()
    visitor.answer = visitor.client.get("/sign-in", query_string={"next": target})
    fields = visitor.form("/").values | {"email": student.email, "password": PASSWORD}

    answer = visitor.client.post("/sign-in", query_string={"next": target}, data=fields)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/lessons")


def test_a_wrong_pair_gets_the_same_words_whether_or_not_there_is_an_account(visit: Visit, world: World) -> None:
    known = visit().open("/sign-in").send(email=world.student().email, password="wrong" * 3)
    unknown = visit().open("/sign-in").send(email="nobody@example.org", password="wrong" * 3)

    assert known.status == unknown.status == 422
    assert known.text == unknown.text
    assert "This e-mail address and password do not belong together." in known.text


def test_whoever_is_signed_in_needs_no_form_to_do_so(visit: Visit, world: World) -> None:
    visitor = visit(world.student())

    assert visitor.open("/sign-in").path == "/"
    assert visitor.open("/register?next=/gigs").path == "/gigs"


def test_signing_out_ends_the_sign_in_even_for_who_kept_the_cookie(visit: Visit, world: World) -> None:
    visitor = visit(world.student()).open("/lessons")
    cookie = visitor.client.get_cookie("session")
    assert cookie is not None

    visitor.send("/sign-out")

    assert "You are signed out." in visitor.text
    visitor.client.set_cookie("session", cookie.value)
    assert visitor.open("/lessons").path == "/sign-in?next=/lessons"


def test_a_new_sign_in_shares_nothing_with_the_session_before(visit: Visit, world: World) -> None:
    visitor = visit().open("/sign-in")
    before = visitor.form().values["csrf_token"]

    visitor.send(email=world.student().email, password=PASSWORD)

    assert visitor.open("/profile").form().values["csrf_token"] != before


def test_a_deactivated_person_is_nobody_at_once(visit: Visit, world: World) -> None:
    student = world.student()
    visitor = visit(student)

    world.operator("accounts", "deactivate", student.email)

    assert visitor.open("/lessons").path == "/sign-in?next=/lessons"
    assert "Sign in" in visitor.open("/").text


def test_a_person_with_a_new_role_has_its_pages_at_once(visit: Visit, world: World) -> None:
    person = world.student()
    visitor = visit(person).open("/gigs/mine")
    assert visitor.status == 403

    world.operator("accounts", "set-role", person.email, "teacher")

    assert visitor.open("/gigs/mine").status == 200


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(visit: Visit, world: World) -> None:
    visitor = visit().open("/sign-in")
    fields = visitor.form().values | {"email": world.student().email, "password": PASSWORD}

    answer = visitor.client.post("/sign-in", data=fields)

    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Expires="))


def test_over_tls_no_other_host_of_the_domain_can_set_the_cookies(visit: Visit, world: World) -> None:
    visitor, student = visit(), world.student()
    tls = {"base_url": "https://localhost"}
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', visitor.client.get("/sign-in", **tls).text)
    assert token
    entered = {"csrf_token": token[1], "email": student.email, "password": PASSWORD}

    answer = visitor.client.post("/sign-in", data=entered, headers={"Referer": "https://localhost/sign-in"}, **tls)

    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-session", "__Host-known-browser"}
    for cookie in cookies:
        parts = cookie.split("; ")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(parts)
        assert not any(part.startswith("Domain") for part in parts)
    assert visitor.client.get("/lessons", **tls).status_code == 200


def test_a_browser_is_nobody_once_its_sign_in_is_over_however_fresh_its_cookie(
    visit: Visit, world: World, clock: FakeClock
) -> None:
    visitor = visit(world.teacher())
    clock.advance(days=29, hours=23)
    # A message to the reader writes the cookie anew.
    visitor.open("/profile").send(headline="Patiently")
    assert visitor.open("/lessons").path == "/lessons"

    clock.advance(hours=2)

    assert visitor.open("/lessons").path == "/sign-in?next=/lessons"


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("m\u0438a@example.org", "Please use the letters a to z, digits and signs."),
        ("\uff4dia@example.org", "Please use the letters a to z, digits and signs."),
        ("m\u0131a@example.org", "Please use the letters a to z, digits and signs."),
        ("mia@ex\u0430mple.org", "Please use the letters a to z, digits and signs."),
        ("mia@xn--bcher-kva.example", None),
        ("mia+piano@example.org", None),
    ],
)
def test_no_address_looks_like_another_one(visit: Visit, address: str, problem: str | None) -> None:
    visitor = visit().open("/register").send(**NEW_STUDENT | {"email": address})

    assert (visitor.status, problem is None or problem in visitor.text) == (422 if problem else 200, True)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("\u200b\u200b", "a character that cannot be seen"),
        ("Mia\u202egnah", "a character that cannot be seen"),
        ("Mia\u2066", "a character that cannot be seen"),
        ("Mia\nAdmin", "a character that cannot be seen"),
        ("Mia\x1b[2J", "a character that cannot be seen"),
        ("\u3164", "Nothing of this text can be seen"),
        ("\u200d", "Nothing of this text can be seen"),
        ("نگار\u200cسادات", None),
        ("李小龍", None),
        ("Zoë O’Neill-Łukasiewicz", None),
        ("🎻", None),
    ],
)
def test_a_name_can_be_seen_as_it_is(visit: Visit, world: World, name: str, problem: str | None) -> None:
    visitor = visit().open("/register").send(**NEW_STUDENT | {"name": name})

    changed = world.student().patch("/api/users/me", {"name": name}).status_code
    assert (visitor.status, problem is None or problem in visitor.text) == (422 if problem else 200, True)
    assert changed == visitor.status


def test_a_page_says_when_to_try_again_after_too_many_attempts(make_app: Callable[..., Flask]) -> None:
    visitor = Visitor(make_app(ratelimit_enabled=True))
    attempt: dict[str, Any] = {"email": "mia@example.org", "password": "wrong" * 3}

    # One minute may end in between, two may not.
    for _ in range(21):
        visitor.open("/sign-in").send(**attempt)
        if visitor.status == 429:
            break

    assert visitor.status == 429
    assert "Please try again in a minute." in visitor.text
    assert int(visitor.answer.headers["Retry-After"]) in range(1, 61)
