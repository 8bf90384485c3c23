"""The counts that are kept are those of the gigs, whatever is changed, and by whom at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update

import tags
from accounts import service as accounts
from accounts.models import Role
from caching import invalidate
from database import reading, writing
from extensions import db
from gigs.models import Gig
from gigs.search.counts import TOTAL, add_up, count_anew, present_of, recount_everything
from gigs.search.invariants import wrong_counts
from gigs.search.listed import stored_rows
from gigs.search.models import FacetCount
from gigs.search.words import in_order
from support.queries import count_queries
from tests.support.world import Person, World

SUBJECTS, SKILLS = ("Music", "music", "Maths"), ("scales", "Scales", "proofs")


def problems(world: World) -> list[str]:
    with world.app.app_context(), reading() as connection:
        return [*wrong_counts(connection)]


def number_of_rows(world: World) -> int:
    with world.app.app_context(), reading() as connection:
        return connection.scalar(select(func.count()).select_from(FacetCount)) or 0


def change(world: World, teacher: Person, gig: dict[str, Any], **changes: Any) -> None:
    assert teacher.patch(f"/api/gigs/{gig['id']}", changes).status_code == 200


def set_role(world: World, person: Person, role: Role) -> None:
    with world.app.app_context():
        accounts.set_role(person.id, role)


STEPS: dict[str, Callable[[World, Person, dict[str, Any], int], object]] = {
    "subject": lambda world, ada, gig, n: change(world, ada, gig, category=SUBJECTS[n % 3]),
    "skills": lambda world, ada, gig, n: change(world, ada, gig, skills=[SKILLS[n % 3], "notes"][: n % 2 + 1]),
    "price": lambda world, ada, gig, n: change(world, ada, gig, price_cents=n * 700, currency=("EUR", "GBP")[n % 2]),
    "text": lambda world, ada, gig, n: change(world, ada, gig, summary=f"Number {n}"),
    "status": lambda world, ada, gig, n: ada.post(
        f"/api/gigs/{gig['id']}/status", {"status": ("paused", "published")[n % 2]}
    ),
    "visibility": lambda world, ada, gig, n: ada.post(
        f"/api/gigs/{gig['id']}/visibility", {"visibility": ("unlisted", "public")[n % 2]}
    ),
    "another gig": lambda world, ada, gig, n: world.gig(ada, status=("draft", "published")[n % 2]),
    "review": lambda world, ada, gig, n: world.review(world.student(), gig, rating=n % 5 + 1),
    "sums": lambda world, ada, gig, n: within(world, add_up),
    "no teacher": lambda world, ada, gig, n: set_role(world, ada, (Role.STUDENT, Role.TEACHER)[n % 2]),
}


def within(world: World, run: Callable[[], object]) -> object:
    with world.app.app_context():
        return run()


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from([*STEPS][:-1]), st.integers(0, 6)), max_size=8))
def test_counts_are_those_of_the_gigs_after_any_changes(world: World, steps: list[tuple[str, int]]) -> None:
    ada = world.teacher()
    gig = world.gig(ada)

    for step, number in steps:
        STEPS[step](world, ada, gig, number)

    assert problems(world) == []


def test_a_teachers_gigs_are_counted_while_they_teach(world: World) -> None:
    ada, grace = world.teacher(), world.teacher()
    world.gig(ada, category="Music")
    world.gig(grace, category="Music")

    totals = []
    for step in (
        lambda: set_role(world, ada, Role.STUDENT),
        lambda: set_role(world, ada, Role.TEACHER),
        lambda: within(world, lambda: accounts.deactivate(ada.id, world.clock())),
    ):
        step()
        totals.append(world.anyone.get("/api/gigs").json["total"])

    assert totals == [1, 2, 1]
    assert problems(world) == []


def test_changes_of_gigs_and_of_their_teacher_at_once_are_counted_right(world: World) -> None:
    ada = world.teacher()
    gigs = [world.gig(ada, category="Music") for _ in range(3)]
    start = Barrier(len(gigs) + 1)

    def rate() -> None:
        start.wait()
        for number in range(8):
            with world.app.app_context(), writing() as session:
                accounts.add_rating(session, ada.id, number % 5 + 1)

    def rename(gig: dict[str, Any]) -> None:
        start.wait()
        for number in range(6):
            change(world, ada, gig, category=SUBJECTS[number % 3], price_cents=number * 900)

    threads = [Thread(target=rate), *(Thread(target=rename, args=(gig,)) for gig in gigs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems(world) == []
    assert world.anyone.get("/api/gigs").json["total"] == 3


HOLD = (
    "INSERT INTO counted_gigs (gig_id, facts) VALUES (:id, '[]') "
    "ON CONFLICT (gig_id) DO UPDATE SET gig_id = excluded.gig_id"
)
# What a server says that knows nothing of `listed_gigs`.
OLDER = {
    "publishes": ("UPDATE gigs SET status = 'published'", HOLD, "UPDATE counted_gigs SET facts = :facts"),
    "says otherwise": (
        "UPDATE gigs SET title = 'Harp', price_cents = price_cents + 1, hourly_cents = hourly_cents + 1",
        "UPDATE gig_documents SET title = :title",
        HOLD,
    ),
    "pauses": ("UPDATE gigs SET status = 'paused'", HOLD, "UPDATE counted_gigs SET facts = '[]'"),
}


def test_what_a_server_of_the_version_before_changes_is_read_at_once(world: World) -> None:
    gig = world.gig(world.teacher(), status="draft", category="Music", skills=["scales", "“sight” reading"])
    ids, listed, present = [gig["id"]], [], []

    # Nothing is committed, so that nothing in the cache becomes old.
    with world.app.app_context(), db.engine.connect() as connection:
        for statements in OLDER.values():
            for statement in statements:
                there = present_of(connection, ids).facts[gig["id"]]
                given = {"id": gig["id"], "facts": json.dumps(there), "title": in_order("Harp")}
                names = set(re.findall(r":(\w+)", statement))
                connection.execute(text(statement), {name: given[name] for name in names})
            listed.append(stored_rows(connection, ids))
            present.append(present_of(connection, ids).rows)

    assert listed == present
    assert [len(rows) for rows in listed] == [1, 1, 0]
    assert listed[1][gig["id"]]["title"] != listed[0][gig["id"]]["title"]


def test_what_is_added_up_stays_the_same_in_fewer_rows(world: World) -> None:
    ada = world.teacher()
    gig = world.gig(ada)
    for number in range(4):
        change(world, ada, gig, category=SUBJECTS[number % 3])
    before = number_of_rows(world)

    within(world, add_up)

    assert problems(world) == []
    assert number_of_rows(world) < before
    with world.app.app_context(), reading() as connection:
        rows = connection.scalars(select(FacetCount.number).where(FacetCount.facet == TOTAL)).all()
    assert set(rows) == {1}


@pytest.mark.parametrize("repair", [recount_everything, count_anew])
def test_what_was_changed_past_the_counts_is_found(world: World, repair: Callable[[], object]) -> None:
    ada = world.teacher()
    gig = world.gig(ada, category="Music")
    with world.app.app_context(), writing() as session:
        if repair is recount_everything:
            session.execute(update(Gig).where(Gig.id == gig["id"]).values(status="paused"))
        else:
            session.execute(update(FacetCount).values(number=7))
        invalidate(tags.gig(gig["id"]), tags.user_gigs(ada.id), tags.teacher_slots(ada.id), tags.public_gigs())
        invalidate(tags.gig_sessions(gig["id"]), tags.all_gigs())
    assert problems(world) != []

    within(world, repair)

    assert problems(world) == []
    assert world.anyone.get("/api/gigs").json["total"] == (0 if repair is recount_everything else 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "asked", ["", "category=Music", "skill=scales", "min_rating=1", "currency=EUR&min_hourly=2000&max_hourly=2999"]
)
def test_no_gig_is_counted_for_the_whole_list_or_one_filter(world: World, asked: str) -> None:
    world.gig(world.teacher(), category="Music")

    with count_queries() as statements:
        assert world.anyone.get(f"/api/gigs?{asked}").status_code == 200

    assert not [statement for statement in statements if "counted_gigs" in statement]
