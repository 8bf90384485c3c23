"""Finding free times costs the same statements in a small school and in one that is ten times as large."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from benchmarks.slots import QUESTIONS, School, build
from support.queries import count_queries
from tests.conftest import SATURDAY


@pytest.mark.parametrize(("teachers", "bookings"), [(4, 80), (40, 800)])
def test_free_times_cost_the_same_statements_however_large_the_school_is(
    make_app: Callable[..., Flask], teachers: int, bookings: int
) -> None:
    school = build(make_app(cache_type="NullCache"), teachers, bookings, SATURDAY)
    costs: dict[str, list[str]] = {}

    for question, address in QUESTIONS.items():
        with count_queries() as statements:
            school.ask(address(school, 9))
        costs[question] = statements

    # Gig, rules and lessons; candidates, rules, lessons of those with limits and of the others, gigs, skills.
    assert len(costs["a month of one teacher"]) == 3, costs
    assert len(costs["gigs free at a time"]) == 6, costs


def test_the_benchmark_asks_for_what_there_is(make_app: Callable[..., Flask]) -> None:
    school: School = build(make_app(cache_type="NullCache"), 4, 80, SATURDAY)
    client = school.app.test_client()

    assert all(client.get(address(school, 9)).json["data"] for address in QUESTIONS.values())
