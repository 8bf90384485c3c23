"""Sign-ins begin, are renewed, end, and are forgotten when they have run out."""

from __future__ import annotations

from itertools import product

import jwt
import pytest
from sqlalchemy import func, select

from accounts.models import SignIn
from accounts.sign_in import service as sign_ins
from accounts.sign_in.identity import signer_of
from database import reading
from tests.conftest import FakeClock
from tests.support.world import Person, World


def renew(world: World, token: str) -> tuple[int, dict[str, str]]:
    answer = world.anyone.post("/api/auth/refresh", json={"refresh_token": token})
    return answer.status_code, answer.json


def is_signed_in(person: Person) -> bool:
    return person.get("/api/users/me").status_code == 200


def kept(world: World) -> int:
    with world.app.app_context(), reading() as connection:
        return connection.execute(select(func.count()).select_from(SignIn)).scalar_one()


def test_a_refresh_token_gives_new_tokens(world: World, clock: FakeClock) -> None:
    person = world.student()
    clock.advance(minutes=16)
    assert not is_signed_in(person)

    status, answer = renew(world, person.refresh_token)

    assert status == 200
    person.token = answer["access_token"]
    assert is_signed_in(person)


def test_a_refresh_token_that_is_used_twice_ends_the_whole_sign_in(world: World) -> None:
    person = world.student()
    _, first = renew(world, person.refresh_token)

    assert renew(world, person.refresh_token)[0] == 401

    assert renew(world, first["refresh_token"])[0] == 401
    assert not is_signed_in(person)


def test_an_access_token_is_no_refresh_token_and_the_other_way_round(world: World) -> None:
    person = world.student()

    assert renew(world, person.token)[0] == 401
    person.token = person.refresh_token
    assert not is_signed_in(person)


def test_a_refresh_token_lasts_thirty_days(world: World, clock: FakeClock) -> None:
    person = world.student()

    clock.advance(days=30)

    assert renew(world, person.refresh_token)[0] == 401


def test_a_new_password_ends_every_sign_in(world: World) -> None:
    person = world.student()
    change = {"password": "another long password", "current_password": "correct horse battery"}

    assert person.patch("/api/users/me", change).status_code == 200

    assert not is_signed_in(person)
    assert renew(world, person.refresh_token)[0] == 401


def test_a_wrong_current_password_changes_nothing(world: World) -> None:
    person = world.student()
    change = {"password": "another long password", "current_password": "a wrong guess"}

    assert person.patch("/api/users/me", change).status_code == 401

    assert is_signed_in(person)


def test_signing_in_says_the_same_about_every_wrong_pair(world: World) -> None:
    person = world.student()

    wrong = world.anyone.post("/api/auth/login", json={"email": person.email, "password": "a wrong guess"})
    unknown = world.anyone.post("/api/auth/login", json={"email": "nobody@example.org", "password": "a wrong guess"})

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json == unknown.json


def test_sign_ins_that_have_run_out_are_forgotten(world: World, clock: FakeClock) -> None:
    world.student()
    clock.advance(days=31)
    world.student()

    for _ in range(2):
        with world.app.app_context():
            sign_ins.forget_expired(clock())

    assert kept(world) == 1


@pytest.mark.parametrize(
    "path", ["/api/bookings", "/api/gigs/mine", "/api/waitlist", "/api/reviews/by/1", "/api/teachers/1/schedule"]
)
def test_whoever_is_signed_out_learns_that_before_what_is_wrong_with_their_query(world: World, path: str) -> None:
    person = world.teacher()
    malformed = f"{path}?limit=0"
    assert person.get(malformed).status_code == 422

    person.post("/api/auth/logout")

    assert person.get(malformed).status_code == 401


def test_no_token_outlives_its_sign_in(world: World, clock: FakeClock) -> None:
    person = world.student()
    clock.advance(days=29, hours=23, minutes=55)
    status, answer = renew(world, person.refresh_token)
    assert status == 200
    person.token = answer["access_token"]
    assert is_signed_in(person)

    clock.advance(minutes=6)

    assert not is_signed_in(person)
    assert person.get("/api/bookings").status_code == 401
    assert renew(world, answer["refresh_token"])[0] == 401


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_token_that_never_ends_is_none(world: World) -> None:
    person = world.student()
    claims = jwt.decode(person.token, options={"verify_signature": False})

    for claim, number in product(["exp", "sid"], [float("inf"), float("-inf"), float("nan")]):
        person.token = jwt.encode(claims | {claim: number}, signer_of(world.app).key, "HS256")
        assert person.get("/api/users/me").status_code == 401
