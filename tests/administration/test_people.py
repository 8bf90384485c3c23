"""What those who run the school do about accounts."""

from __future__ import annotations

from functools import partial

import pytest
from flask import Flask

from tests.support.races import at_once
from tests.support.scene import Scene, with_cookie
from tests.support.world import World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PEOPLE = "/api/admin/people"


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


@on_sqlite
def test_people_are_found_by_name_address_role_and_state(scene: Scene) -> None:
    scene.admin.patch(f"{PEOPLE}/{scene.ben.id}", {"active": False})

    def found(query: str) -> list[int]:
        return [person["id"] for person in scene.office.get(f"/api/users?{query}").json["data"]]

    assert found("q=ANNA") == [scene.anna.id]
    assert found(f"q={scene.grace.email}") == [scene.grace.id]
    assert found("role=office") == [scene.office.id]
    assert found("active=false") == [scene.ben.id]


@on_sqlite
def test_a_person_is_shown_with_all_that_they_have(scene: Scene) -> None:
    booking_id = scene.pending()

    shown = scene.office.get(f"{PEOPLE}/{scene.anna.id}").json

    assert (shown["email"], shown["active"]) == (scene.anna.email, True)
    assert [lesson["id"] for lesson in shown["lessons"]["newest"]] == [booking_id]
    assert shown["sign_ins"]["count"] == 1


@on_sqlite
def test_a_role_counts_at_once_in_an_open_session(scene: Scene) -> None:
    session = with_cookie(scene, "ben")
    assert session.ask("GET", "/admin").status_code == 403

    scene.admin.patch(f"{PEOPLE}/{scene.ben.id}", {"role": "office"})

    assert session.ask("GET", "/admin").status_code == 200


@on_sqlite
def test_a_closed_account_can_be_opened_again(scene: Scene) -> None:
    closed = scene.office.patch(f"{PEOPLE}/{scene.emil.id}", {"active": False})
    assert scene.emil.get("/api/users/me").status_code == 401

    opened = scene.office.patch(f"{PEOPLE}/{scene.emil.id}", {"active": True})

    assert (closed.json["active"], opened.json["active"]) == (False, True)
    assert scene.world.sign_in(scene.emil).get("/api/users/me").status_code == 200


@on_sqlite
def test_a_person_can_be_signed_out_everywhere(scene: Scene) -> None:
    assert scene.ben.get("/api/users/me").status_code == 200

    scene.office.post(f"{PEOPLE}/{scene.ben.id}/sign-out")

    assert scene.ben.get("/api/users/me").status_code == 401


@on_sqlite
def test_the_office_gives_no_roles_and_changes_nobody_who_may_do_more(scene: Scene) -> None:
    tries = [
        scene.office.patch(f"{PEOPLE}/{scene.ben.id}", {"role": "office"}),
        scene.office.patch(f"{PEOPLE}/{scene.office.id}", {"role": "admin"}),
        scene.office.patch(f"{PEOPLE}/{scene.admin.id}", {"active": False}),
        scene.office.post(f"{PEOPLE}/{scene.admin.id}/sign-out"),
        scene.office.post(f"{PEOPLE}/{scene.admin.id}/password-reset"),
    ]

    assert [answer.status_code for answer in tries] == [403] * 5


@pytest.mark.parametrize("change", [{"role": "office"}, {"active": False}])
def test_the_last_administrator_stays_one(scene: Scene, change: dict[str, object]) -> None:
    answer = scene.admin.patch(f"{PEOPLE}/{scene.admin.id}", change)

    assert (answer.status_code, answer.json["type"]) == (409, "/problems/last-administrator")


def test_two_administrators_cannot_take_each_other_away(scene: Scene, app: Flask) -> None:
    other = scene.world.admin()
    pair = ((scene.admin, other), (other, scene.admin))

    answers = at_once([partial(by.patch, f"{PEOPLE}/{whom.id}", {"role": "student"}) for by, whom in pair])

    roles = [person.get("/api/users/me").json["role"] for person in (scene.admin, other)]
    assert sorted(roles) == ["admin", "student"]
    assert sorted(answer.status_code for answer in answers)[0] == 200


@on_sqlite
def test_accounts_that_may_be_one_persons_are_reported(scene: Scene) -> None:
    twin = scene.world.student(name="anna BERG", email="anna.berg@example.org")
    alike = scene.world.student(name="A. Berg", email="anna.berg@example.com")

    groups = scene.office.get(f"{PEOPLE}/duplicates").json["data"]

    found = {(group["same"], *(person["id"] for person in group["people"])) for group in groups}
    assert found == {("name", scene.anna.id, twin.id), ("address", twin.id, alike.id)}
