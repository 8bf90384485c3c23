"""Who gets what: every endpoint, for everybody, with every kind of credentials."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import jwt
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from accounts.sign_in.tokens import TokenSigner
from caching import warming
from tests.conftest import FakeClock
from tests.support.endpoints import API, PAGES, SIGN_IN, Endpoint, Status
from tests.support.scene import ACTORS, Asker, Askers, Scene, with_cookie, with_token
from tests.support.world import Person, World

CACHED = [endpoint for endpoint in API if endpoint.cached]
WRITES = ("POST", "PUT", "PATCH", "DELETE")
BESIDE_SESSIONS = ("POST account_pages.register", "POST account_pages.sign_in", "POST account_pages.sign_out")

# Forged tokens are signed with whatever an attacker may have, short keys included.
pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")


# For what does not depend on the database.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def rows(endpoints: list[Endpoint]) -> pytest.MarkDecorator:
    """Run a test for the rows of each blueprint."""
    groups = {
        name: [endpoint for endpoint in endpoints if endpoint.group == name]
        for name in dict.fromkeys(endpoint.group for endpoint in endpoints)
    }
    return pytest.mark.parametrize("endpoints", groups.values(), ids=list(groups))


@pytest.fixture
def scene(world: World, monkeypatch: pytest.MonkeyPatch) -> Scene:
    # Warming goes on in the background, and nobody would wait for it here.
    monkeypatch.setattr(warming, "start", lambda _: {"state": "running", "strategies": []})
    return Scene(world)


@on_sqlite
def test_every_endpoint_has_a_row(app: Flask) -> None:
    listed = {(endpoint.name, endpoint.method) for endpoint in API + PAGES}
    existing = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert listed == existing


@on_sqlite
@rows(API)
def test_programs_get_what_their_users_may(scene: Scene, endpoints: list[Endpoint]) -> None:
    askers = Askers(scene, with_token)
    for endpoint, actor, expected in _matrix(endpoints):
        path, body = endpoint.make(scene)
        asker, before = askers[actor], scene.rows()

        answer = asker.ask(endpoint.method, path, json=body)

        assert (endpoint.id, actor, answer.status_code) == (endpoint.id, actor, expected)
        assert "Set-Cookie" not in answer.headers
        _assert_refused_properly(scene, answer, before)
        if endpoint.ends:
            askers.forget(actor)


@on_sqlite
@rows([endpoint for endpoint in API if not endpoint.open])
def test_a_browsers_session_gets_the_same_from_the_api(scene: Scene, endpoints: list[Endpoint]) -> None:
    askers = Askers(scene, with_cookie)
    for endpoint, actor, expected in _matrix(endpoints):
        path, body = endpoint.make(scene)
        asker = askers[actor]

        answer = asker.ask(endpoint.method, path, json=body, headers={"X-CSRF-Token": asker.csrf})

        assert (endpoint.id, actor, answer.status_code) == (endpoint.id, actor, expected)
        if endpoint.ends:
            askers.forget(actor)


@on_sqlite
@rows([endpoint for endpoint in API if not endpoint.open and endpoint.method in WRITES])
def test_a_session_without_the_forms_token_changes_nothing(scene: Scene, endpoints: list[Endpoint]) -> None:
    askers = Askers(scene, with_cookie)
    for endpoint in endpoints:
        path, body = endpoint.make(scene)
        signed_in, before = [askers[actor] for actor in ACTORS if actor != "nobody"], scene.rows()

        answers = [
            asker.ask(endpoint.method, path, json=body, headers=headers)
            for asker in signed_in
            for headers in ({}, {"X-CSRF-Token": "made up"})
        ]

        assert {(answer.status_code, answer.json["type"]) for answer in answers} == {(403, "/problems/csrf")}
        assert scene.rows() == before


@on_sqlite
@rows([endpoint for endpoint in API if not endpoint.open])
def test_bad_credentials_are_refused_everywhere(scene: Scene, clock: FakeClock, endpoints: list[Endpoint]) -> None:
    bad_headers = _bad_headers(scene, clock)
    # A valid session beside it does not help: where there is a header, cookies are ignored.
    clients = {"alone": scene.world.anyone, "with a cookie": with_cookie(scene, "admin").client}
    for endpoint in endpoints:
        path, body = endpoint.make(scene)
        before = scene.rows()
        for (kind, header), (place, client) in product(bad_headers.items(), clients.items()):
            answer = Asker(client, {"Authorization": header}).ask(endpoint.method, path, json=body)

            assert (endpoint.id, kind, place, answer.status_code) == (endpoint.id, kind, place, 401)
            token_was_sent = header.lower().startswith("bearer ")
            error = ', error="invalid_token"' if token_was_sent else ""
            assert answer.headers["WWW-Authenticate"] == f'Bearer realm="Lectern"{error}', kind
            assert answer.mimetype == "application/problem+json"
        assert scene.rows() == before


@on_sqlite
@rows([endpoint for endpoint in API if endpoint.open])
def test_open_endpoints_do_not_look_at_credentials(scene: Scene, clock: FakeClock, endpoints: list[Endpoint]) -> None:
    bad_headers = _bad_headers(scene, clock)
    for endpoint, (kind, header) in product(endpoints, bad_headers.items()):
        path, body = endpoint.make(scene)

        answer = Asker(scene.world.anyone, {"Authorization": header}).ask(endpoint.method, path, json=body)

        assert (endpoint.id, kind, answer.status_code) == (endpoint.id, kind, endpoint.expected[-1])


@rows(PAGES)
def test_readers_of_pages_get_what_they_may(scene: Scene, endpoints: list[Endpoint]) -> None:
    askers = Askers(scene, with_cookie)
    for endpoint, actor, expected in _matrix(endpoints):
        path, values = endpoint.make(scene)
        asker, before = askers[actor], scene.rows()

        answer = asker.ask("GET", path) if endpoint.method == "GET" else asker.send_form(path, values or {})

        assert (endpoint.id, actor, _outcome(answer)) == (endpoint.id, actor, expected)
        assert answer.headers["Cache-Control"] == "no-store"
        _assert_refused_properly(scene, answer, before)
        if endpoint.ends:
            askers.forget(actor)


@on_sqlite
@rows([endpoint for endpoint in PAGES if endpoint.method == "POST" and not endpoint.open])
def test_a_form_without_its_token_changes_nothing(scene: Scene, endpoints: list[Endpoint]) -> None:
    askers = Askers(scene, with_cookie)
    for endpoint in endpoints:
        path, values = endpoint.make(scene)
        everybody, before = [askers[actor] for actor in ACTORS], scene.rows()

        answers = [
            asker.send_form(path, (values or {}) | forged, token=False)
            for asker in everybody
            for forged in ({}, {"csrf_token": "made up"})
        ]

        assert {(endpoint.id, answer.status_code) for answer in answers} == {(endpoint.id, 403)}
        assert scene.rows() == before


ENDINGS: dict[str, Callable[[Scene, Person], Any]] = {
    "deactivated": lambda scene, person: scene.world.operator("accounts", "deactivate", person.email),
    "new password": lambda scene, person: scene.new_password(person),
}


@on_sqlite
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_session_that_has_ended_is_nobody(scene: Scene, ending: str) -> None:
    person = scene.people["eva"] = scene.world.student(name="Eva Lind")
    asker = with_cookie(scene, "eva")
    # What the session is worth has been cached before it ends.
    assert asker.ask("GET", "/lessons").status_code == 200
    ENDINGS[ending](scene, person)

    # What begins another session, or empties this one, is left out.
    for endpoint in (endpoint for endpoint in PAGES if endpoint.id not in BESIDE_SESSIONS):
        path, values = endpoint.make(scene)
        answer = asker.ask("GET", path) if endpoint.method == "GET" else asker.send_form(path, values or {})
        assert (endpoint.id, _outcome(answer)) == (endpoint.id, endpoint.expected[-1])


def test_a_person_with_a_new_role_is_that_at_once(scene: Scene) -> None:
    for role, mine, users in (("teacher", 200, 403), ("office", 403, 200), ("admin", 403, 200), ("student", 403, 403)):
        scene.world.operator("accounts", "set-role", scene.ben.email, role)

        assert scene.ben.get("/api/gigs/mine").status_code == mine
        assert scene.ben.get("/api/users").status_code == users
        assert scene.ben.get("/api/users/me").json["role"] == role


@rows(CACHED)
def test_cached_answers_are_those_that_the_database_gives(
    scene: Scene, make_app: Callable[..., Flask], endpoints: list[Endpoint]
) -> None:
    _fill(scene)
    uncached = make_app(cache_type="NullCache").test_client(use_cookies=False)
    askers = Askers(scene, with_token)
    for endpoint in endpoints:
        path, _ = endpoint.make(scene)
        # Everybody asks while the answers of all the others are in the cache.
        for actor in ACTORS * 2:
            answer = askers[actor].ask("GET", path)
            expected = uncached.get(path, headers=askers[actor].headers)

            assert (endpoint.id, actor, answer.status_code) == (endpoint.id, actor, expected.status_code)
            assert _content(answer) == _content(expected)


@on_sqlite
@rows(CACHED)
def test_cached_answers_carry_the_right_headers(scene: Scene, endpoints: list[Endpoint]) -> None:
    askers = Askers(scene, with_token)
    for endpoint in endpoints:
        path, _ = endpoint.make(scene)
        for actor, expected in endpoint.statuses().items():
            for _ in range(2):
                answer, head = askers[actor].ask("GET", path), askers[actor].ask("HEAD", path)

                assert (endpoint.id, actor, head.status_code, head.data) == (endpoint.id, actor, expected, b"")
                if expected == 200:
                    _assert_cached(answer, head)
                else:
                    _assert_not_cached(answer)
                    _assert_not_cached(head)


@on_sqlite
@rows(CACHED)
def test_an_etag_of_somebody_else_opens_nothing(scene: Scene, endpoints: list[Endpoint]) -> None:
    _fill(scene)
    askers = Askers(scene, with_token)
    for endpoint in endpoints:
        path, _ = endpoint.make(scene)
        answers = {actor: askers[actor].ask("GET", path) for actor in ACTORS}
        etags = {answer.headers["ETag"]: _content(answer) for answer in answers.values() if answer.status_code == 200}
        for actor, (etag, content) in product(ACTORS, etags.items()):
            plain, answer = answers[actor], askers[actor].ask("GET", path, headers={"If-None-Match": etag})

            if plain.status_code == 200 and content == _content(plain):
                assert (endpoint.id, actor, answer.status_code, answer.data) == (endpoint.id, actor, 304, b"")
            else:
                assert (endpoint.id, actor, answer.status_code) == (endpoint.id, actor, plain.status_code)
                assert _content(answer) == _content(plain)


def test_whoever_has_left_gets_nothing_with_an_etag_either(scene: Scene) -> None:
    _fill(scene)
    etag = {"If-None-Match": scene.anna.get("/api/bookings").headers["ETag"]}
    assert scene.anna.get("/api/bookings", headers=etag).status_code == 304

    scene.world.operator("accounts", "deactivate", scene.anna.email)

    assert scene.anna.get("/api/bookings", headers=etag).status_code == 401


def _matrix(endpoints: list[Endpoint]) -> Iterator[tuple[Endpoint, str, Status]]:
    return ((endpoint, actor, status) for endpoint in endpoints for actor, status in endpoint.statuses().items())


def _bad_headers(scene: Scene, clock: FakeClock) -> dict[str, str]:
    """Every kind of header that signs nobody in."""
    signed_out, deactivated = scene.world.sign_in(scene.admin), scene.world.teacher()
    with scene.app.app_context():
        claims = jwt.decode(scene.admin.token, options={"verify_signature": False})
    scene.world.anyone.post("/api/auth/logout", headers=signed_out.headers)
    scene.world.operator("accounts", "deactivate", deactivated.email)
    now = int(clock().timestamp())
    own_key, other_key = (TokenSigner.from_secret(text).key for text in (_secret(scene), "another one"))
    tokens = {
        "signed out": signed_out.token,
        "deactivated": deactivated.token,
        "expired": jwt.encode(claims | {"exp": now}, own_key, "HS256"),
        "signed with another key": jwt.encode(claims, other_key, "HS256"),
        "signed with the cookies' key": jwt.encode(claims, _secret(scene), "HS256"),
        "another algorithm": jwt.encode(claims, own_key + own_key, "HS512"),
        "algorithm none": jwt.encode(claims, None, "none"),
        "algorithm none with a signature": jwt.encode(claims, None, "none") + "c2lnbmF0dXJl",
        "changed": _changed(scene.ben.token, claims),
        "a refresh token": scene.admin.refresh_token,
        "another's sign-in": jwt.encode(claims | {"sub": str(scene.ben.id)}, own_key, "HS256"),
        "no sign-in": jwt.encode(claims | {"sid": 2**62}, own_key, "HS256"),
        "without an end": jwt.encode({k: v for k, v in claims.items() if k != "exp"}, own_key, "HS256"),
        "no token": "nonsense",
        "empty": "",
    }
    others = {"another scheme": f"Basic {scene.admin.token}", "nothing at all": "", "the bare token": scene.admin.token}
    return {kind: f"Bearer {token}" for kind, token in tokens.items()} | others


def _secret(scene: Scene) -> str:
    return str(scene.app.config["SECRET_KEY"])


def _changed(token: str, claims: dict[str, Any]) -> str:
    """A token whose claims were exchanged, under the signature of the first ones."""
    head, _, signature = token.split(".")
    return ".".join((head, jwt.encode(claims, "x" * 32, "HS256").split(".")[1], signature))


def _fill(scene: Scene) -> None:
    """Give everybody something of their own."""
    gig = scene.world.gig(scene.emil, title="Violin", location="Room 3")
    scene.pending()
    scene.review()
    scene.world.booking(scene.ben, gig, starts_at=scene.time())
    scene.world.review(scene.ben, gig)
    scene.gig("draft")


def _outcome(answer: TestResponse) -> Status:
    signs_in = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in")
    return SIGN_IN if signs_in else answer.status_code


def _content(answer: TestResponse) -> Any:
    """What an answer says, but for whether it came from the cache."""
    return {name: value for name, value in answer.json.items() if name != "cached"}


def _assert_refused_properly(scene: Scene, answer: TestResponse, before: dict[str, Any]) -> None:
    if answer.status_code in (401, 403, 404) or _outcome(answer) == SIGN_IN:
        _assert_not_cached(answer)
        assert scene.rows() == before


def _assert_cached(answer: TestResponse, head: TestResponse) -> None:
    for name in ("ETag", "Cache-Control", "Vary", "Content-Type"):
        assert head.headers[name] == answer.headers[name]
    assert {answer.headers["X-Cache"], head.headers["X-Cache"]} <= {"HIT", "MISS"}
    assert answer.headers["ETag"].startswith('W/"')
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Vary"] == "Authorization, Cookie"
    assert "Set-Cookie" not in answer.headers


def _assert_not_cached(answer: TestResponse) -> None:
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert "X-Cache" not in answer.headers
