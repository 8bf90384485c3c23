"""What tests of bookings need now and then."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from extensions import db


@pytest.fixture
def without_overlap_rule(app: Flask) -> Iterator[None]:
    """Take the database's rule away, and give PostgreSQL's, which other tests share, back afterwards."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            rules = {}
            _execute("DROP TRIGGER held_times_no_overlap_on_insert", "DROP TRIGGER held_times_no_overlap_on_update")
        else:
            rules = _exclusion_constraints()
            assert len(rules) == 3
            _execute(*(f"ALTER TABLE held_times DROP CONSTRAINT {name}" for name in rules))
    yield
    if rules:
        again = [f"ALTER TABLE held_times ADD CONSTRAINT {name} {rule}" for name, rule in rules.items()]
        with app.app_context():
            _execute("TRUNCATE bookings CASCADE", *again)


def _exclusion_constraints() -> dict[str, str]:
    found = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname LIKE 'ex_held_times_%'"
    with db.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(text(found))}


def _execute(*statements: str) -> None:
    with db.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
