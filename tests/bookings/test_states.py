"""The table of a booking's transitions, row by row and as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.models import BookingStatus
from bookings.states import TRANSITIONS, Party, Standing, Verdict, allowed_transitions, asker_after, judge, move_of

START = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)
EARLIER, LATER = START - timedelta(seconds=1), START + timedelta(seconds=1)

STATES = [str(status) for status in BookingStatus]


@dataclass(frozen=True)
class Someone:
    id: int
    role: str


STUDENT, TEACHER, ADMIN = Someone(1, "student"), Someone(2, "teacher"), Someone(3, "admin")
STRANGERS = [Someone(8, "student"), Someone(9, "teacher")]
EVERYBODY = [STUDENT, TEACHER, ADMIN, *STRANGERS]

# What people may ask for, of a booking that its student asked for: (from, to) → who, before the start and after it.
ALLOWED = {
    ("pending", "accepted"): ({TEACHER, ADMIN}, set()),
    ("pending", "rejected"): ({TEACHER, ADMIN}, {TEACHER, ADMIN}),
    ("pending", "cancelled"): ({STUDENT, ADMIN}, {STUDENT, ADMIN}),
    ("accepted", "cancelled"): ({STUDENT, TEACHER, ADMIN}, set()),
    ("accepted", "completed"): (set(), {TEACHER, ADMIN}),
    ("accepted", "no_show"): (set(), {TEACHER, ADMIN}),
}


def test_the_table_is_the_one_that_was_agreed() -> None:
    rows = {(row.source, row.target): (row.who, row.guard.__name__, row.by_moving) for row in TRANSITIONS}
    everybody = {Party.STUDENT, Party.TEACHER, Party.ADMIN}

    assert len(rows) == len(TRANSITIONS)
    assert rows == {
        ("pending", "accepted"): ({Party.ASKED, Party.ADMIN}, "before_start", False),
        ("pending", "rejected"): ({Party.ASKED, Party.HOLDER, Party.ADMIN}, "at_any_time", False),
        ("pending", "cancelled"): ({Party.ASKER, Party.ADMIN}, "at_any_time", False),
        ("pending", "expired"): ({Party.CLOCK}, "from_start", False),
        ("pending", "pending"): (everybody, "before_start", True),
        ("accepted", "pending"): ({Party.STUDENT}, "before_start", True),
        ("accepted", "accepted"): ({Party.TEACHER, Party.ADMIN}, "before_start", True),
        ("accepted", "cancelled"): (everybody, "before_start", False),
        ("accepted", "completed"): ({Party.TEACHER, Party.ADMIN}, "from_start", False),
        ("accepted", "no_show"): ({Party.TEACHER, Party.ADMIN}, "from_start", False),
    }


@pytest.mark.parametrize(("source", "target"), list(product(STATES, STATES)))
def test_who_may_bring_a_booking_from_one_state_into_another(source: str, target: str) -> None:
    before, after = ALLOWED.get((source, target), (set(), set()))

    assert _who_may(source, target, EARLIER) == before
    assert _who_may(source, target, START) == after
    assert _who_may(source, target, LATER) == after


@pytest.mark.parametrize("status", STATES)
@pytest.mark.parametrize("stranger", STRANGERS)
def test_strangers_are_nothing_in_a_booking(status: str, stranger: Someone) -> None:
    assert _booking(status).parties(stranger) == frozenset()
    assert allowed_transitions(_booking(status), stranger, EARLIER) == []


@pytest.mark.parametrize("status", STATES)
@pytest.mark.parametrize("requested_by", ["student", "teacher"])
def test_a_teacher_who_has_become_a_student_has_no_say_in_a_lesson_any_more(status: str, requested_by: str) -> None:
    booking, former = _booking(status, requested_by=requested_by), Someone(TEACHER.id, "student")

    assert booking.parties(former), "the lesson is still their business"
    assert allowed_transitions(booking, former, EARLIER) == allowed_transitions(booking, former, LATER) == []
    assert move_of(booking, former, EARLIER) is None


def test_whoever_was_asked_answers_and_whoever_asked_withdraws() -> None:
    proposal = _booking("pending", requested_by="teacher")

    assert allowed_transitions(proposal, STUDENT, EARLIER) == ["accepted", "rejected"]
    assert allowed_transitions(proposal, TEACHER, EARLIER) == ["cancelled"]


def test_nobody_asks_by_name_for_what_the_clock_or_a_new_time_brings() -> None:
    for actor, status, target in product(EVERYBODY, STATES, ("expired", "pending")):
        assert judge(_booking(status), actor, target, LATER) == Verdict.WRONG_PERSON


def test_the_wrong_person_is_told_apart_from_the_wrong_state_and_the_wrong_time() -> None:
    assert judge(_booking("pending"), STUDENT, "accepted", EARLIER) == Verdict.WRONG_PERSON
    assert judge(_booking("pending"), TEACHER, "cancelled", EARLIER) == Verdict.WRONG_PERSON
    assert judge(_booking("rejected"), TEACHER, "accepted", EARLIER) == Verdict.WRONG_STATE
    assert judge(_booking("pending"), TEACHER, "accepted", START) == Verdict.WRONG_TIME


# Who moved what, and what comes of it: the state, and who asks; for a booking that its student asked for.
MOVED = {
    ("pending", STUDENT): ("pending", "student"),
    ("pending", TEACHER): ("pending", "teacher"),
    ("pending", ADMIN): ("pending", "student"),
    ("accepted", STUDENT): ("pending", "student"),
    ("accepted", TEACHER): ("accepted", "student"),
    ("accepted", ADMIN): ("accepted", "student"),
}


@pytest.mark.parametrize(("status", "actor"), list(product(STATES, EVERYBODY)))
def test_who_may_move_a_booking_and_what_comes_of_it(status: str, actor: Someone) -> None:
    booking = _booking(status)

    row = move_of(booking, actor, EARLIER)

    found = (row.target, asker_after(row, booking, actor)) if row else None
    assert found == MOVED.get((status, actor))
    assert move_of(booking, actor, START) is None


def test_a_student_who_has_become_an_administrator_moves_their_own_lesson_as_a_student() -> None:
    row = move_of(_booking("accepted"), Someone(STUDENT.id, "admin"), EARLIER)

    assert row is not None
    assert row.target == "pending"


instants = st.timedeltas(timedelta(days=-900), timedelta(days=900)).map(lambda distance: START + distance)


@given(st.sampled_from(EVERYBODY), st.sampled_from(STATES), st.sampled_from(["student", "teacher"]), instants)
def test_what_is_listed_as_allowed_is_exactly_what_is_allowed(
    actor: Someone, status: str, requested_by: str, now: datetime
) -> None:
    booking = _booking(status, requested_by=requested_by)

    listed = allowed_transitions(booking, actor, now)

    assert set(listed) == {state for state in STATES if judge(booking, actor, state, now) == Verdict.ALLOWED}
    assert len(set(listed)) == len(listed)


@given(st.lists(st.tuples(st.sampled_from(EVERYBODY), st.sampled_from(STATES), instants), max_size=30))
def test_no_way_leads_back_or_out_of_an_end(steps: list[tuple[Someone, str, datetime]]) -> None:
    path = ["pending"]
    for actor, target, now in steps:
        if judge(_booking(path[-1]), actor, target, now) == Verdict.ALLOWED:
            path.append(target)

    assert len(path) == len(set(path)) <= 3
    assert all(state in ("pending", "accepted") for state in path[:-1])


def _booking(status: str, *, requested_by: str = "student") -> Standing:
    return Standing(status, STUDENT.id, TEACHER.id, requested_by, START)


def _who_may(source: str, target: str, now: datetime) -> set[Someone]:
    return {actor for actor in EVERYBODY if judge(_booking(source), actor, target, now) == Verdict.ALLOWED}
