"""What the previous release says to the database is understood by the tables of this one: expand first, contract later.

While servers are replaced one after the other, the old ones work on tables that the first new one has migrated. The
statements were recorded in the previous release (`tests/previous_release/__main__.py`), so no history has to be here.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import NullPool, create_engine, inspect, make_url
from sqlalchemy.engine.interfaces import ReflectedColumn

from tests.previous_release import release

INSERT = re.compile(r'INSERT INTO "?(\w+)"? \(([^)]*)\)')
# A parameter, as the driver for PostgreSQL writes it.
PARAMETER = re.compile(r"%\(\w+\)s|%s")


@pytest.fixture(scope="module")
def said() -> dict[str, list[str]]:
    return release.statements()


def test_enough_was_recorded(said: dict[str, list[str]]) -> None:
    """An empty record would agree with everything."""
    tables = {found[1] for statement in said["sqlite"] if (found := INSERT.match(statement))}

    assert {"users", "gigs", "bookings", "payments", "applications", "reviews", "jobs"} <= tables
    assert min(len(statements) for statements in said.values()) > 200


def test_sqlite_understands_the_previous_release(said: dict[str, list[str]], sqlite_template: Path) -> None:
    connection = sqlite3.connect(f"file:{sqlite_template}?mode=ro", uri=True)

    refused = [f"{reason}: {it[:300]}" for it in said["sqlite"] if (reason := _refused_by_sqlite(connection, it))]
    connection.close()

    assert refused == []


def test_postgresql_understands_the_previous_release(said: dict[str, list[str]], postgres_url: str) -> None:
    address = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        refused = [f"{reason}: {it[:300]}" for it in said["postgresql"] if (reason := _refused(connection, it))]

    assert refused == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_rows_that_the_previous_release_writes_lack_nothing(
    said: dict[str, list[str]], kind: str, request: pytest.FixtureRequest
) -> None:
    """A new column that has to have a value needs one by itself."""
    url = request.getfixturevalue("postgres_url") if kind == "postgresql" else None
    engine = create_engine(url or f"sqlite:///{request.getfixturevalue('sqlite_template')}", poolclass=NullPool)
    needed = {name: set(_needed(columns)) for name, columns in _columns(engine)}
    engine.dispose()

    lacking = set()
    for statement in said[kind]:
        if found := INSERT.match(statement):
            given = set(found[2].replace('"', "").replace(" ", "").split(","))
            lacking |= {f"{found[1]}.{column}" for column in needed.get(found[1], set()) - given}

    assert lacking == set()


def _columns(engine: object) -> Iterator[tuple[str, list[ReflectedColumn]]]:
    tables = inspect(engine)
    for name in tables.get_table_names():
        yield name, tables.get_columns(name)


def _needed(columns: list[ReflectedColumn]) -> Iterator[str]:
    """List the columns that a row cannot do without."""
    for column in columns:
        by_itself = column["nullable"] or column["default"] is not None or column.get("identity")
        if not by_itself and not column.get("primary_key"):
            yield column["name"]


def _refused_by_sqlite(connection: sqlite3.Connection, statement: str) -> str | None:
    # A text may have a question mark of its own.
    for number in range(statement.count("?"), -1, -1):
        try:
            connection.execute(f"EXPLAIN {statement}", [None] * number)
        except sqlite3.ProgrammingError:
            continue
        except sqlite3.Error as error:
            return str(error)
        return None
    return "the parameters cannot be counted"


def _refused(connection: psycopg.Connection, statement: str) -> str | None:
    numbers = iter(range(1, 10_000))
    text = PARAMETER.sub(lambda _: f"${next(numbers)}", statement).replace("%%", "%")
    try:
        connection.execute(f"PREPARE recorded AS {text}".encode())
    except psycopg.errors.IndeterminateDatatype:
        # It depends on what the program would have passed along.
        return None
    except psycopg.Error as error:
        return str(error)
    connection.execute("DEALLOCATE recorded")
    return None
