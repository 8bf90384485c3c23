"""What is known about a person is given to them, and can be erased: every column says what becomes of it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import String, update

import revisions
from extensions import Base, db
from jobs import steps
from operators.backup import tables
from operators.backup.loading import without_triggers
from operators.data.declared import TABLES
from operators.data.exporting import paths_of
from operators.data.rules import is_of
from support.servers import PostgresServer, RedisServer
from tests.support.endpoints import API
from tests.support.scene import Askers, Scene, with_token
from tests.support.world import Person, World
from tests.test_backup import LEFT_OUT, contents, run, url_of
from tests.test_migrations import app_on, fill

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

MARK = "what only this person would say"


@pytest.fixture
def scene(world: World) -> Scene:
    """A school in which everything was asked for once that writes something."""
    scene = Scene(world)
    askers = Askers(scene, with_token)
    for endpoint in (it for it in API if it.method != "GET" and not it.ends and it.group not in LEFT_OUT):
        path, body = endpoint.make(scene)
        allowed = next((actor for actor, status in endpoint.statuses().items() if status in (200, 201, 204)), None)
        if allowed:
            askers[allowed].ask(endpoint.method, path, json=body)
    steps.drain(world.app)
    return scene


def put_words_in_their_mouth(url: str, user_id: int) -> int:
    """Let all texts of the person be recognisable, whatever triggers say, and return how many columns have some."""
    number = 0
    with revisions.engine_for_migrating(url).begin() as connection, without_triggers(connection, TABLES):
        for table in Base.metadata.sorted_tables:
            for name, words in TABLES[table.name].texts.items():
                if not isinstance(table.c[name].type, String) or table.name == "users":
                    continue
                by = sa.or_(*(is_of(table, path, user_id) for path in words.by))
                length = getattr(table.c[name].type, "length", None)
                mark = MARK[:length] if name != "reference" else sa.literal(MARK) + sa.cast(table.c.id, String)
                number += bool(connection.execute(update(table).values({name: mark}).where(by)).rowcount)
    return number


def dumped(url: str) -> Iterator[str]:
    with revisions.engine_for_migrating(url).connect().execution_options(lectern_reading=True) as connection:
        for table in tables.of(connection):
            for line in tables.lines_of(connection, table):
                yield f"{table.name}: {line.decode()}"


def kept_by_redis(server: RedisServer) -> str:
    with server.client() as client:
        keys = list(client.scan_iter("*"))
        values = [client.get(key) if client.type(key) == b"string" else b"" for key in keys]
    return repr((keys, values))


def test_every_column_says_what_becomes_of_it_when_a_person_is_erased() -> None:
    columns = {table.name: {column.name for column in table.columns} for table in Base.metadata.tables.values()}

    assert {name: declared.columns() for name, declared in TABLES.items()} == columns


def test_rows_that_refer_to_people_are_theirs_to_have() -> None:
    known = {table.name for table in Base.metadata.tables.values() if paths_of(table)}

    assert {"users", "bookings", "messages", "submissions", "payment_proofs", "mails", "invoice_lines"} <= known


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ("booking_events", "booking_id>bookings.{}"),
        ("credit_notes", "booking_id>bookings.{}"),
        ("package_events", "package_id>packages.{}"),
        ("package_refunds", "package_id>packages.{}"),
        ("payment_events", "payment_id>payments.{}"),
        ("refunds", "payment_id>payments.{}"),
    ],
)
def test_what_others_did_with_ones_lessons_and_money_is_ones_own_too(table: str, path: str) -> None:
    whose = {"actor_id", path.format("student_id"), path.format("teacher_id")}

    assert set(paths_of(Base.metadata.tables[table])) == whose


@pytest.mark.parametrize("who", ["anna", "grace"])
def test_nothing_is_left_of_who_is_erased_and_the_school_goes_on(
    scene: Scene, who: str, redis_server: RedisServer
) -> None:
    person: Person = scene.people[who]
    url = url_of(scene.app)
    assert put_words_in_their_mouth(url, person.id) > 4
    before = contents(url)
    for other in scene.people.values():
        other.get("/api/bookings")

    code, said = run(scene.app, "data", "erase", "--user", str(person.id), "--yes")

    assert code == 0, said
    name, after = person_name(who), list(dumped(url))
    for secret in (name, name.lower(), person.email, MARK):
        assert [line for line in after if secret in line] == []
        assert secret not in kept_by_redis(redis_server)
    stays = ("bookings", "payments", "payment_events", "refunds", "invoices", "invoice_lines", "reviews")
    numbers = {table: number for table, (number, _) in contents(url).items()}
    assert {table: numbers[table] for table in stays} == {table: before[table][0] for table in stays}
    assert run(scene.app, "doctor", "--offline")[0] == 0
    assert person.get("/api/users/me").status_code == 401
    role = "student" if who == "anna" else "teacher"
    assert f"Former {role}" in scene.admin.get("/api/bookings").text
    assert run(scene.app, "data", "erase", "--user", str(person.id), "--yes")[0] == 0


def person_name(who: str) -> str:
    return {"anna": "Anna Berg", "grace": "Grace Hopper"}[who]


@on_sqlite
def test_what_is_exported_is_about_the_person_and_no_secret(scene: Scene, tmp_path: Path) -> None:
    file = tmp_path / "anna.zip"

    code, said = run(scene.app, "data", "export", "--user", str(scene.anna.id), "--file", str(file))

    assert code == 0, said
    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as archive:
        found, names = json.loads(archive.read("data.json")), archive.namelist()
    assert found["users"][0]["email"] == scene.anna.email
    assert {"bookings", "payments", "messages", "submissions", "sign_ins", "reviews"} <= set(found)
    assert [name for name in names if name.startswith("files/payment_proofs-")]
    assert "password_hash" not in found["users"][0]
    assert {row["student_id"] for row in found["bookings"]} == {scene.anna.id}
    for table in ("booking_events", "payment_events", "refunds"):
        assert {row["actor_id"] for row in found[table]} - {scene.anna.id}, table
    assert all(note["shared"] for note in found.get("notes", []))


@on_sqlite
def test_there_is_nothing_about_nobody(world: World, tmp_path: Path) -> None:
    file = tmp_path / "nobody.zip"

    results = [
        run(world.app, "data", "export", "--user", "99", "--file", str(file)),
        run(world.app, "data", "erase", "--user", "99", "--yes"),
    ]

    assert [(code, "no user 99" in said) for code, said in results] == [(1, True)] * 2
    assert not file.exists()


def test_a_row_of_every_table_is_copied_to_postgresql_and_back(
    sqlite_url: str, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    app, there, back = app_on(sqlite_url, tmp_path), postgres_server.create_database("rows"), tmp_path / "back.db"
    with app.app_context(), db.engine.begin() as connection:
        fill(connection)

    results = [
        run(app, "data", "copy", "--from", sqlite_url, "--to", there),
        run(app, "data", "copy", "--from", there, "--to", f"sqlite:///{back}"),
    ]

    assert [code for code, _ in results] == [0, 0], results
    assert contents(sqlite_url) == contents(there) == contents(f"sqlite:///{back}")
    assert {name for name, (number, _) in contents(there).items() if not number} == {"waiting_payments"}


@on_sqlite
def test_all_data_is_copied_to_postgresql_and_back(
    scene: Scene, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    first, second = url_of(scene.app), postgres_server.create_database("copied")
    third = f"sqlite:///{tmp_path / 'copied.db'}"

    there = run(scene.app, "data", "copy", "--from", first, "--to", second)
    back = run(scene.app, "data", "copy", "--from", second, "--to", third)
    again = run(scene.app, "data", "copy", "--from", first, "--to", second)

    assert (there[0], back[0]) == (0, 0), there[1] + back[1]
    assert contents(first) == contents(second) == contents(third)
    for url in (second, third):
        code, said = run(app_on(url, tmp_path), "doctor", "--offline")
        assert code == 0, said
    assert (again[0], "People are in the target" in again[1]) == (1, True)
