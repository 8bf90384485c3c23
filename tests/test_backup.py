"""A backup is everything at one moment, and comes back whole, or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

import revisions
from extensions import db
from operators.backup import archive, restoring, saving, tables
from operators.backup.archive import UnusableBackup
from support.servers import PostgresServer
from tests.conftest import SATURDAY
from tests.support import emptying
from tests.support.endpoints import API
from tests.support.scene import Askers, Scene, with_token
from tests.support.world import World
from tests.test_migrations import app_on

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# What others do elsewhere, and what would end the sign-ins of the others.
LEFT_OUT = ("cache", "webhooks", "auth", "mail", "people")


def run(app: Flask, *command: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=list(command))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def url_of(app: Flask) -> str:
    with app.app_context():
        return db.engine.url.render_as_string(hide_password=False)


def contents(url: str) -> dict[str, tuple[int, str]]:
    """Return what is in each table of a database, as numbers that can be compared."""
    with revisions.engine_for_migrating(url).connect().execution_options(lectern_reading=True) as connection:
        found = {table.name: tables.content_of(connection, table) for table in tables.of(connection)}
    return {name: (content.number, content.digest) for name, content in found.items()}


@pytest.fixture
def filled(world: World) -> World:
    """A school in which everything was asked for once that writes something."""
    scene = Scene(world)
    askers = Askers(scene, with_token)
    for endpoint in (it for it in API if it.method != "GET" and not it.ends and it.group not in LEFT_OUT):
        path, body = endpoint.make(scene)
        allowed = next((actor for actor, status in endpoint.statuses().items() if status in (200, 201, 204)), None)
        if allowed:
            askers[allowed].ask(endpoint.method, path, json=body)
    return world


@pytest.fixture
def gives_back_the_shared_database() -> Iterator[None]:
    """Let the next test make anew what tests have in PostgreSQL's database, and a restore takes away."""
    yield
    emptying._with_function.cache_clear()


@pytest.fixture
def backup(filled: World, tmp_path: Path) -> Path:
    file = tmp_path / "backup"
    code, said = run(filled.app, "backup", str(file))
    assert code == 0, said
    return file


@pytest.mark.usefixtures("gives_back_the_shared_database")
def test_what_is_restored_is_what_was_there_and_no_cached_answer_of_later_counts(filled: World, backup: Path) -> None:
    before = contents(url_of(filled.app))
    gigs = filled.anyone.get("/api/gigs").json["data"]
    with filled.app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE gigs SET title = 'Later'"))
    assert run(filled.app, "cache", "clear")[0] == 0
    assert {gig["title"] for gig in filled.anyone.get("/api/gigs").json["data"]} == {"Later"}

    code, said = run(filled.app, "restore", str(backup), "--replace")

    assert code == 0, said
    assert contents(url_of(filled.app)) == before
    assert sum(number > 0 for number, _ in before.values()) > 40
    anew = app_on(url_of(filled.app), Path(filled.app.instance_path))
    assert run(anew, "doctor", "--offline")[0] == 0
    assert anew.test_client().get("/api/gigs").json["data"] == gigs
    word = gigs[0]["title"].split()[0]
    assert anew.test_client().get("/api/gigs", query_string={"q": word}).json["data"]
    # New ids come after those of the backup.
    assert World(anew, lambda: None).student(email="late@example.org").id > before["users"][0]


def test_a_backup_while_people_write_is_the_state_of_one_moment(world: World, tmp_path: Path) -> None:
    grace, ada = world.teacher(), world.student()
    gig = world.gig(grace)
    enough, made = threading.Event(), []

    def book() -> None:
        with world.app.app_context():
            number = 0
            while not enough.is_set():
                booking = world.booking(ada, gig, starts_at=world.at(days=number + 2))
                made.append(booking)
                number += 1

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(book)
        while len(made) < 2 and not writer.done():
            pass
        files = [tmp_path / f"backup-{number}" for number in range(3)]
        for file in files:
            assert run(world.app, "backup", str(file))[0] == 0
        enough.set()
        writer.result()

    for number, file in enumerate(files):
        url = f"sqlite:///{tmp_path / f'{number}.db'}"
        app = app_on(url, tmp_path)
        with app.app_context():
            restoring.restore(file, url)
        code, said = run(app, "doctor", "--offline")
        assert code == 0, said
        with app.app_context(), db.engine.connect() as connection:
            bookings, histories = (
                connection.scalar(sa.text(f"SELECT count({what}) FROM {table}"))
                for what, table in (("*", "bookings"), ("DISTINCT booking_id", "booking_events"))
            )
        assert bookings == histories > 0


def one_bit_changed(content: bytes, member: bytes) -> bytes:
    """Change a bit of the first thing that stands after a member's name, its data."""
    place = content.index(member) + len(member) + 40
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@on_sqlite
@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda content: content[: len(content) // 2], id="cut off"),
        pytest.param(lambda content: one_bit_changed(content, b"tables/gigs.jsonl"), id="a bit"),
        pytest.param(lambda _: b"no backup", id="something else"),
    ],
)
def test_a_damaged_file_changes_nothing(world: World, tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    world.gig(world.teacher())
    file = tmp_path / "backup"
    run(world.app, "backup", str(file))
    file.write_bytes(harm(file.read_bytes()))
    before = contents(url_of(world.app))

    code, said = run(world.app, "restore", str(file), "--replace")

    assert code == 1
    assert str(file) in said or "damaged" in said
    assert contents(url_of(world.app)) == before


@on_sqlite
def test_a_database_in_use_is_only_replaced_when_that_is_asked_for(world: World, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    run(world.app, "backup", str(file))
    world.student()
    before = contents(url_of(world.app))

    code, said = run(world.app, "restore", str(file))

    assert (code, "--replace" in said) == (1, True)
    assert contents(url_of(world.app)) == before


@on_sqlite
def test_kept_mails_and_the_key_come_along(world: World, tmp_path: Path) -> None:
    instance = Path(world.app.instance_path)
    kept = {instance / "secret_key": b"the key of then", instance / "mail" / "one.eml": b"a mail"}
    for path, content in kept.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    run(world.app, "backup", str(tmp_path / "backup"))
    for path in kept:
        path.unlink()

    code, _ = run(world.app, "restore", str(tmp_path / "backup"))

    assert code == 0
    assert {path: path.read_bytes() for path in kept} == kept
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in kept)


@on_sqlite
def test_a_backup_is_for_its_owner_alone_and_replaces_no_other(world: World, tmp_path: Path) -> None:
    file = tmp_path / "backup"

    first, second = run(world.app, "backup", str(file)), run(world.app, "backup", str(file))

    assert (first[0], second[0]) == (0, 1)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob("*backup*")] == ["backup"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_of_an_older_version_is_migrated(
    tmp_path: Path, postgres_server: PostgresServer, kind: str, sqlite_template: Path
) -> None:
    old, new = f"sqlite:///{tmp_path / 'old.db'}", f"sqlite:///{tmp_path / 'new.db'}"
    if kind == "postgresql":
        new = postgres_server.create_database("restored")
    app = app_on(new, tmp_path)
    with app.app_context():
        with revisions.engine_for_migrating(old).begin() as connection:
            revisions.upgrade(connection, "0012")
            connection.execute(
                sa.text(
                    "INSERT INTO users (id, email, name, password_hash, role, time_zone, headline, bio, rating_sum, "
                    "rating_count, active, created_at) VALUES (7, 'ada@example.org', 'Ada', 'x', 'student', 'UTC', "
                    "'', '', 0, 0, 1, '2026-01-01 00:00:00.000000')"
                )
            )
        saving.save(old, tmp_path / "backup", SATURDAY)

        restoring.restore(tmp_path / "backup", new)

        with db.engine.connect() as connection:
            assert revisions.why_unusable(connection) is None
            assert connection.execute(sa.text("SELECT id, name FROM users")).all() == [(7, "Ada")]


@on_sqlite
def test_a_backup_of_a_newer_version_is_refused(world: World, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    with world.app.app_context():
        with db.engine.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        saving.save(url_of(world.app), file, SATURDAY)

        with pytest.raises(UnusableBackup, match="newer"):
            restoring.restore(file, f"sqlite:///{tmp_path / 'other.db'}")

    assert not (tmp_path / "other.db").exists()


@on_sqlite
def test_members_that_no_backup_has_are_not_written(world: World, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    instance = tmp_path / "restored"
    with world.app.app_context():
        manifest = saving.save(url_of(world.app), tmp_path / "good", SATURDAY)
        manifest.tables, manifest.checksums = [], {}
        with archive.create(file, manifest) as writer:
            writer.add("files/mail/../../outside.eml", [b"x"])

        with pytest.raises(UnusableBackup):
            restoring.restore(file, f"sqlite:///{tmp_path / 'other.db'}", instance=instance)

    assert not (tmp_path / "outside.eml").exists()
