"""Make a commit the previous release: `.venv/bin/python -m tests.previous_release COMMIT`, when a release was made.

Its own tests of every change, every endpoint and every page run, and what they say to SQLite and PostgreSQL is kept.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from config import ROOT
from tests.previous_release import recorder
from tests.previous_release.release import COMMIT, STATEMENTS, unpack

TESTS = (
    "tests/test_cascade.py::test_exactly_the_reads_of_the_row_become_old",
    "tests/test_authorization.py::test_programs_get_what_their_users_may",
    "tests/test_authorization.py::test_readers_of_pages_get_what_they_may",
)


@click.command(help=__doc__)
@click.argument("revision", metavar="COMMIT")
def record(revision: str) -> None:
    named = subprocess.run(("git", "rev-parse", f"{revision}^{{commit}}"), cwd=ROOT, capture_output=True, check=True)
    commit = named.stdout.decode().strip()
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder) / "code"
        unpack(commit, code)
        shutil.copy(recorder.__file__, code / "statement_recorder.py")
        line = (sys.executable, "-m", "pytest", "-p", "statement_recorder", "-q", *TESTS)
        subprocess.run(line, cwd=code, env={**os.environ, "RECORD_STATEMENTS": str(STATEMENTS)}, check=True)
    COMMIT.write_text(f"{commit}\n")


if __name__ == "__main__":
    record()
