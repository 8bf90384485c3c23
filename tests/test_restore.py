"""A backup of SQLite is restored as docs/operating.md says, whatever the server left behind."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT

# A server's process: writes, and ends with what it wrote last in lectern.db-wal.
SERVER = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("PRAGMA synchronous = OFF")
for number in range(500):
    connection.execute("INSERT INTO cache_outbox VALUES (?, 'late', 'x', 'x', '2026')", [number + 100])
os._exit(0) if sys.argv[2] == "clean stop" else os.kill(os.getpid(), signal.SIGKILL)
"""


def restoring() -> str:
    """The commands of the documentation."""
    text = (ROOT / "docs" / "operating.md").read_text()
    found = re.search(r"### Restoring SQLite\n.*?```sh\n(.*?)```", text, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize("end", ["clean stop", "SIGKILL"])
def test_what_is_restored_is_whole_and_what_was_backed_up(sqlite_template: Path, tmp_path: Path, end: str) -> None:
    instance, backup = tmp_path / "instance", tmp_path / "backup"
    instance.mkdir()
    backup.mkdir()
    database = instance / "lectern.db"
    with sqlite3.connect(sqlite_template) as source, sqlite3.connect(database) as target:
        source.backup(target)
    with sqlite3.connect(database) as running, sqlite3.connect(backup / "lectern.db") as copy:
        running.execute("INSERT INTO cache_outbox (owner, name, mark, created_at) VALUES ('kept', 'x', 'x', '2026')")
        running.commit()
        running.backup(copy)
    for connection in (source, target, running, copy):
        connection.close()
    subprocess.run([sys.executable, "-c", SERVER, database, end], check=False)
    assert (instance / "lectern.db-wal").stat().st_size > 0

    commands = restoring().replace("/backup/", f"{backup}/")
    subprocess.run(["bash", "-euc", commands], cwd=tmp_path, check=True)

    connection = sqlite3.connect(database)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("SELECT owner FROM cache_outbox").fetchall() == [("kept",)]
    connection.close()
