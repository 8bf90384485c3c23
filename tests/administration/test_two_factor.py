"""Two-factor sign-in is taken off somebody who has lost the phone and the codes."""

from __future__ import annotations

import pytest

from tests.accounts.test_two_factor import sign_in, switch_on
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.scene import Scene
from tests.support.world import PASSWORD, World

PEOPLE = "/api/admin/people"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def test_the_password_is_enough_then_every_sign_in_ends_and_it_is_written_down(scene: Scene, clock: FakeClock) -> None:
    switch_on(scene.ben, clock)
    assert scene.office.get(f"{PEOPLE}/{scene.ben.id}").json["two_factor"] is True

    answer = scene.office.delete(f"{PEOPLE}/{scene.ben.id}/two-factor")

    assert answer.status_code == 204
    assert scene.ben.get("/api/users/me").status_code == 401
    assert sign_in(scene.world, scene.ben).status_code == 200
    assert scene.office.get(f"{PEOPLE}/{scene.ben.id}").json["two_factor"] is False
    entry, *_ = scene.admin.get("/api/admin/audit", query_string={"about": scene.ben.id, "looked": "false"}).json[
        "data"
    ]
    assert (entry["action"], entry["actor"]["id"]) == ("admin_people.take_two_factor_off", scene.office.id)
    assert scene.office.delete(f"{PEOPLE}/{scene.ben.id}/two-factor").status_code == 404


@on_sqlite
def test_the_owner_gets_a_mail(scene: Scene, clock: FakeClock) -> None:
    switch_on(scene.ben, clock)

    scene.admin.delete(f"{PEOPLE}/{scene.ben.id}/two-factor")
    scene.world.operator("jobs", "drain")

    mails = scene.admin.get(f"{PEOPLE}/{scene.ben.id}").json["mails"]["newest"]
    assert mails[0]["subject"] == "Two-factor sign-in is off"


@on_sqlite
def test_the_office_takes_it_off_nobody_who_runs_the_school_and_nobody_off_themselves(
    scene: Scene, clock: FakeClock
) -> None:
    switch_on(scene.admin, clock)

    tries = [person.delete(f"{PEOPLE}/{scene.admin.id}/two-factor") for person in (scene.office, scene.admin)]

    assert [answer.status_code for answer in tries] == [403, 403]
    assert sign_in(scene.world, scene.admin).status_code == 401


@on_sqlite
def test_the_page_of_a_person_has_a_button_for_it(scene: Scene, clock: FakeClock) -> None:
    switch_on(scene.ben, clock)
    office = Visitor(scene.app).open("/sign-in").send(email=scene.office.email, password=PASSWORD)
    page = office.open(f"/admin/people/{scene.ben.id}")

    page.send(f"/admin/people/{scene.ben.id}/two-factor-off")

    assert "They sign in with the password alone from now on." in page.text
    assert f"/admin/people/{scene.ben.id}/two-factor-off" not in page.actions
    assert sign_in(scene.world, scene.ben).status_code == 200
