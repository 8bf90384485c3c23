"""The type of a problem is the address of a page that explains it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from markupsafe import escape
from werkzeug.exceptions import default_exceptions

from errors import LecternError
from tests.support.world import World
from web.problems import listed

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def tree(error: type[LecternError] = LecternError) -> Iterator[type[LecternError]]:
    yield error
    for below in error.__subclasses__():
        yield from tree(below)


def test_every_error_of_ours_has_a_page_that_explains_it(app: Flask) -> None:
    client = app.test_client(use_cookies=False)
    for error in tree():
        page = client.get(f"/problems/{error.slug}")

        assert (error, page.status_code, page.mimetype) == (error, 200, "text/html")
        assert str(escape(error.advice)) in page.text, error


def test_whatever_else_http_can_answer_has_a_page_too(app: Flask) -> None:
    client = app.test_client(use_cookies=False)
    slugs = [error().name.lower().replace(" ", "-") for error in default_exceptions.values()]

    pages = {slug: client.get(f"/problems/{slug}").status_code for slug in slugs}

    assert set(pages.values()) == {200}, pages


def test_the_type_of_an_answer_leads_to_its_page(world: World) -> None:
    answers = [
        world.anyone.get("/api/users/me"),
        world.anyone.get("/api/gigs/1"),
        world.anyone.get("/api/gigs?colour=red"),
        world.anyone.post("/api/gigs"),
        world.anyone.delete("/api/gigs"),
        world.anyone.post("/api/auth/login", data="{", content_type="application/json"),
    ]

    pages = [world.anyone.get(answer.json["type"]) for answer in answers]

    assert [answer.status_code for answer in answers] == [401, 404, 422, 401, 405, 400]
    assert {page.status_code for page in pages} == {200}
    assert all(answer.json["title"] in page.text for answer, page in zip(answers, pages, strict=True))


def test_visitors_may_keep_such_a_page_and_a_signed_in_person_s_is_theirs(world: World) -> None:
    visitors = world.anyone.get("/problems/slot-taken")
    someones = world.anyone.get("/problems/slot-taken", headers={"Cookie": "session=x"})

    assert visitors.headers["Cache-Control"] == "public, max-age=3600"
    assert "Cookie" in visitors.headers["Vary"]
    assert someones.headers["Cache-Control"] == "no-store"


def test_what_is_no_problem_has_no_page(app: Flask) -> None:
    assert app.test_client().get("/problems/everything-is-fine").status_code == 404


def test_the_reference_lists_them(app: Flask) -> None:
    reference = app.test_client(use_cookies=False).get("/api/docs").text

    assert {error.slug for error in tree()} <= {problem.slug for problem in listed()}
    assert all(f'href="{problem.type}"' in reference for problem in listed())


def test_an_error_of_the_token_is_named_only_where_a_token_was_sent(world: World) -> None:
    sent = {"nothing": {}, "another scheme": {"Authorization": "Basic eDp5"}, "nonsense": {"Authorization": "Bearer x"}}

    challenges = {name: world.anyone.get("/api/users/me", headers=it).headers for name, it in sent.items()}

    assert {name: it["WWW-Authenticate"] for name, it in challenges.items()} == {
        "nothing": 'Bearer realm="Lectern"',
        "another scheme": 'Bearer realm="Lectern"',
        "nonsense": 'Bearer realm="Lectern", error="invalid_token"',
    }


def test_a_sign_in_that_has_ended_is_an_invalid_token_and_a_wrong_password_is_not(world: World) -> None:
    student = world.student()
    student.post("/api/auth/logout")

    ended = student.get("/api/users/me")
    wrong = world.anyone.post("/api/auth/login", json={"email": student.email, "password": "not this one"})

    assert ended.headers["WWW-Authenticate"] == 'Bearer realm="Lectern", error="invalid_token"'
    assert wrong.headers["WWW-Authenticate"] == 'Bearer realm="Lectern"'
