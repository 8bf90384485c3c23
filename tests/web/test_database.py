"""How the database is asked: what the queries of several threads share, and what PostgreSQL is told."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm.util import AliasedInsp

from accounts.models import User
from config import ROOT
from database import alias_of, reading


def test_an_alias_is_ready_before_threads_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = alias_of(User), alias_of(User)

    def spoilt(*_: object) -> None:
        raise AssertionError("prepared at its first use, perhaps by two threads at once")

    monkeypatch.setattr(AliasedInsp, "_adapt_element", spoilt)
    monkeypatch.setattr(AliasedInsp, "_orm_adapt_element", spoilt)
    query = str(select(one.id, other.name.label("other"), one.name).join(other, one.id == other.id))

    assert "users.name" not in query


def test_modules_keep_no_alias_that_was_made_otherwise() -> None:
    modules = [path for path in ROOT.glob("*/*.py") if path.parent.name not in ("tests", "benchmarks")]

    assert modules
    assert [path.name for path in modules if re.search(r"^\S.*\baliased\(", path.read_text(), re.MULTILINE)] == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_plans_are_not_compiled_which_takes_longer_than_answers_may(app: Flask) -> None:
    with app.app_context(), reading() as connection:
        assert connection.scalar(text("SHOW jit")) == "off"
