"""Define column types, set up the engine, and open the two kinds of transaction.

A read runs in `reading()`: a fresh, read-only snapshot that sees one state of the database. A change runs in
`writing()`: one transaction on the scoped session, committed at the end of the outermost block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

from sqlalchemy import (
    BigInteger,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    UpdateBase,
    event,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session, aliased
from sqlalchemy.types import TypeDecorator

from errors import Busy
from extensions import db
from outages import current_watch

T = TypeVar("T")

# Ids are positive 63-bit integers; SQLite only numbers rows by itself where the column is a plain INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")
MAX_ID = 2**63 - 1

# PostgreSQL: deadlock, lock not available, serialization failure.
_CONTENTION_STATES = {"40P01", "55P03", "40001"}

_INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class Instant(TypeDecorator[datetime]):
    """A point in time: aware in Python, UTC in the database.

    A naive value is refused.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC.

        SQLite knows no zones, so it gets the bare UTC time.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant needs a time zone.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC, whatever zone the database session speaks."""
        if value is None:
            return None
        return value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Return what turns a column's value into an instant.

        SQLite's text in one step, because lists have many.
        """
        if dialect.name == "sqlite":
            return _from_sqlite
        return super().result_processor(dialect, coltype)


def enum_column(enumeration: type[StrEnum], length: int) -> Enum:
    """Return the type of a column that holds an enumeration's words as text.

    The database checks them with a constraint made by `one_of`.
    """
    return Enum(
        enumeration,
        length=length,
        native_enum=False,
        values_callable=lambda members: [member.value for member in members],
    )


def one_of(column: str, words: Iterable[str]) -> str:
    """Write the condition that a column has one of these words."""
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


def _from_sqlite(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text + "+00:00")


@contextmanager
def reading() -> Iterator[Connection]:
    """Open a fresh read-only snapshot and close it at the end of the block.

    Inside a write transaction read that one.

    It hands out a connection rather than a session: queries select columns, and no identity map can answer with
    what an earlier transaction saw. Raises Unavailable if the database cannot answer.
    """
    if in_write_transaction():
        yield db.session().connection()
        return
    options: dict[str, Any] = {"lectern_reading": True}
    if db.engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    watch = current_watch()
    watch.refuse_while_down()
    try:
        with db.engine.connect() as connection:
            yield connection.execution_options(**options)
    except SQLAlchemyError as error:
        if refusal := watch.refusal(error):
            raise refusal from error
        raise


def alias_of(model: type[T]) -> type[T]:
    """Return a second name of a table, for a query that needs it twice.

    Made once, when its module is imported.

    SQLAlchemy prepares an alias's columns at first use, and there two threads can spoil each other's work: the query
    then shows the table's own rows, other people's names. So they are prepared here, before there are threads.
    """
    alias = aliased(model)
    select(*(getattr(alias, attribute.key) for attribute in inspect(model).column_attrs))
    return alias


def in_write_transaction() -> bool:
    """Tell whether the scoped session has an open transaction.

    Its uncommitted changes must not meet the cache.
    """
    return bool(db.session.registry.has() and db.session().in_transaction())


@contextmanager
def writing() -> Iterator[Session]:
    """Run one write transaction.

    An inner block joins the outer one, and only the outermost commits.

    Any exception rolls everything back. Raises Busy if other writers held the database's locks for too long, and
    Unavailable if the database cannot be reached or takes no changes.
    """
    session = db.session()
    if session.info.get("writing"):
        yield session
        return
    watch = current_watch()
    watch.refuse_while_down()
    session.info["writing"] = True
    try:
        yield session
        session.commit()
        watch.has_written()
    except SQLAlchemyError as error:
        session.rollback()
        if refusal := Busy() if _is_contention(error) else watch.refusal(error):
            raise refusal from error
        raise
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("writing", None)
        session.close()


def in_batches(run: Callable[[Session], int], *, size: int) -> int:
    """Run write transactions until one has done less than `size`, and return how much was done."""
    done = 0
    while True:
        with writing() as session:
            number = run(session)
        done += number
        if number < size:
            return done


def changed_rows(session: Session, statement: UpdateBase) -> int:
    """Run an UPDATE or DELETE and return how many rows it changed: the outcome of a compare-and-swap."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount


def change_in_bulk(session: Session, statement: UpdateBase) -> int:
    """Run an UPDATE or DELETE past the objects of the session, and return how many rows it changed.

    For tables whose rows nobody has at hand as objects: to look for them takes longer than the statement.
    """
    return changed_rows(session, statement.execution_options(synchronize_session=False))


def insert_into(table: Any, dialect: str) -> Any:
    """Begin an INSERT that can say what becomes of a row that is there already.

    Both databases have the same clause, and SQLAlchemy has it in two classes.
    """
    return _INSERTS[dialect](table)


def _is_contention(error: SQLAlchemyError) -> bool:
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _CONTENTION_STATES


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    """Take SQLite's write lock when a write transaction begins.

    One that upgrades later can fail without waiting.
    """
    if connection.dialect.name == "sqlite":
        reads_only = connection.get_execution_options().get("lectern_reading", False)
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def only_where(condition: str) -> dict[str, Any]:
    """Narrow an index, on both databases."""
    return {f"{database}_where": text(condition) for database in ("sqlite", "postgresql")}
