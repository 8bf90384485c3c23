"""The life of a gig, as a table."""

from __future__ import annotations

import pytest

from gigs.models import GigStatus, Visibility
from gigs.states import Manager, allowed, is_closed, manager_of, shown_to_others


@pytest.mark.parametrize("manager", Manager)
@pytest.mark.parametrize(
    ("status", "targets"),
    [
        ("draft", {"published", "archived"}),
        ("published", {"paused", "archived"}),
        ("paused", {"published", "archived"}),
        ("archived", set()),
    ],
)
def test_a_gig_moves_along_the_table_only(manager: Manager, status: str, targets: set[str]) -> None:
    assert set(allowed(status, manager)) == targets


@pytest.mark.parametrize("status", GigStatus)
def test_nobody_else_moves_a_gig(status: GigStatus) -> None:
    assert allowed(status, None) == []


@pytest.mark.parametrize("status", GigStatus)
def test_a_gig_that_can_go_nowhere_is_closed(status: GigStatus) -> None:
    assert is_closed(status) == (not allowed(status, Manager.TEACHER))


def test_only_its_teacher_and_administrators_manage_a_gig() -> None:
    assert manager_of(7, 7, "teacher") == Manager.TEACHER
    assert manager_of(7, 8, "admin") == Manager.ADMIN
    assert manager_of(7, 8, "teacher") is None
    assert manager_of(7, 8, "student") is None


@pytest.mark.parametrize("status", GigStatus)
@pytest.mark.parametrize("visibility", Visibility)
def test_others_see_published_and_paused_gigs_that_are_not_private(status: str, visibility: str) -> None:
    expected = status in ("published", "paused") and visibility in ("public", "unlisted")

    assert shown_to_others(status, visibility) == expected
