"""What an operator meets in the shell: private files, and one sentence where the database cannot be used."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import text

from config import ROOT
from extensions import db
from revisions import BEHIND, NEWER
from tests.test_migrations import app_on

COMMANDS = (("accounts", "deactivate", "nobody@example.org"), ("cache", "drain"), ("cache", "doctor"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def run(app: Flask, *command: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=list(command))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.fixture
def open_umask() -> Iterator[None]:
    """Let new files be readable by all, as most systems do."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_files_that_a_command_makes_are_for_their_owner_alone(tmp_path: Path) -> None:
    instance = tmp_path / "fresh" / "instance"

    app = app_on(f"sqlite:///{instance / 'lectern.db'}", instance)
    with app.app_context():
        flask_migrate.upgrade(str(ROOT / "migrations"))
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
            files = {file.name: mode(file) for file in instance.iterdir()}
        db.engine.dispose()

    assert mode(instance) == 0o700
    assert files == dict.fromkeys(("lectern.db", "lectern.db-wal", "lectern.db-shm"), 0o600)


def test_what_is_open_to_all_is_closed(sqlite_template: Path, tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    instance.mkdir()
    shutil.copy(sqlite_template, instance / "lectern.db")
    instance.chmod(0o755)
    (instance / "lectern.db").chmod(0o664)

    app_on(f"sqlite:///{instance / 'lectern.db'}", instance)

    assert (mode(instance), mode(instance / "lectern.db")) == (0o750, 0o660)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
@pytest.mark.parametrize(
    ("version", "sentence"), [(None, BEHIND), ("0001", BEHIND), ("9999", NEWER)], ids=["none", "older", "newer"]
)
def test_commands_refuse_tables_of_another_lectern(
    app_at: Callable[[str], Flask],
    sqlite_url: str,
    tmp_path: Path,
    command: tuple[str, ...],
    version: str | None,
    sentence: str,
) -> None:
    app = app_at(sqlite_url)
    with sqlite3.connect(tmp_path / "lectern.db") as connection:
        if version is None:
            connection.execute("DROP TABLE alembic_version")
        else:
            connection.execute("UPDATE alembic_version SET version_num = ?", [version])
    connection.close()

    assert run(app, *command) == (1, f"Error: {sentence}\n")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
def test_commands_without_a_database_end_with_one_line(
    app_at: Callable[[str], Flask], tmp_path: Path, command: tuple[str, ...]
) -> None:
    app = app_at(f"postgresql+psycopg://lectern@/nothing?host={tmp_path}")

    code, output = run(app, *command)

    assert code == 1
    assert output.startswith("Error: The database cannot be used: ")
    assert output.count("\n") == 1


def test_preparing_without_a_database_says_so_without_a_traceback(tmp_path: Path) -> None:
    url = f"postgresql://lectern@/nothing?host={tmp_path}"
    environ = {**os.environ, "DATABASE_URL": url, "LECTERN_INSTANCE": str(tmp_path), "REDIS_URL": "redis://nowhere"}

    line = (sys.executable, "-m", "server.prepare")
    result = subprocess.run(line, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)

    assert result.returncode == 1
    assert "The database cannot be used: " in result.stderr
    assert "Traceback" not in result.stderr
