"""A browser's session opens lists as a token does: answered by the middleware, and refused as soon as it has ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.sign_in.tokens import SIGN_IN_LIFETIME
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.both_ways import alone, ask, middleware_of
from tests.support.world import PASSWORD, Person, World
from tests.web.test_list_middleware import environ, is_answered

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def student(world: World) -> Person:
    """Somebody with a lesson."""
    student = world.student()
    world.booking(student, world.gig(world.teacher()))
    return student


@pytest.fixture
def visitor(world: World, student: Person) -> Visitor:
    """The browser in which they have signed in and read their list once."""
    visitor = Visitor(world.app).open("/sign-in").send(email=student.email, password=PASSWORD)
    visitor.client.get("/api/bookings")
    return visitor


def cookie_of(visitor: Visitor) -> dict[str, str]:
    cookie = visitor.client.get_cookie("session")
    assert cookie
    return {"Cookie": f"session={cookie.value}"}


@pytest.mark.middleware_not_compared
@pytest.mark.parametrize("path", ["/api/bookings", "/api/gigs"])
def test_both_ways_lead_to_the_same_answer(world: World, visitor: Visitor, path: str) -> None:
    asked = environ(None, "", path, headers=cookie_of(visitor))
    app = middleware_of(world.app).app
    ask(app, dict(asked))

    assert ask(alone(middleware_of(world.app)), dict(asked)) == ask(app, dict(asked))


def test_it_counts_only_without_the_other_header(world: World, visitor: Visitor) -> None:
    stranger = world.student()
    assert stranger.get("/api/bookings").json["data"] == []

    both = environ(stranger, headers=cookie_of(visitor))

    assert b'"data":[]' in ask(alone(middleware_of(world.app)), both)[2]


@pytest.mark.parametrize("cookie", ["session=x", "session=", "other=1", "session", "=;;=", "session=é"])
def test_a_cookie_of_nobody_opens_no_list_of_ones_own(world: World, student: Person, cookie: str) -> None:
    student.get("/api/bookings")
    headers = {"Cookie": cookie.encode().decode("latin-1")}

    assert not is_answered(world.app, environ(None, headers=headers))
    assert world.anyone.get("/api/bookings", headers=headers).status_code == 401


def test_over_tls_only_the_name_that_no_other_host_can_set_counts(world: World, visitor: Visitor) -> None:
    plain = cookie_of(visitor)
    strict = {"Cookie": f"__Host-{plain['Cookie']}"}

    assert is_answered(world.app, environ(None, headers=plain))
    assert not is_answered(world.app, environ(None, headers=strict))
    assert is_answered(world.app, environ(None, headers=strict, base_url="https://localhost"))
    assert not is_answered(world.app, environ(None, headers=plain, base_url="https://localhost"))


@pytest.mark.parametrize("end", ["sign-out", "new password", "new role", "deactivation", "time"])
def test_one_that_has_ended_is_refused_at_once(
    world: World, student: Person, visitor: Visitor, clock: FakeClock, end: str
) -> None:
    asked = environ(None, headers=cookie_of(visitor))
    assert is_answered(world.app, dict(asked))

    match end:
        case "sign-out":
            visitor.send("/sign-out")
        case "new password":
            world.operator("accounts", "set-password", student.email, "--password", "another horse battery")
        case "new role":
            world.operator("accounts", "set-role", student.email, "teacher")
        case "deactivation":
            world.operator("accounts", "deactivate", student.email)
        case "time":
            clock.advance(seconds=(SIGN_IN_LIFETIME + timedelta(seconds=1)).total_seconds())

    assert not is_answered(world.app, dict(asked))
    assert ask(world.app.wsgi_app, dict(asked))[0] == ("200 OK" if end == "new role" else "401 UNAUTHORIZED")
