"""What the queries of several threads share."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm.util import AliasedInsp

from accounts.models import User
from config import ROOT
from database import alias_of


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
