"""Counts beside the results are those that counting by hand gives, whatever is asked."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

import tags
from accounts.models import User
from caching import invalidate
from database import writing
from gigs.models import Gig, GigSkill, hourly
from gigs.search import index
from gigs.search.bands import band_of
from gigs.search.counts import recount
from gigs.search.facets import MOST_SKILLS
from gigs.search.models import CountedGig, FacetCount, ListedGig
from tests.support.world import World

WORDS = ("piano", "algebra", "chess", "beginners")
SUBJECTS = ("Music", "Maths", "Games")
SKILLS = ("scales", "notes", "proofs", "openings")
CURRENCIES = ("EUR", "GBP")
# What the three teachers got: the sum of their stars, and from how many reviews.
RATINGS = ((0, 0), (9, 2), (7, 2))

made = st.fixed_dictionaries(
    {
        "teacher": st.integers(0, 2),
        "words": st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
        "category": st.sampled_from(SUBJECTS),
        "skills": st.lists(st.sampled_from(SKILLS), max_size=3, unique=True),
        "price_cents": st.sampled_from((0, 999, 1000, 2999, 3000, 4500)),
        "duration_minutes": st.sampled_from((30, 45, 60)),
        "currency": st.sampled_from(CURRENCIES),
        "status": st.sampled_from(("published", "published", "published", "paused")),
    }
)
asked = st.fixed_dictionaries(
    {},
    optional={
        "q": st.sampled_from((*WORDS, "piano algebra", "pia", "pianno", "unheard-of")),
        "category": st.sampled_from(SUBJECTS),
        "skill": st.sampled_from(SKILLS),
        "currency": st.sampled_from(CURRENCIES),
        "min_hourly": st.sampled_from((1000, 2000, 2500)),
        "max_hourly": st.sampled_from((4000, 6000)),
        "min_price": st.sampled_from((999, 3000)),
        "min_rating": st.sampled_from((1, 4)),
        "sort": st.sampled_from(("relevance", "newest", "price", "-price", "rating", "popular")),
    },
)
# By which parameters each facet narrows the list.
OWN = {
    "category": {"category"},
    "skill": {"skill"},
    "price": {"currency", "min_hourly", "max_hourly", "min_price"},
    "rating": {"min_rating"},
}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gigs=st.lists(made, max_size=12), queries=st.lists(asked, min_size=1, max_size=4))
def test_results_and_facets_are_those_of_a_plain_count(
    world: World, gigs: list[dict[str, Any]], queries: list[dict[str, Any]]
) -> None:
    rows = fill(world, gigs)

    for query in queries:
        answer = world.anyone.get("/api/gigs", query_string=query | {"limit": 100}).json

        assert {gig["id"] for gig in answer["data"]} == {row["id"] for row in rows if _fits(row, query)}
        assert answer["total"] == len(answer["data"])
        assert answer["facets"] == _counted(rows, query)


def test_choosing_a_counted_value_shows_as_many_gigs_as_it_says(world: World) -> None:
    teacher = world.teacher()
    for number, (subject, cents) in enumerate([("Music", 2000), ("Music", 2999), ("Maths", 3000), ("Art", 0)]):
        world.gig(teacher, category=subject, price_cents=cents, duration_minutes=60, skills=[SKILLS[number]])

    facets = world.anyone.get("/api/gigs").json["facets"]

    choices = [({"category": row["value"]}, row["count"]) for row in facets["category"]]
    choices += [({"skill": row["value"]}, row["count"]) for row in facets["skill"]]
    choices += [
        ({"currency": row["currency"], "min_hourly": row["from"], "max_hourly": row["to"]}, row["count"])
        for row in facets["price"]
    ]
    assert len(choices) == 3 + 4 + 3
    for chosen, count in choices:
        assert world.anyone.get("/api/gigs", query_string=chosen).json["total"] == count, chosen


@pytest.mark.parametrize(
    ("hourly_cents", "band"), [(0, (0, 999)), (999, (0, 999)), (1000, (1000, 1499)), (12_345, (10_000, 14_999))]
)
def test_a_band_has_both_its_ends(hourly_cents: int, band: tuple[int, int]) -> None:
    assert band_of(hourly_cents) == band


def _fits(row: dict[str, Any], query: dict[str, Any], without: str | None = None) -> bool:
    given = {name: value for name, value in query.items() if name not in OWN.get(without or "", ())}
    price = hourly(row["price_cents"], row["duration_minutes"])
    stars, reviews = RATINGS[row["teacher"]]
    meant = {"pianno": ["piano"], "pia": ["piano"]}.get(given.get("q", ""), given.get("q", "").split())
    return (
        row["status"] == "published"
        and all(word in row["words"] for word in meant)
        and row["category"] == given.get("category", row["category"])
        and ("skill" not in given or given["skill"] in row["skills"])
        and row["currency"] == given.get("currency", row["currency"])
        and given.get("min_hourly", 0) <= price <= given.get("max_hourly", price)
        and given.get("min_price", 0) <= row["price_cents"]
        and ("min_rating" not in given or (reviews > 0 and stars >= given["min_rating"] * reviews))
    )


def _counted(rows: list[dict[str, Any]], query: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    def kept(facet: str) -> list[dict[str, Any]]:
        return [row for row in rows if _fits(row, query, without=facet)]

    subjects = Counter(row["category"] for row in kept("category"))
    skills = Counter(skill for row in kept("skill") for skill in row["skills"])
    bands = Counter(
        (row["currency"], *band_of(hourly(row["price_cents"], row["duration_minutes"]))) for row in kept("price")
    )
    stars = Counter(
        least
        for row in kept("rating")
        for least in range(1, 6)
        if RATINGS[row["teacher"]][1] and RATINGS[row["teacher"]][0] >= least * RATINGS[row["teacher"]][1]
    )
    return {
        "category": [{"value": name, "count": count} for name, count in _largest(subjects)],
        "skill": [{"value": name, "count": count} for name, count in _largest(skills)[:MOST_SKILLS]],
        "price": [{"currency": c, "from": a, "to": b, "count": bands[c, a, b]} for c, a, b in sorted(bands)],
        "rating": [{"value": least, "count": stars[least]} for least in sorted(stars, reverse=True)],
    }


def _largest(counter: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counter.items(), key=lambda item: (-item[1], item[0].casefold()))


def fill(world: World, gigs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Replace all gigs by these, and return them with their ids."""
    with world.app.app_context():
        rows = [row | {"id": number} for number, row in enumerate(gigs, 1)]
        teachers = _teachers(world)
        with writing() as session:
            session.execute(delete(Gig))
            session.execute(delete(CountedGig))
            session.execute(delete(ListedGig))
            session.execute(delete(FacetCount))
            for row in rows:
                session.execute(insert(Gig), [_stored(world, row, teachers)])
                skills = [{"position": place, "skill": name} for place, name in enumerate(row["skills"])]
                for skill in skills:
                    session.execute(insert(GigSkill), [skill | {"gig_id": row["id"], "skill_key": skill["skill"]}])
            index.write(session, [row["id"] for row in rows])
            recount(session, [row["id"] for row in rows])
            numbers = range(13)
            invalidate(tags.public_gigs(), tags.all_gigs(), *map(tags.gig, numbers), *map(tags.gig_sessions, numbers))
            invalidate(*map(tags.user_gigs, teachers), *map(tags.teacher_slots, teachers))
    return rows


def _teachers(world: World) -> list[int]:
    """Three teachers, the same in every example."""
    with writing() as session:
        known = [*session.scalars(select(User.id).order_by(User.id))]
    if known:
        return known
    known = [world.teacher(hours=None, name=f"Teacher {number}").id for number in range(3)]
    with writing() as session:
        for teacher_id, (total, number) in zip(known, RATINGS, strict=True):
            session.execute(update(User).where(User.id == teacher_id).values(rating_sum=total, rating_count=number))
        invalidate(tags.users(), *map(tags.profile, known), *map(tags.viewer, known))
    return known


def _stored(world: World, row: dict[str, Any], teachers: list[int]) -> dict[str, Any]:
    names = ("id", "category", "price_cents", "duration_minutes", "currency", "status")
    at = world.clock() - timedelta(minutes=row["id"])
    return {name: row[name] for name in names} | {
        "teacher_id": teachers[row["teacher"]],
        "title": " ".join(row["words"]),
        "description": row.get("description", "A description."),
        "category_key": row["category"].lower(),
        "search_text": "",
        "created_at": at,
        "updated_at": at,
    }
