"""Pages can say where everything stands: each status has its row of words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import pytest

from enrolment.statuses import (
    APPLICATION_WORDS,
    COURSE_WORDS,
    TASK_WORDS,
    ApplicationStatus,
    AssignmentStatus,
    TaskStatus,
    Words,
)
from payments import states as of_payments
from payments.models import PaymentStatus


@pytest.mark.parametrize(
    ("statuses", "words"),
    [
        (ApplicationStatus, APPLICATION_WORDS),
        (AssignmentStatus, COURSE_WORDS),
        (TaskStatus, TASK_WORDS),
        (PaymentStatus, of_payments.WORDS),
    ],
)
def test_each_status_has_a_word(
    statuses: type[StrEnum], words: Mapping[StrEnum, Words] | Mapping[StrEnum, of_payments.Words]
) -> None:
    assert words.keys() == set(statuses)
    assert len({row.word for row in words.values()}) == len(words)


@pytest.mark.parametrize("words", [APPLICATION_WORDS, of_payments.WORDS])
def test_no_badge_tells_by_its_colour_alone(
    words: Mapping[StrEnum, Words] | Mapping[StrEnum, of_payments.Words],
) -> None:
    assert all(row.icon and row.badge for row in words.values())
