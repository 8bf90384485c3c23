"""Merging and comparing intervals, against the plain set of their minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from schedule.times.intervals import Interval, merge, overlaps, subtract

START = datetime(2027, 1, 1, tzinfo=UTC)

instants = st.integers(0, 60).map(lambda minute: START + timedelta(minutes=minute))
intervals = st.lists(st.tuples(instants, instants))


@given(intervals)
def test_merging_keeps_the_time_and_leaves_a_hole_between_intervals(given_ones: list[Interval]) -> None:
    merged = merge(given_ones)

    assert _minutes(merged) == _minutes(given_ones)
    assert all(start < end for start, end in merged)
    assert all(before[1] < after[0] for before, after in pairwise(merged))


@given(intervals)
def test_merging_does_not_depend_on_the_order_and_is_done_once(given_ones: list[Interval]) -> None:
    assert merge(reversed(given_ones)) == merge(given_ones) == merge(merge(given_ones))


@given(intervals, instants, instants)
def test_two_intervals_overlap_if_they_share_an_instant(
    given_ones: list[Interval], one: datetime, two: datetime
) -> None:
    start, end = min(one, two), max(one, two) + timedelta(minutes=1)

    assert overlaps(merge(given_ones), start, end) == bool(_minutes(given_ones) & _minutes([(start, end)]))


@given(intervals, intervals)
def test_what_is_left_without_others_is_all_the_rest(some: list[Interval], others: list[Interval]) -> None:
    left = subtract(merge(some), merge(others))

    assert _minutes(left) == _minutes(some) - _minutes(others)
    assert left == merge(left)


def _minutes(some: list[Interval]) -> set[datetime]:
    minute = timedelta(minutes=1)
    return {start + number * minute for start, end in some for number in range((end - start) // minute)}
