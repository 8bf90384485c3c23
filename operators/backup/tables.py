"""Rows of all tables in one form for both databases, whatever revision the tables have.

The models are those of this Lectern, and a backup may be older, so the tables are described by the database itself.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Dialect, TableClause, column, select, table
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.types import TypeDecorator, TypeEngine

from database import Instant
from revisions import is_of_models

# What a database has for itself. The cache's tables are left out so that a restored or copied database is another
# installation to the cache: no answer that an earlier one has stored counts any more, in whichever Redis it is.
_NOT_CARRIED = ("alembic_version", "cache_outbox", "cache_state", "sqlite_")
_FORM = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z
AT_ONCE = 2_000


class _SearchedWords(TypeDecorator[str]):
    """Words that PostgreSQL can search, as SQLite has them: in order, with blanks."""

    impl = TSVECTOR
    cache_ok = True

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[str]:
        """Read them as a text."""
        return sa.func.array_to_string(sa.func.tsvector_to_array(column), " ", type_=self)

    def bind_expression(self, bindparam: ColumnElement[Any]) -> ColumnElement[Any]:
        """Write them from one."""
        return sa.func.array_to_tsvector(sa.func.string_to_array(sa.cast(bindparam, sa.Text), " "))

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Sort them as Python does."""
        return value and " ".join(sorted(value.split(" ")))


@dataclass(slots=True)
class Content:
    """How many rows a table has, and a digest of them that does not depend on their order."""

    number: int = 0
    _sum: int = field(default=0, repr=False)

    def add(self, line: bytes) -> None:
        """Count one row."""
        self.number += 1
        self._sum = (self._sum + int.from_bytes(hashlib.blake2b(line, digest_size=16).digest())) % 2**128

    @property
    def digest(self) -> str:
        """Return what two tables with the same rows have in common."""
        return f"{self._sum:032x}"


def of(connection: Connection) -> list[TableClause]:
    """Describe the tables that a backup has, each after those that it refers to."""
    inspector = sa.inspect(connection)
    names = [name for name, _ in inspector.get_sorted_table_and_fkc_names() if name]
    ours = [name for name in names if is_of_models(name, "table", ()) and not name.startswith(_NOT_CARRIED)]
    # What the database makes of other columns nobody can write.
    written = {name: [it for it in inspector.get_columns(name) if "computed" not in it] for name in ours}
    return [table(name, *(column(it["name"], _type_of(it["type"])) for it in written[name])) for name in ours]


def in_order(found: TableClause, names: Iterable[str]) -> TableClause:
    """Describe a table with its columns in another order: that of a backup."""
    return table(found.name, *(column(name, found.columns[name].type) for name in names))


def _type_of(found: TypeEngine[Any]) -> TypeEngine[Any]:
    if isinstance(found, sa.JSON):
        return sa.JSON(none_as_null=True)
    if isinstance(found, TSVECTOR):
        return _SearchedWords()
    return Instant() if isinstance(found, sa.DateTime) else found


def lines_of(connection: Connection, source: TableClause) -> Iterator[bytes]:
    """Read all rows, each as a line of JSON."""
    for row in connection.execute(select(*source.columns).execution_options(yield_per=AT_ONCE)):
        yield orjson.dumps(tuple(row), default=_encoded, option=_FORM)


def content_of(connection: Connection, source: TableClause) -> Content:
    """Count and digest the rows of a table."""
    content = Content()
    for line in lines_of(connection, source):
        content.add(line)
    return content


def values_of(target: TableClause, lines: Iterable[bytes]) -> Iterator[list[dict[str, Any]]]:
    """Turn lines back into values of the columns of a table, many rows at a time."""
    columns = [(it.name, _reader_of(it.type)) for it in target.columns]
    rest = iter(lines)
    while batch := list(islice(rest, AT_ONCE)):
        yield [
            {
                name: read(value) if read and value is not None else value
                for (name, read), value in zip(columns, orjson.loads(line), strict=True)
            }
            for line in batch
        ]


def _encoded(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    raise TypeError(f"A backup knows no {type(value).__name__}.")


def _reader_of(kind: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    if isinstance(kind, Instant):
        return datetime.fromisoformat
    if isinstance(kind, sa.Date):
        return date.fromisoformat
    return base64.b64decode if isinstance(kind, sa.LargeBinary) else None
