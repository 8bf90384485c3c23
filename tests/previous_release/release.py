"""Which commit counts as the previous release, and its code, where the repository's history is there."""

from __future__ import annotations

import compileall
import gzip
import json
import subprocess
from pathlib import Path

from config import ROOT

FOLDER = Path(__file__).parent
COMMIT = FOLDER / "commit"
STATEMENTS = FOLDER / "statements.json.gz"


def commit() -> str:
    """Return the commit that is recorded."""
    return COMMIT.read_text().strip()


def statements() -> dict[str, list[str]]:
    """Return what that release says to each kind of database."""
    said: dict[str, list[str]] = json.loads(gzip.decompress(STATEMENTS.read_bytes()))
    return said


def is_in_history(revision: str) -> bool:
    """Tell whether the code of a commit is here; a shallow clone has only the newest."""
    line = ("git", "cat-file", "-e", f"{revision}^{{commit}}")
    return subprocess.run(line, cwd=ROOT, capture_output=True, check=False).returncode == 0


def unpack(revision: str, folder: Path) -> None:
    """Put the code of a commit into a folder."""
    folder.mkdir()
    archive = subprocess.run(("git", "archive", revision), cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(("tar", "-x"), cwd=folder, input=archive, check=True)
    # Each of many processes would do this anew.
    compileall.compile_dir(folder, quiet=2)
