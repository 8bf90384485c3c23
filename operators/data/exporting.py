"""Everything about a person in a zip: rows as JSON, and the files that they have handed in."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import orjson
from sqlalchemy import Column, ColumnElement, Connection, LargeBinary, RowMapping, Table, or_, select

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
# So many rows are in memory.
AT_ONCE = 200
_ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


def export(user_id: int, file: Path) -> int:
    """Write everything about a person into a zip for its owner alone, and return how many rows there are.

    Raises NotFound if there is no such person.
    """
    opened = os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    try:
        with opened:
            return write(user_id, opened)
    except NotFound:
        file.unlink()
        raise


def write(user_id: int, opened: IO[bytes]) -> int:
    """Write the same into an open file, and return how many rows there are.

    Few of them are in memory at a time. Raises NotFound if there is no such person.
    """
    with reading() as connection:
        if connection.scalar(select(User.id).where(User.id == user_id)) is None:
            raise NotFound
        with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED) as archive:
            with archive.open("data.json", "w", force_zip64=True) as data:
                number = _write_rows(connection, user_id, data)
            for name, content in _files(connection, user_id):
                archive.writestr(name, content)
    return number


def paths_of(table: Table) -> list[str]:
    """Name the columns that say which person a row is about, itself or by the row that it belongs to."""
    if table.name in _NOT_ABOUT_PEOPLE:
        return []
    own = [*_people(table), *_ALSO.get(table.name, ())]
    if table.name == "users":
        return ["id"]
    # Who acted is only one of those whom a row is about: a refund is also its student's and its teacher's.
    if set(own) - {"actor_id"}:
        return own
    parents = ((key.parent.name, key.column.table) for key in table.foreign_keys)
    return own + [f"{name}>{parent.name}.{column}" for name, parent in parents for column in _people(parent)]


def _people(table: Table) -> list[str]:
    return [key.parent.name for key in table.foreign_keys if key.column.table.name == "users"]


def _about(user_id: int) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Name the tables that know something about people, and which of their rows are about this one."""
    for table in Base.metadata.sorted_tables:
        if paths := paths_of(table):
            about = or_(*(is_of(table, path, user_id) for path in paths))
            if table.name == Note.__tablename__:
                # What a teacher has written for nobody else is the teacher's.
                about &= Note.shared | (Note.author_id == user_id)
            yield table, about


def _write_rows(connection: Connection, user_id: int, data: IO[bytes]) -> int:
    """Write an object with a list of rows for each table that has some, the person's account among them."""
    number, present = 0, ""
    for table, about in _about(user_id):
        columns = [column for column in table.columns if not _is_file(column)]
        has = [column.is_not(None).label(column.name) for column in table.columns if _is_file(column)]
        found = select(*columns, *has).where(about).execution_options(yield_per=AT_ONCE)
        for row in connection.execute(found).mappings():
            if table.name == present:
                data.write(b",\n  ")
            else:
                data.write((b"\n]," if present else b"{") + b'\n"%s": [\n  ' % table.name.encode())
                present = table.name
            data.write(orjson.dumps(_shown(table, row), option=orjson.OPT_UTC_Z))
            number += 1
    data.write(b"\n]\n}\n")
    return number


def _shown(table: Table, row: RowMapping) -> dict[str, Any]:
    """Turn a row into JSON, with the name of a file in the place of the file."""
    files = {column.name for column in table.columns if _is_file(column)}
    return {
        str(name): (_name_of(table, row) if value else None) if name in files else value
        for name, value in row.items()
        if name not in _SECRETS
    }


def _files(connection: Connection, user_id: int) -> Iterator[tuple[str, bytes]]:
    """Read the files that the rows name, one after the other."""
    for table, about in _about(user_id):
        for column in filter(_is_file, table.columns):
            found = select(table).where(about, column.is_not(None)).execution_options(yield_per=1)
            yield from ((_name_of(table, row), row[column.name]) for row in connection.execute(found).mappings())


def _is_file(column: Column[Any]) -> bool:
    return isinstance(column.type, LargeBinary)


def _name_of(table: Table, row: RowMapping) -> str:
    ending = _ENDINGS.get(str(row.get("media_type")), "bin")
    return f"files/{table.name}-{row[next(iter(table.primary_key)).name]}.{ending}"
