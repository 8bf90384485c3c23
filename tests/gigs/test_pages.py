"""Keyset pages: every gig once, in order, whatever the sort and however many are equal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

import tags
from accounts.models import User
from caching import invalidate
from database import writing
from gigs.models import Gig
from gigs.search.sorting import ORDERS
from tests.support.cursors import forged_cursor
from tests.support.world import World

# Ratings of three teachers as (sum, count): 4.5, 4.33 and none.
RATINGS = [(9, 2), (13, 3), (0, 0)]

rows = st.fixed_dictionaries(
    {
        "price_cents": st.integers(0, 3),
        "popularity": st.integers(0, 2),
        "minutes": st.integers(0, 2),
        "teacher": st.integers(0, len(RATINGS) - 1),
    }
)


def test_105_gigs_with_many_ties_come_once_each(world: World) -> None:
    made = [
        {"price_cents": i % 4, "popularity": i % 3, "minutes": i % 5, "teacher": i % len(RATINGS)} for i in range(105)
    ]
    gigs = _fill(world, _teachers(world), made)

    for sort in ORDERS:
        expected = _in_order(gigs, sort)
        assert list(_walk(world, sort=sort, limit=10)) == expected
        assert list(_walk(world, sort=sort, limit=35)) == expected
        assert list(_walk(world, sort=sort, limit=100)) == expected


def test_any_gigs_in_any_order_on_pages_of_any_size_come_once_each(world: World) -> None:
    teachers = _teachers(world)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(made=st.lists(rows, max_size=12), sort=st.sampled_from(list(ORDERS)), limit=st.integers(1, 5))
    def check(made: list[dict[str, int]], sort: str, limit: int) -> None:
        expected = _in_order(_fill(world, teachers, made), sort)

        assert list(_walk(world, sort=sort, limit=limit)) == expected

    check()


def test_a_page_does_not_move_when_gigs_are_added_before_it(world: World, clock: Any) -> None:
    teacher = world.teacher()
    first, second, third = (world.gig(teacher)["id"] for _ in range(3))
    page = world.anyone.get("/api/gigs?limit=2").json
    clock.advance(minutes=1)

    world.gig(teacher)
    rest = world.anyone.get("/api/gigs", query_string={"limit": 2, "cursor": page["next_cursor"]}).json

    assert [gig["id"] for gig in page["data"]] == [third, second]
    assert [gig["id"] for gig in rest["data"]] == [first]
    assert rest["next_cursor"] is None


def test_a_teachers_own_gigs_come_in_pages_too(world: World) -> None:
    teacher = world.teacher()
    ids = [world.gig(teacher, status="draft")["id"] for _ in range(5)]

    first = teacher.get("/api/gigs/mine?limit=3").json
    rest = teacher.get("/api/gigs/mine", query_string={"limit": 3, "cursor": first["next_cursor"]}).json

    assert [gig["id"] for gig in first["data"] + rest["data"]] == ids[::-1]
    assert rest["next_cursor"] is None


def test_filters_stay_in_force_on_every_page(world: World) -> None:
    teacher = world.teacher()
    ids = [world.gig(teacher, category="Art" if i % 2 else "Music")["id"] for i in range(10)]

    assert list(_walk(world, category="art", limit=2)) == ids[1::2][::-1]


def test_a_cursor_far_outside_is_an_empty_page(world: World) -> None:
    world.gig(world.teacher())
    edge = 2**63 - 1
    for sort in ORDERS:
        beyond = edge if sort == "price" else -edge
        cursor = forged_cursor([sort, beyond, beyond])

        answer = world.anyone.get("/api/gigs", query_string={"sort": sort, "cursor": cursor})

        assert (answer.status_code, answer.json["data"]) == (200, [])


def _walk(world: World, **query: Any) -> Iterator[int]:
    """Follow the cursors from the first page to the last."""
    client, cursor = world.anyone, None
    while True:
        answer = client.get("/api/gigs", query_string=query | ({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        assert len(answer.json["data"]) <= query["limit"]
        yield from (gig["id"] for gig in answer.json["data"])
        cursor = answer.json["next_cursor"]
        if cursor is None:
            return


def _teachers(world: World) -> list[int]:
    ids = [world.teacher().id for _ in RATINGS]
    with world.app.app_context(), writing() as session:
        for teacher_id, (total, number) in zip(ids, RATINGS, strict=True):
            session.execute(update(User).where(User.id == teacher_id).values(rating_sum=total, rating_count=number))
        invalidate(tags.users(), *map(tags.profile, ids), *map(tags.viewer, ids))
    return ids


def _fill(world: World, teachers: list[int], made: list[dict[str, int]]) -> list[dict[str, Any]]:
    """Replace all gigs by these and return them with their ids."""
    whole = [_row(world, number, teachers, row) for number, row in enumerate(made, 1)]
    with world.app.app_context(), writing() as session:
        before = session.scalars(select(Gig.id)).all()
        if before:
            session.execute(delete(Gig))
        if whole:
            session.execute(insert(Gig), whole)
        invalidate(
            tags.public_gigs(), tags.all_gigs(), *map(tags.user_gigs, teachers), *map(tags.teacher_slots, teachers)
        )
        invalidate(*map(tags.gig, before), *(tags.gig(row["id"]) for row in whole))
        invalidate(*map(tags.gig_sessions, before), *(tags.gig_sessions(row["id"]) for row in whole))
    return [row | {"rating": RATINGS[given["teacher"]]} for row, given in zip(whole, made, strict=True)]


def _row(world: World, number: int, teachers: list[int], given: dict[str, int]) -> dict[str, Any]:
    at = world.clock() + timedelta(minutes=given["minutes"], microseconds=given["minutes"])
    return {
        "id": number,
        "teacher_id": teachers[given["teacher"]],
        "status": "published",
        "title": f"Gig {number}",
        "description": "",
        "category": "Music",
        "category_key": "music",
        "search_text": "",
        "price_cents": given["price_cents"],
        "popularity": given["popularity"],
        "currency": "EUR",
        "duration_minutes": 45,
        "created_at": at,
        "updated_at": at,
    }


def _in_order(gigs: list[dict[str, Any]], sort: str) -> list[int]:
    def mean(gig: dict[str, Any]) -> float:
        total, number = gig["rating"]
        return total / number if number else 0

    keys = {
        "newest": lambda gig: gig["created_at"],
        "price": lambda gig: gig["price_cents"],
        "-price": lambda gig: gig["price_cents"],
        "rating": mean,
        "popular": lambda gig: gig["popularity"],
    }
    ordered = sorted(gigs, key=lambda gig: (keys[sort](gig), gig["id"]), reverse=sort != "price")
    return [gig["id"] for gig in ordered]
