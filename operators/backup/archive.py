"""The file of a backup: a zip with a member for each table, one for each kept file, and a manifest.

manifest.json         the revision of the tables, how many rows each has, and checksums of all members
tables/users.jsonl    the rows of a table, each a JSON array
files/secret_key      a file of the instance folder
"""

from __future__ import annotations

import hashlib
import os
import secrets
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

import orjson

FORMAT = 1
_MANIFEST = "manifest.json"
_CHUNK = 1 << 20


class UnusableBackup(Exception):
    """A file is no backup, is damaged, or cannot be restored here.

    The message says why.
    """


@dataclass(frozen=True, slots=True)
class StoredTable:
    """What the manifest says of a table."""

    name: str
    columns: list[str]
    rows: int
    # Of its rows, whatever their order, so that another database can be compared with it.
    content: str
    # The last id that was given, also to rows that are gone: none is ever given again.
    last_id: int | None = None


@dataclass(kw_only=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    format: int = FORMAT
    made_at: str
    database: str
    revision: str
    tables: list[StoredTable] = field(default_factory=list)
    # Of each member: SHA-256.
    checksums: dict[str, str] = field(default_factory=dict)


class Writer:
    """A backup that is being written."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._archive = archive
        self.manifest = manifest

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write a member and note its checksum."""
        digest = hashlib.sha256()
        with self._archive.open(name, "w", force_zip64=True) as member:
            for chunk in chunks:
                digest.update(chunk)
                member.write(chunk)
        self.manifest.checksums[name] = digest.hexdigest()

    def close(self) -> None:
        """Write the manifest, without which a file is no backup."""
        self._archive.writestr(_MANIFEST, orjson.dumps(self.manifest, option=orjson.OPT_INDENT_2))


@contextmanager
def create(file: Path, manifest: Manifest) -> Iterator[Writer]:
    """Write a backup that appears whole or not at all, readable by its owner alone."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
                writer = Writer(archive, manifest)
                yield writer
                writer.close()
            opened.flush()
            os.fsync(opened.fileno())
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)


class Reader:
    """A backup whose members are all as they were written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Read the manifest and compare the checksums of all members.

        Raises UnusableBackup.
        """
        self._archive = archive
        self.manifest = _manifest_of(archive)
        for name, checksum in self.manifest.checksums.items():
            if self._checksum(name) != checksum:
                raise UnusableBackup(f"The backup is damaged: {name} is not what was written.")

    def lines(self, name: str) -> Iterator[bytes]:
        """Read a member line by line."""
        with self._archive.open(name) as member:
            for line in cast(BinaryIO, member):
                yield line.rstrip(b"\n")

    def files(self) -> Iterator[tuple[PurePosixPath, bytes]]:
        """Read the files of the instance folder, with their paths below it."""
        for name in self.manifest.checksums:
            kind, _, path = name.partition("/")
            if kind == "files":
                yield PurePosixPath(path), self._archive.read(name)

    def _checksum(self, name: str) -> str:
        digest = hashlib.sha256()
        with self._archive.open(name) as member:
            while chunk := member.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()


@contextmanager
def read(file: Path) -> Iterator[Reader]:
    """Open a backup.

    Raises UnusableBackup.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            yield Reader(archive)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
        raise UnusableBackup(f"{file} is no backup, or it is damaged ({error}).") from error
    except OSError as error:
        raise UnusableBackup(f"{file} cannot be read: {error.strerror or error}.") from error


def _manifest_of(archive: zipfile.ZipFile) -> Manifest:
    try:
        found: dict[str, Any] = orjson.loads(archive.read(_MANIFEST))
        stored = [StoredTable(**it) for it in found.pop("tables")]
        manifest = Manifest(**found, tables=stored)
    except (orjson.JSONDecodeError, TypeError, AttributeError) as error:
        raise UnusableBackup(f"The backup's manifest cannot be read ({error}).") from error
    if manifest.format != FORMAT:
        raise UnusableBackup("The backup was made by a newer Lectern: restore it with that one.")
    return manifest
