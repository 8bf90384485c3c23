"""The tree of domain errors: drawn as it is, and each error says what a program gets beside the sentence."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import errors
from errors import (
    AlreadyInvoiced,
    FeeChanged,
    Invalid,
    LecternError,
    Overpaid,
    SeriesConflict,
    SlotTaken,
    WrongState,
)
from tests.web.test_problems import tree


def drawn(picture: str) -> dict[str, str]:
    """Read a tree of classes: the name of each, and that of its base."""
    path: list[str] = []
    bases = {}
    for line in picture.splitlines():
        if match := re.match(r"((?:│   |    )*(?:├── |└── )?)([A-Z][A-Za-z]+)(?= {2,}|$)", line):
            depth = len(match[1]) // 4
            path[depth:] = [match[2]]
            if depth:
                bases[match[2]] = path[depth - 1]
    return bases


def test_the_tree_in_the_docstring_has_every_error_below_its_base() -> None:
    assert drawn(errors.__doc__ or "") == {
        error.__name__: base.__name__ for error in tree() for base in error.__bases__ if error is not LecternError
    }


def test_every_error_is_defined_once() -> None:
    names = [error.__name__ for error in tree()]

    assert sorted(names) == sorted(set(names))


def test_an_answer_has_what_the_error_carries() -> None:
    at = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)

    assert SlotTaken().extra() == {}
    assert Invalid({"name": ["Too long."]}).extra() == {"errors": {"name": ["Too long."]}}
    assert FeeChanged({"fee_cents": 5}).extra() == {"current": {"fee_cents": 5}}
    assert WrongState("", current="expired").extra() == {"current": "expired", "allowed": []}
    assert Overpaid(300).extra() == {"open_cents": 300}
    assert AlreadyInvoiced([1, 2]).extra() == {"booking_ids": [1, 2], "package_ids": []}
    assert SeriesConflict([(at, "taken")]).extra() == {"conflicts": [{"starts_at": at, "reason": "taken"}]}
