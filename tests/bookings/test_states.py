"""The table of a booking's transitions, row by row and as a whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Role
from bookings.parties import Party, Standing
from bookings.states import (
    TRANSITIONS,
    WAYS_TO_MOVE,
    Means,
    Transition,
    Verdict,
    allowed_transitions,
    answers_open,
    asker_after,
    can_move,
    judge,
    way,
)
from bookings.statuses import ACTIVE, FACTS, BookingStatus

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
    rows = {(row.source, row.target, row.means): (row.who, row.guard.__name__) for row in TRANSITIONS}
    everybody = {Party.STUDENT, Party.TEACHER, Party.ADMIN}

    assert len(rows) == len(TRANSITIONS)
    assert rows == {
        ("pending", "accepted", Means.NAMING): ({Party.ASKED, Party.ADMIN}, "before_start"),
        ("pending", "rejected", Means.NAMING): ({Party.ASKED, Party.HOLDER, Party.ADMIN}, "at_any_time"),
        ("pending", "cancelled", Means.NAMING): ({Party.ASKER, Party.ADMIN}, "at_any_time"),
        ("pending", "expired", Means.NAMING): ({Party.CLOCK}, "overdue"),
        ("pending", "pending", Means.TAKING): ({Party.HOLDER}, "while_offered"),
        ("pending", "pending", Means.MOVING): (everybody, "movable"),
        ("pending", "accepted", Means.AT_ONCE): ({Party.HOLDER}, "while_offered"),
        ("accepted", "accepted", Means.AT_ONCE): ({Party.STUDENT}, "movable"),
        ("accepted", "accepted", Means.ASKING): ({Party.STUDENT}, "movable"),
        ("accepted", "accepted", Means.MOVING): ({Party.TEACHER, Party.ADMIN}, "movable"),
        ("accepted", "accepted", Means.RELOCATING): ({Party.TEACHER, Party.ADMIN}, "before_start"),
        ("accepted", "accepted", Means.AGREEING): ({Party.WISHED, Party.ADMIN}, "wish_open"),
        ("accepted", "accepted", Means.REFUSING): ({Party.WISHED, Party.ADMIN}, "wish_open"),
        ("accepted", "accepted", Means.WITHDRAWING): ({Party.WISHER, Party.ADMIN}, "wish_open"),
        ("accepted", "accepted", Means.LAPSING): ({Party.CLOCK}, "wish_over"),
        ("accepted", "cancelled", Means.NAMING): (everybody, "before_start"),
        ("accepted", "completed", Means.NAMING): ({Party.TEACHER, Party.ADMIN}, "from_start"),
        ("accepted", "no_show", Means.NAMING): ({Party.TEACHER, Party.ADMIN}, "from_start"),
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
    assert not can_move(booking, former, EARLIER)


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


# Who moves what, and what comes of it: how, the state, and who asks; for a booking that its student asked for.
MOVED = {
    ("pending", STUDENT): (Means.MOVING, "pending", "student"),
    ("pending", TEACHER): (Means.MOVING, "pending", "teacher"),
    ("pending", ADMIN): (Means.MOVING, "pending", "student"),
    ("accepted", STUDENT): (Means.ASKING, "accepted", "student"),
    ("accepted", TEACHER): (Means.MOVING, "accepted", "student"),
    ("accepted", ADMIN): (Means.MOVING, "accepted", "student"),
}
# The same where the gig confirms at once.
MOVED_AT_ONCE = MOVED | {("accepted", STUDENT): (Means.AT_ONCE, "accepted", "student")}


@pytest.mark.parametrize(("status", "actor"), list(product(STATES, EVERYBODY)))
def test_who_may_move_a_booking_and_what_comes_of_it(status: str, actor: Someone) -> None:
    booking = _booking(status)

    for at_once, expected in ((False, MOVED), (True, MOVED_AT_ONCE)):
        row = way(booking, actor, EARLIER, *WAYS_TO_MOVE[at_once])

        found = (row.means, row.target, asker_after(row, booking, actor)) if row else None
        assert found == expected.get((status, actor))
    assert not can_move(booking, actor, START)


def test_a_student_who_has_become_an_administrator_moves_their_own_lesson_as_a_student() -> None:
    row = way(_booking("accepted"), Someone(STUDENT.id, "admin"), EARLIER, *WAYS_TO_MOVE[False])

    assert row is not None
    assert row.means == Means.ASKING


@pytest.mark.parametrize("move_starts_at", [START - timedelta(hours=2), START + timedelta(hours=2)])
def test_a_wish_is_answered_until_the_first_of_its_two_times(move_starts_at: datetime) -> None:
    booking = replace(_booking("accepted"), move_starts_at=move_starts_at, move_asked_by=Role.STUDENT)
    first = min(START, move_starts_at)
    before = first - timedelta(seconds=1)

    answers = {actor: answers_open(booking, actor, before) for actor in EVERYBODY if actor not in STRANGERS}

    assert answers == {
        STUDENT: [Means.WITHDRAWING],
        TEACHER: [Means.AGREEING, Means.REFUSING],
        ADMIN: [Means.AGREEING, Means.REFUSING, Means.WITHDRAWING],
    }
    assert not any(answers_open(booking, actor, before) for actor in STRANGERS)
    assert not any(answers_open(booking, actor, first) for actor in EVERYBODY)
    assert not any(answers_open(_booking("accepted"), actor, before) for actor in EVERYBODY)
    assert way(booking, None, first, Means.LAPSING)
    assert way(booking, None, before, Means.LAPSING) is None


instants = st.timedeltas(timedelta(days=-900), timedelta(days=900)).map(lambda distance: START + distance)


@given(st.sampled_from(EVERYBODY), st.sampled_from(STATES), st.sampled_from(["student", "teacher"]), instants)
def test_what_is_listed_as_allowed_is_exactly_what_is_allowed(
    actor: Someone, status: str, requested_by: str, now: datetime
) -> None:
    booking = _booking(status, requested_by=requested_by)

    listed = allowed_transitions(booking, actor, now)

    assert set(listed) == {state for state in STATES if judge(booking, actor, state, now) == Verdict.ALLOWED}
    assert len(set(listed)) == len(listed)


KEPT_UNTIL = START - timedelta(hours=1)


def test_a_place_that_the_waitlist_keeps_is_taken_declined_or_withdrawn_and_not_moved() -> None:
    offer = _booking("pending", requested_by="teacher", offered_until=KEPT_UNTIL)
    before, after = KEPT_UNTIL - timedelta(seconds=1), KEPT_UNTIL

    assert allowed_transitions(offer, STUDENT, before) == ["rejected"]
    assert allowed_transitions(offer, TEACHER, before) == ["cancelled"]
    assert [actor for actor in EVERYBODY if way(offer, actor, before, Means.TAKING)] == [STUDENT]
    assert not any(way(offer, actor, after, Means.TAKING) for actor in EVERYBODY)
    assert not any(can_move(offer, actor, before) for actor in EVERYBODY)


@pytest.mark.parametrize(("offered_until", "over"), [(None, START), (KEPT_UNTIL, KEPT_UNTIL)])
def test_the_clock_ends_what_was_not_answered_in_time_and_nothing_else(offered_until: datetime, over: datetime) -> None:
    def ends(status: str, now: datetime) -> bool:
        booking = _booking(status, offered_until=offered_until)
        return any(way(booking, None, now, means) for means in Means)

    assert ends("pending", over)
    assert not ends("pending", over - timedelta(seconds=1))
    assert not any(ends(status, LATER) for status in STATES if status != "pending")


# Every way that there is from a new booking, whichever side asked, and the rows that were gone on all of them.
taken: set[Transition] = set()


def _go_on(booking: Standing, chosen: st.DataObject) -> Standing | None:
    """Go one of the ways that are open to anybody at some time; None where there is none."""
    ways = [
        (row, actor)
        for row in TRANSITIONS
        for actor in (*EVERYBODY, None)
        for now in (EARLIER - timedelta(days=1), LATER)
        if row.source == booking.status and row.is_open(booking, actor, now)
    ]
    if not ways:
        return None
    row, actor = chosen.draw(st.sampled_from(ways))
    taken.add(row)
    asker = asker_after(row, booking, actor) if row.means == Means.MOVING and actor else booking.requested_by
    asker = Role.STUDENT if row.means in (Means.TAKING, Means.AT_ONCE) else asker
    wish: dict[str, Any] = {"move_starts_at": START + timedelta(days=1), "move_asked_by": Role.STUDENT}
    wish = wish if row.means == Means.ASKING else dict.fromkeys(wish)
    return replace(booking, status=row.target, requested_by=asker, offered_until=None, **wish)


# There are many ways from one agreed lesson to the same.
@settings(max_examples=400)
@given(st.sampled_from(["student", "teacher"]), st.sampled_from([None, START - timedelta(hours=1)]), st.data())
def test_every_way_ends_and_no_way_leads_out_of_an_end(
    requested_by: str, offered_until: datetime | None, chosen: st.DataObject
) -> None:
    booking: Standing | None = _booking("pending", requested_by=requested_by, offered_until=offered_until)
    path = []
    while booking and len(path) < 30:
        path.append(booking.status)
        booking = _go_on(booking, chosen)

    ended = [status not in ACTIVE for status in path]
    assert not any(ended[:-1]), "only the last one is an end"
    assert ended[-1] or len(path) == 30
    if ended[-1]:
        taken_ends.add(path[-1])


taken_ends: set[BookingStatus] = set()


def test_the_walks_above_have_gone_every_way_and_reached_every_end() -> None:
    test_every_way_ends_and_no_way_leads_out_of_an_end()

    assert taken == set(TRANSITIONS)
    assert taken_ends == set(BookingStatus) - set(ACTIVE)


def test_everything_is_known_about_every_status() -> None:
    assert FACTS.keys() == set(BookingStatus)
    assert all(facts.word and facts.icon for facts in FACTS.values())
    assert all(facts.sentence for status, facts in FACTS.items() if status != BookingStatus.PENDING)
    by_name = {row.target for row in TRANSITIONS if row.means == Means.NAMING and row.who != {Party.CLOCK}}
    assert {status for status, facts in FACTS.items() if facts.button} == by_name
    assert {status for status, facts in FACTS.items() if facts.done and facts.done_for_series} == by_name


def _booking(status: str, *, requested_by: str = "student", offered_until: datetime | None = None) -> Standing:
    return Standing(
        status=BookingStatus(status),
        student_id=STUDENT.id,
        teacher_id=TEACHER.id,
        requested_by=Role(requested_by),
        starts_at=START,
        offered_until=offered_until,
    )


def _who_may(source: str, target: str, now: datetime) -> set[Someone]:
    return {actor for actor in EVERYBODY if judge(_booking(source), actor, target, now) == Verdict.ALLOWED}
