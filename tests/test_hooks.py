"""Functions that a higher feature supplies to a lower one."""

from __future__ import annotations

import pytest

from hooks import Hook


def test_a_hook_calls_the_function_that_was_supplied_last() -> None:
    add = Hook[[int, int], int]()

    add.supply(lambda one, other: one - other)
    add.supply(lambda one, other: one + other)

    assert add(2, 3) == 5


def test_a_hook_without_a_function_says_so() -> None:
    with pytest.raises(LookupError, match="No feature has supplied"):
        Hook[[], None]()()
