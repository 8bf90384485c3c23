"""Invitations by mail: who invites whom, that a link works once, and that no rule about registering stops it."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from administration.invitations import api
from administration.invitations.models import SchoolInvitation
from administration.invitations.service import issue
from database import reading, writing
from jobs.models import Job
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.races import at_once
from tests.support.scene import Scene
from tests.support.world import PASSWORD, World

INVITATIONS, ACCEPT = "/api/admin/invitations", "/api/auth/accept-invitation"
EMMY: dict[str, Any] = {"name": "Emmy Noether", "password": PASSWORD, "time_zone": "Europe/Berlin"}
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def invite(scene: Scene, role: str = "teacher", email: str = "emmy@example.org") -> TestResponse:
    return scene.admin.post(INVITATIONS, {"email": email, "role": role})


def token_of(scene: Scene, invitation_id: int) -> str:
    with scene.app.app_context(), writing() as session:
        return issue(session, session.get_one(SchoolInvitation, invitation_id))


def accept(scene: Scene, token: str, **changes: Any) -> TestResponse:
    return scene.world.anyone.post(ACCEPT, json=EMMY | {"token": token} | changes)


def log_in(scene: Scene, email: str = "emmy@example.org") -> TestResponse:
    return scene.world.anyone.post("/api/auth/login", json={"email": email, "password": PASSWORD})


@pytest.mark.parametrize("registration", ["open", "invitation", "closed"])
def test_who_is_invited_opens_an_account_whoever_may_register(scene: Scene, registration: str) -> None:
    scene.admin.put("/api/admin/school", {"name": "Harbour School", "registration": registration})
    made = invite(scene, email="  Emmy@Example.org ").json
    assert (made["email"], made["role"], made["expired"]) == ("emmy@example.org", "teacher", False)
    assert made["invited_by"] == {"id": scene.admin.id, "name": scene.admin.name}

    answer = accept(scene, token_of(scene, made["id"]))

    assert answer.status_code == 204, answer.text
    user = log_in(scene).json["user"]
    assert (user["name"], user["role"], user["email_confirmed"]) == ("Emmy Noether", "teacher", True)
    assert scene.office.get(INVITATIONS).json["data"] == []
    assert "Emmy Noether" in [person["name"] for person in scene.office.get("/api/users").json["data"]]


@on_sqlite
def test_a_link_works_once_for_seven_days_and_the_newest_alone(scene: Scene, clock: FakeClock) -> None:
    first = invite(scene).json["id"]
    old, token = token_of(scene, first), token_of(scene, first)
    assert [accept(scene, each).status_code for each in (old, token, token)] == [400, 204, 400]

    late = invite(scene, email="late@example.org").json["id"]
    token = token_of(scene, late)
    clock.advance(days=7)
    admin = scene.world.sign_in(scene.admin)
    assert accept(scene, token).status_code == 400
    assert admin.get(INVITATIONS).json["data"][0]["expired"] is True

    again = admin.post(f"{INVITATIONS}/{late}/resend")
    assert again.json["expired"] is False
    assert accept(scene, token).status_code == 400
    assert accept(scene, token_of(scene, late)).status_code == 204


def test_of_two_who_use_a_link_at_once_one_opens_the_account(scene: Scene) -> None:
    token = token_of(scene, invite(scene).json["id"])

    answers = at_once([partial(accept, scene, token, name=name) for name in ("Emmy", "Mallory")])

    assert sorted(answer.status_code for answer in answers) == [204, 400]


def test_of_an_answer_and_a_withdrawal_at_once_one_wins(scene: Scene) -> None:
    invitation_id = invite(scene).json["id"]
    token = token_of(scene, invitation_id)
    admin = scene.admin

    accepted, withdrawn = at_once(
        [partial(accept, scene, token), partial(admin.delete, f"{INVITATIONS}/{invitation_id}")]
    )

    assert (accepted.status_code, withdrawn.status_code) in {(204, 404), (400, 204)}
    assert log_in(scene).status_code == (200 if accepted.status_code == 204 else 401)


def test_an_address_is_invited_once_and_not_if_it_has_an_account(scene: Scene) -> None:
    answers = at_once([partial(invite, scene, role) for role in ("teacher", "student")])
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert {answer.json.get("type") for answer in answers} == {None, "/problems/already-invited"}

    taken = invite(scene, email=scene.ben.email.upper())
    assert (taken.status_code, taken.json["type"]) == (409, "/problems/email-taken")


@on_sqlite
def test_an_invitation_ends_when_an_account_changes_to_its_address(scene: Scene) -> None:
    token = token_of(scene, invite(scene).json["id"])
    mia = scene.world.student()

    changed = mia.patch("/api/users/me", {"email": "emmy@example.org", "current_password": PASSWORD})

    assert changed.status_code == 200, changed.text
    assert scene.office.get(INVITATIONS).json["data"] == []
    assert accept(scene, token).status_code == 400


@on_sqlite
def test_an_invitation_that_is_refused_is_no_attempt(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[tuple[Any, ...]] = []
    monkeypatch.setattr(api, "count_school_invitation", lambda *given: counted.append(given))

    for_admins = {"email": "new@example.org", "role": "admin"}
    refused = [invite(scene, email=scene.ben.email), scene.office.post(INVITATIONS, for_admins)]
    made = invite(scene).json["id"]
    again = [invite(scene), scene.office.post(f"{INVITATIONS}/{made + 1}/resend")]

    assert [answer.status_code for answer in (*refused, *again)] == [409, 403, 409, 404]
    assert counted == [(scene.admin.id, "emmy@example.org")]


@on_sqlite
def test_an_address_that_has_got_an_account_meanwhile_is_left_alone(scene: Scene) -> None:
    invited = invite(scene, role="admin", email="other@example.org").json["id"]
    token = token_of(scene, invited)
    scene.world.student(email="emmy@example.org", name="E. N.")
    # As it is with an account whose address nobody has confirmed yet.
    with scene.app.app_context(), writing() as session:
        session.get_one(SchoolInvitation, invited).email = "emmy@example.org"

    answer = accept(scene, token)

    assert (answer.status_code, answer.json["type"]) == (409, "/problems/email-taken")
    assert log_in(scene).json["user"]["role"] == "student"


@on_sqlite
def test_the_office_invites_students_and_teachers_only(scene: Scene) -> None:
    theirs = invite(scene, role="admin").json["id"]
    tries = [
        scene.office.post(INVITATIONS, {"email": "o@example.org", "role": "office"}),
        scene.office.post(INVITATIONS, {"email": "a@example.org", "role": "admin"}),
        scene.office.post(f"{INVITATIONS}/{theirs}/resend"),
        scene.office.delete(f"{INVITATIONS}/{theirs}"),
    ]

    assert [answer.status_code for answer in tries] == [403] * 4
    for role in ("student", "teacher"):
        made = scene.office.post(INVITATIONS, {"email": f"{role}@example.net", "role": role})
        assert made.status_code == 201


@on_sqlite
def test_nothing_that_is_kept_opens_an_account(scene: Scene) -> None:
    token = token_of(scene, invite(scene).json["id"])

    with scene.app.app_context(), reading() as connection:
        kept = [*connection.execute(select(SchoolInvitation)).all(), *connection.execute(select(Job)).all()]

    assert token not in str(kept)
    assert accept(scene, kept[0].digest).status_code == 400


@on_sqlite
def test_lessons_that_wait_for_the_address_come_to_the_new_account(scene: Scene) -> None:
    lesson = {"gig_id": scene.gig(), "starts_at": scene.time(), "agreed": True}
    scene.grace.post("/api/bookings", lesson | {"student": {"name": "Emmy", "email": "emmy@example.org"}})
    token = token_of(scene, invite(scene, role="student").json["id"])

    accept(scene, token)

    headers = {"Authorization": f"Bearer {log_in(scene).json['access_token']}"}
    (booking,) = scene.world.anyone.get("/api/bookings", headers=headers).json["data"]
    assert booking["starts_at"] == lesson["starts_at"]


@on_sqlite
def test_it_is_written_down_without_the_address(scene: Scene) -> None:
    made = invite(scene).json

    entry, *_ = scene.admin.get("/api/admin/audit?looked=false").json["data"]

    assert entry["action"] == "admin_invitations.invite_person"
    assert entry["after"][f"school_invitations {made['id']}"]["role"] == "teacher"
    assert "emmy@example.org" not in str(entry)


@on_sqlite
def test_on_pages_somebody_is_invited_and_opens_an_account_with_the_mail(scene: Scene) -> None:
    office = Visitor(scene.app).open("/sign-in").send(email=scene.office.email, password=PASSWORD)
    office.open("/admin/invitations").send("/admin/invitations", email="emmy@example.org", role="teacher")
    assert "A mail is on its way to emmy@example.org." in office.text
    scene.world.operator("jobs", "drain")
    (mail,) = _mails_with(scene, "/join?token=")
    assert "as a teacher" in mail

    emmy = Visitor(scene.app).open(_link(mail))
    assert (emmy.path, "emmy@example.org" in emmy.text) == ("/join", True)
    emmy.send("/join", name="Emmy Noether", password="short", time_zone="Europe/Berlin")
    assert "10 characters" in emmy.text
    emmy.send("/join", **EMMY)

    assert "Your account is open" in emmy.text
    assert "Emmy Noether" in emmy.text
    office.open("/admin/invitations")
    assert "Nobody is invited" in office.text


def _mails_with(scene: Scene, words: str) -> list[str]:
    files = sorted(Path(scene.app.instance_path).glob("mail/*.eml"))
    texts = [str(message_from_bytes(file.read_bytes(), policy=default).get_body(("plain",))) for file in files]
    readable = [text.replace("=\n", "").replace("=3D", "=") for text in texts]
    return [text for text in readable if words in text]


def _link(mail: str) -> str:
    found = re.search(r"/join\?token=[\w-]+", mail)
    assert found
    return found[0]


@on_sqlite
@pytest.mark.parametrize("change", [{"role": "office"}, {"active": False}])
def test_who_may_not_give_roles_any_more_invites_nobody_to_run_the_school(scene: Scene, change: dict[str, Any]) -> None:
    inviter = scene.world.admin()
    tokens = [
        token_of(scene, inviter.post(INVITATIONS, {"email": f"{role}@example.org", "role": role}).json["id"])
        for role in ("admin", "office", "teacher")
    ]
    assert scene.admin.patch(f"/api/admin/people/{inviter.id}", change).status_code == 200

    assert [accept(scene, token).status_code for token in tokens] == [400, 400, 204]


@on_sqlite
def test_an_invitation_ends_when_its_address_is_confirmed_for_an_account(scene: Scene) -> None:
    token = token_of(scene, invite(scene).json["id"])
    assert len(scene.office.get(INVITATIONS).json["data"]) == 1

    # Without a mail server every address counts as confirmed.
    scene.world.student(email="emmy@example.org")

    assert scene.office.get(INVITATIONS).json["data"] == []
    assert accept(scene, token).status_code == 400
