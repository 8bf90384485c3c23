"""Registration and sign-in over the API."""

from __future__ import annotations

from tests.support.world import PASSWORD, World


def test_who_registers_is_signed_in(world: World) -> None:
    person = world.student(name="Ada Lovelace")

    me = person.get("/api/users/me").json

    assert me["name"] == "Ada Lovelace"
    assert me["role"] == "student"


def test_an_address_can_register_once_whatever_its_capitals(world: World) -> None:
    world.student(email="ada@example.org")

    answer = world.anyone.post(
        "/api/auth/register",
        json={
            "name": "Ada",
            "email": "ADA@example.org",
            "password": PASSWORD,
            "role": "student",
            "time_zone": "Europe/Berlin",
        },
    )

    assert answer.status_code == 409
    assert answer.json["type"].endswith("/email-taken")


def test_signing_out_ends_the_access_token_at_once(world: World) -> None:
    person = world.student()

    assert person.post("/api/auth/logout").status_code == 204

    assert person.get("/api/users/me").status_code == 401
