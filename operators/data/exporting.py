"""Everything about a person in a zip: rows as JSON, and the files that they have handed in."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, LargeBinary, RowMapping, Table, or_, select

from accounts.models import User
from database import reading
from errors import NotFound
from extensions import Base
from operators.data.rules import is_of
from students.notes.models import Note

# Rows that name a person without referring to them, and rows that are no person's business.
_ALSO = {"mails": ("user_id",)}
_NOT_ABOUT_PEOPLE = frozenset({"webhook_deliveries", "gig_documents", "gig_views", "kept_answers"})
# Who has one of these could act as the person.
_SECRETS = frozenset({"password_hash", "digest", "refresh_id", "salt", "old_salt", "secret_check", "token", "viewer"})
_ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


def export(user_id: int, file: Path) -> int:
    """Write everything about a person into a zip for its owner alone, and return how many rows there are.

    Raises NotFound if there is no such person.
    """
    with reading() as connection:
        if connection.scalar(select(User.id).where(User.id == user_id)) is None:
            raise NotFound
        opened = os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        with opened, zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED) as archive:
            found = {name: rows for name, rows in _tables(connection, user_id, archive) if rows}
            archive.writestr("data.json", orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z))
    return sum(map(len, found.values()))


def paths_of(table: Table) -> list[str]:
    """Name the columns that say which person a row is about, itself or by the row that it belongs to."""
    if table.name in _NOT_ABOUT_PEOPLE:
        return []
    own = [*_people(table), *_ALSO.get(table.name, ())]
    if own or table.name == "users":
        return own or ["id"]
    parents = ((key.parent.name, key.column.table) for key in table.foreign_keys)
    return [f"{name}>{parent.name}.{column}" for name, parent in parents for column in _people(parent)]


def _people(table: Table) -> list[str]:
    return [key.parent.name for key in table.foreign_keys if key.column.table.name == "users"]


def _tables(connection: Connection, user_id: int, archive: zipfile.ZipFile) -> Iterator[tuple[str, list[Any]]]:
    for table in Base.metadata.sorted_tables:
        if paths := paths_of(table):
            about = or_(*(is_of(table, path, user_id) for path in paths))
            if table.name == Note.__tablename__:
                # What a teacher has written for nobody else is the teacher's.
                about &= Note.shared | (Note.author_id == user_id)
            rows = connection.execute(select(table).where(about)).mappings()
            yield str(table.name), [_shown(table, row, archive) for row in rows]


def _shown(table: Table, row: RowMapping, archive: zipfile.ZipFile) -> dict[str, Any]:
    """Turn a row into JSON.

    A file in it becomes one in the zip, and its name stands there.
    """
    shown = {str(name): value for name, value in row.items() if name not in _SECRETS}
    for column in table.columns:
        if isinstance(column.type, LargeBinary):
            ending = _ENDINGS.get(str(row.get("media_type")), "bin")
            name = f"files/{table.name}-{row[next(iter(table.primary_key)).name]}.{ending}"
            archive.writestr(name, row[column.name])
            shown[column.name] = name
    return shown
