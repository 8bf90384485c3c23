"""Copy all data into another database, of the same kind or the other one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from operators.backup import restoring, saving
from operators.backup.archive import Manifest, UnusableBackup


def copy(source: str, target: str, now: datetime) -> Manifest:
    """Copy a database as it is at this moment, and return what was copied.

    The copy is compared with what was read, table by table, before it is committed. Raises UnusableBackup, and then
    the target is as it was: if people are in it, or if it is the source itself.
    """
    if source == target:
        raise UnusableBackup("A database cannot be copied to itself.")
    if restoring.has_people(target):
        raise UnusableBackup("People are in the target already: an empty database is needed.")
    with TemporaryDirectory(prefix="lectern-") as folder:
        file = Path(folder) / "copy"
        manifest = saving.save(source, file, now)
        restoring.restore(file, target)
    return manifest
