"""The audit log: what is written, what never is, and that nobody can change it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from accounts.models import User
from administration.audit.watching import PRIVATE
from database import writing
from extensions import db
from tests.pages.visitor import Visitor
from tests.support.endpoints import API, PAGES, Endpoint
from tests.support.scene import Askers, Scene, with_cookie, with_token
from tests.support.world import World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# What begins a sign-in, or does not look at who asks.
OF_NOBODY = ("account_pages.register", "account_pages.sign_in", "auth.refresh", "by_mail_pages.forgotten_password")


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def entries(scene: Scene, **query: Any) -> list[dict[str, Any]]:
    answer = scene.admin.get("/api/admin/audit", query_string=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["data"]
    return found


def test_a_change_is_written_down_with_what_was_before(scene: Scene) -> None:
    booking_id = scene.pending()

    scene.office.patch(f"/api/bookings/{booking_id}", {"status": "accepted"})

    entry = entries(scene, actor_id=scene.office.id)[0]
    assert entry["actor"] == {"id": scene.office.id, "name": scene.office.name, "role": "office"}
    assert (entry["action"], entry["looked"]) == ("bookings.change_booking", False)
    assert entry["subject"] == {"type": "booking", "id": booking_id}
    assert entry["before"][f"bookings {booking_id}"]["status"] == "pending"
    assert entry["after"][f"bookings {booking_id}"]["status"] == "accepted"
    assert {person["id"] for person in entry["people"]} == {scene.anna.id, scene.grace.id}


@on_sqlite
def test_what_is_refused_or_done_by_others_is_not_written_down(scene: Scene) -> None:
    booking_id, before = scene.pending(), entries(scene)

    refused = scene.office.patch(f"/api/bookings/{booking_id}", {"status": "completed"})
    scene.grace.patch(f"/api/bookings/{booking_id}", {"status": "accepted"})

    assert refused.status_code == 409
    assert entries(scene) == before


def test_what_was_done_to_a_stand_in_is_also_about_the_account_that_takes_its_place(scene: Scene) -> None:
    stand_in = scene.invitation()
    (lesson,) = scene.emil.get("/api/bookings").json["data"]
    scene.office.patch(f"/api/bookings/{lesson['id']}", {"starts_at": scene.world.at(days=9)})

    answer = scene.anna.post(f"/api/users/me/invitations/{stand_in}", {"answer": "yes"})

    assert answer.status_code == 204, answer.text
    assert [entry["action"] for entry in entries(scene, about=scene.anna.id)] == ["bookings.change_booking"]


@pytest.mark.parametrize("table", ["audit_entries", "audit_people"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = 1", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_log(scene: Scene, table: str, statement: str) -> None:
    scene.office.patch(f"/api/bookings/{scene.pending()}", {"status": "accepted"})
    column = "subject_id" if table == "audit_entries" else "user_id"

    with scene.app.app_context(), pytest.raises(IntegrityError, match="only added"), writing() as session:
        session.execute(text(statement.format(table, column)))


@on_sqlite
def test_a_look_at_something_private_is_written_down(scene: Scene) -> None:
    scene.note()

    scene.office.get(f"/api/students/{scene.anna.id}/notes")
    scene.grace.get(f"/api/students/{scene.anna.id}/notes")

    (entry,) = entries(scene, looked="true")
    assert (entry["action"], entry["actor"]["id"]) == ("notes.list_notes", scene.office.id)
    assert entry["people"] == [{"id": scene.anna.id, "name": "Anna Berg"}]


def refuse_changes(app: Flask) -> None:
    """Let the database answer reads and take no change, as a standby or a full disk does."""
    with app.app_context():
        engine = db.engine
    words = "PRAGMA query_only = ON" if engine.name == "sqlite" else "SET default_transaction_read_only = on"
    event.listen(engine, "connect", lambda connection, _: connection.execute(words))
    if engine.name == "postgresql":
        event.listen(engine, "connect", lambda connection, _: connection.commit())
    engine.dispose()


@pytest.mark.middleware_not_compared
def test_what_cannot_be_written_down_is_not_shown(scene: Scene) -> None:
    path, page = f"/api/admin/people/{scene.anna.id}", f"/admin/people/{scene.anna.id}"
    reader = Visitor(scene.app).sign_in(scene.office)
    assert (scene.office.get(path).status_code, reader.open(page).status) == (200, 200)
    before = entries(scene)

    refuse_changes(scene.app)

    refused = scene.office.get(path)
    assert (refused.status_code, refused.json["type"]) == (503, "/problems/unavailable")
    assert "Nothing can be changed at the moment" in refused.json["detail"]
    assert scene.anna.email not in refused.text
    assert reader.open(page).status == 503
    assert scene.anna.email not in reader.answer.text
    assert entries(scene) == before


@on_sqlite
def test_private_endpoints_exist(scene: Scene) -> None:
    assert PRIVATE.keys() <= scene.app.view_functions.keys()


@on_sqlite
def test_commands_of_operators_are_written_down(scene: Scene) -> None:
    scene.world.operator("accounts", "set-role", scene.ben.email, "teacher")

    entry = entries(scene, about=scene.ben.id)[0]
    assert entry["actor"] == {"id": None, "name": None, "role": "operator"}
    assert entry["action"] == "accounts set-role"
    assert entry["before"] == {f"users {scene.ben.id}": {"role": "student"}}
    assert entry["after"][f"users {scene.ben.id}"] == {"role": "teacher"}


@on_sqlite
def test_no_text_of_people_and_no_secret_is_in_the_log(scene: Scene) -> None:
    gig_id, secret = scene.gig(), "another good password"
    scene.admin.patch(f"/api/gigs/{gig_id}", {"title": "Told in confidence"})
    scene.world.operator("accounts", "set-password", scene.ben.email, "--password", secret)

    found = entries(scene)

    with scene.app.app_context(), writing() as session:
        hashed = session.get_one(User, scene.ben.id).password_hash
    assert found[1]["after"][f"gigs {gig_id}"]["title"] == "a text"
    for never in ("Told in confidence", secret, hashed, scene.ben.email):
        assert never not in str(found)


@on_sqlite
def test_the_log_can_be_narrowed_and_read_page_by_page(scene: Scene) -> None:
    for person in (scene.office, scene.admin, scene.office):
        person.patch(f"/api/bookings/{scene.pending()}", {"status": "accepted"})
    first = scene.admin.get("/api/admin/audit?limit=2&action=bookings.change_booking").json

    rest = scene.admin.get(f"/api/admin/audit?action=bookings.change_booking&cursor={first['next_cursor']}").json

    assert [row["actor"]["id"] for row in first["data"] + rest["data"]] == [
        scene.office.id,
        scene.admin.id,
        scene.office.id,
    ]
    assert len(entries(scene, actor_id=scene.office.id)) == 2
    assert entries(scene, to="2001-01-01T00:00:00Z") == []


@on_sqlite
@pytest.mark.parametrize("way", ["api", "pages"])
def test_no_write_of_an_administrator_goes_by(scene: Scene, way: str) -> None:
    askers = Askers(scene, with_token if way == "api" else with_cookie)
    forgotten = []
    for endpoint in _writes(API if way == "api" else PAGES):
        path, body = endpoint.make(scene)
        asker, before = askers["admin"], _count(scene)
        answer = asker.ask(endpoint.method, path, json=body) if way == "api" else asker.send_form(path, body or {})
        assert answer.status_code < 400, (endpoint.id, answer.text)
        if _count(scene) == before:
            forgotten.append(endpoint.id)
        if endpoint.ends:
            askers.forget("admin")

    assert forgotten == []


def _writes(endpoints: list[Endpoint]) -> list[Endpoint]:
    found = [
        endpoint
        for endpoint in endpoints
        if endpoint.method != "GET"
        and not endpoint.open
        and endpoint.name not in OF_NOBODY
        and str(endpoint.statuses()["admin"])[0] in "23"
    ]
    # What ends the administrator's sign-in comes last, because the scene is made with it.
    return sorted(found, key=lambda endpoint: endpoint.ends)


def _count(scene: Scene) -> int:
    with scene.app.app_context(), writing() as session:
        return int(session.scalar(text("SELECT count(*) FROM audit_entries")) or 0)


@on_sqlite
def test_the_page_says_in_words_what_was_done_to_whom(scene: Scene) -> None:
    booking_id = scene.pending()
    scene.office.patch(f"/api/bookings/{booking_id}", {"status": "accepted"})
    scene.world.operator("accounts", "set-role", scene.ben.email, "teacher")

    page = with_cookie(scene, "admin").ask("GET", f"/admin/audit?about={scene.anna.id}&from=2000-01-01").text

    assert all(words in page for words in (scene.office.name, "Grace Hopper", "the office", f"bookings {booking_id}"))
    assert "An operator" not in page
