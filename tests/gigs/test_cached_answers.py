"""How cached gigs go out, and what they cost."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from support.queries import count_commands, count_queries
from support.servers import RedisServer
from tests.support.world import Person, World

PUBLIC = ["/api/gigs", "/api/gigs?q=piano&sort=price", "/api/gigs/categories"]


@pytest.mark.parametrize("path", PUBLIC)
def test_the_second_answer_comes_from_the_cache(world: World, path: str) -> None:
    world.gig(world.teacher())

    first, second = world.anyone.get(path), world.anyone.get(path)

    assert (first.headers["X-Cache"], first.json["cached"]) == ("MISS", False)
    assert (second.headers["X-Cache"], second.json["cached"]) == ("HIT", True)
    assert first.json["data"] == second.json["data"]
    assert first.headers["ETag"] == second.headers["ETag"]
    assert first.headers["ETag"].startswith('W/"')
    assert second.headers["Cache-Control"] == "private, no-cache"
    assert second.headers["Vary"] == "Authorization, Cookie"


def test_an_unchanged_list_is_a_304_until_something_changes(world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)
    etag = {"If-None-Match": world.anyone.get("/api/gigs").headers["ETag"]}

    unchanged = world.anyone.get("/api/gigs", headers=etag)
    teacher.patch(f"/api/gigs/{gig['id']}", {"title": "Organ"})
    changed = world.anyone.get("/api/gigs", headers=etag)

    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert unchanged.headers["ETag"] == etag["If-None-Match"]
    assert changed.status_code == 200


def test_a_detail_is_cached_once_for_all_its_readers(world: World) -> None:
    teacher = world.teacher()
    path = f"/api/gigs/{world.gig(teacher, location='Room 3')['id']}"
    readers: list[Person | FlaskClient] = [world.anyone, world.student(), world.admin(), teacher]
    for reader in readers:
        reader.get("/api/gigs")
    world.anyone.get(path)

    with count_queries() as statements:
        answers = [reader.get(path) for reader in readers]

    assert statements == []
    assert [answer.headers["X-Cache"] for answer in answers] == ["HIT"] * 4
    assert [answer.json.get("location") for answer in answers] == [None, None, "Room 3", "Room 3"]


def test_the_etag_of_a_detail_belongs_to_what_the_reader_sees(world: World) -> None:
    teacher = world.teacher()
    path = f"/api/gigs/{world.gig(teacher)['id']}"

    public = world.anyone.get(path).headers["ETag"]

    assert teacher.get(path, headers={"If-None-Match": public}).status_code == 200
    assert world.student().get(path, headers={"If-None-Match": public}).status_code == 304


def test_searches_that_mean_the_same_share_an_answer(world: World) -> None:
    world.gig(world.teacher())
    world.anyone.get("/api/gigs?q=piano+beginners&category=Music")

    answer = world.anyone.get("/api/gigs?category=MUSIC&q=PIANO++Beginners&limit=20&sort=relevance")

    assert answer.headers["X-Cache"] == "HIT"


@pytest.mark.parametrize("limit", [1, 100])
@pytest.mark.parametrize("path", ["/api/gigs?sort=rating&q=piano&", "/api/gigs/mine?"])
def test_a_list_costs_three_statements_at_most_and_none_from_the_cache(world: World, path: str, limit: int) -> None:
    teacher = world.teacher()
    for _ in range(3):
        world.gig(teacher)
    teacher.get("/api/users/me")

    with count_queries() as missed:
        assert teacher.get(f"{path}limit={limit}").headers["X-Cache"] == "MISS"
    with count_queries() as hit:
        assert teacher.get(f"{path}limit={limit}").headers["X-Cache"] == "HIT"

    assert len(missed) <= 3
    assert hit == []


@pytest.mark.middleware_not_compared
def test_a_hit_costs_one_redis_command_and_for_others_lists_with_a_sign_in_two_at_most(
    world: World, redis_server: RedisServer
) -> None:
    teacher = world.teacher()
    path = f"/api/gigs/{world.gig(teacher)['id']}"
    reads = [(reader, where) for reader in (world.anyone, teacher) for where in (*PUBLIC, path)]
    for reader, where in [*reads, (teacher, "/api/gigs/mine")]:
        reader.get(where)

    for reader, where in [*reads, (teacher, "/api/gigs/mine")]:
        with count_commands(redis_server) as commands:
            assert reader.get(where).headers["X-Cache"] == "HIT"
        assert commands == ["mget"]


def test_lists_have_the_beginning_of_a_description_and_the_gig_all_of_it(world: World) -> None:
    teacher = world.teacher()
    long = "Für Elise, " * 30
    gig = world.gig(teacher, description=long)

    listed = [
        world.anyone.get("/api/gigs").json["data"][0],
        teacher.get("/api/gigs/mine").json["data"][0],
        world.anyone.get(f"/api/gigs?free_at={world.at(days=3)}").json["data"][0],
    ]

    assert [row["description"] for row in listed] == [long[:200]] * 3
    assert teacher.get(f"/api/gigs/{gig['id']}").json["description"] == long.strip()
