"""What anyone finds, and in which order."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.world import Person, World


def test_the_list_shows_published_public_gigs_only(world: World) -> None:
    teacher = world.teacher()
    shown = world.gig(teacher)
    world.gig(teacher, status="draft")
    for status in ("paused", "archived"):
        assert teacher.post(f"/api/gigs/{world.gig(teacher)['id']}/status", {"status": status}).status_code == 200
    for visibility in ("unlisted", "private"):
        path = f"/api/gigs/{world.gig(teacher)['id']}/visibility"
        assert teacher.post(path, {"visibility": visibility}).json["visibility"] == visibility

    assert _ids(world) == [shown["id"]]
    assert len(teacher.get("/api/gigs/mine").json["data"]) == 6


def test_the_list_shows_gigs_as_their_details_do_without_the_location(world: World) -> None:
    gig = world.gig(world.teacher(), location="Room 3")

    (listed,) = world.anyone.get("/api/gigs").json["data"]

    assert listed == world.anyone.get(f"/api/gigs/{gig['id']}").json
    assert listed == {name: value for name, value in gig.items() if name != "location"}


SEARCHES = {
    "piano": True,
    "PIANO Beginners": True,
    "beginners piano": True,
    "pian": True,
    "homework": True,
    "wörter": True,
    "WÖRTER": True,
    "éTUDES": True,
    "strasse": True,
    "violin": False,
    "piano violin": False,
    "1%%": False,
    "_iano": False,
    "100%": True,
    "snake_case": True,
    "snakeXcase": False,
    "\\": False,
    "', 1); --": False,
    "": True,
    "   ": True,
}


def test_search_finds_all_words_whatever_their_capitals(world: World) -> None:
    summary = "100% without homework, only Wörter and Études"
    gig = world.gig(world.teacher(), summary=summary, category="Straße", skills=["snake_case"])

    found = {text: _ids(world, q=text) == [gig["id"]] for text in SEARCHES}

    assert found == SEARCHES


def test_a_search_follows_what_the_gig_says_now(world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher, skills=["harpsichord"])

    teacher.patch(f"/api/gigs/{gig['id']}", {"skills": ["organ"]})
    teacher.patch(f"/api/gigs/{gig['id']}", {"title": "Bach for everyone"})

    assert [_ids(world, q=word) for word in ("harpsichord", "organ bach")] == [[], [gig["id"]]]
    assert [_ids(world, skill=word) for word in ("harpsichord", "Organ")] == [[], [gig["id"]]]


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"category": "music"}, ["lute", "piano"]),
    ({"category": "MUSIC "}, ["lute", "piano"]),
    ({"category": "mathématiques"}, ["algebra"]),
    ({"category": "mus"}, []),
    ({"skill": "NOTES"}, ["lute", "piano"]),
    ({"skill": "not"}, []),
    ({"min_price": 3000}, ["lute", "piano"]),
    ({"max_price": 3000}, ["algebra", "piano"]),
    ({"min_price": 3000, "max_price": 3000}, ["piano"]),
    ({"category": "music", "skill": "notes", "q": "lute", "max_price": 5000}, ["lute"]),
    ({"category": "", "q": "", "skill": ""}, ["algebra", "lute", "piano"]),
    ({"teacher_id": 4711}, []),
    ({"teacher_id": 2**63 - 1}, []),
]


def test_filters_narrow_the_list_together(world: World) -> None:
    teacher = world.teacher()
    world.gig(teacher, title="piano", price_cents=3000, skills=["Scales", "Notes"])
    world.gig(teacher, title="lute", price_cents=5000, skills=["notes"])
    world.gig(teacher, title="algebra", price_cents=1000, category="Mathématiques", skills=[])

    answers = [world.anyone.get("/api/gigs", query_string=filters).json for filters, _ in FILTERS]

    found = [sorted(gig["title"] for gig in answer["data"]) for answer in answers]
    assert found == [expected for _, expected in FILTERS]


def test_the_list_can_be_narrowed_to_one_teacher(world: World) -> None:
    one, other = world.teacher(), world.teacher()
    gig = world.gig(one)
    world.gig(other)

    assert _ids(world, teacher_id=one.id) == [gig["id"]]


def test_a_least_rating_leaves_out_teachers_below_it_and_those_without_any(world: World) -> None:
    gigs = _rated(world, [5, 4], [4, 4], [4, 3], [])

    assert sorted(_ids(world, min_rating=4)) == gigs[:2]
    assert _ids(world, min_rating=5) == []
    assert sorted(_ids(world, min_rating=1)) == gigs[:3]


def test_gigs_can_be_sorted_by_their_teachers_rating(world: World) -> None:
    worst, best, none, middle = _rated(world, [1], [5, 5], [], [5, 4])

    assert _ids(world, sort="rating") == [best, middle, worst, none]


def test_newest_first_is_the_default(world: World, clock: Any) -> None:
    teacher = world.teacher()
    older = world.gig(teacher)
    clock.advance(minutes=1)
    newer = world.gig(teacher)

    assert _ids(world) == _ids(world, sort="newest") == [newer["id"], older["id"]]


def test_gigs_can_be_sorted_by_price_both_ways(world: World) -> None:
    teacher = world.teacher()
    dear, cheap, free = (world.gig(teacher, price_cents=price)["id"] for price in (10_000_000, 1000, 0))

    assert _ids(world, sort="price") == [free, cheap, dear]
    assert _ids(world, sort="-price") == [dear, cheap, free]


def test_categories_are_counted_whatever_their_capitals(world: World) -> None:
    teacher = world.teacher()
    for category in ("Music", "music", "Art", "Chess", "chess", "Chess"):
        world.gig(teacher, category=category)
    world.gig(teacher, status="draft", category="Secret plans")

    categories = world.anyone.get("/api/gigs/categories").json

    assert [(row["name"].lower(), row["gigs"]) for row in categories["data"]] == [
        ("chess", 3),
        ("music", 2),
        ("art", 1),
    ]
    assert categories["next_cursor"] is None


def test_my_gigs_are_mine_in_all_states_and_with_their_location(world: World) -> None:
    teacher = world.teacher()
    draft = world.gig(teacher, status="draft", location="Room 3")
    published = world.gig(teacher)
    world.gig(world.teacher())

    mine = teacher.get("/api/gigs/mine").json["data"]

    assert mine == [published, draft]
    assert teacher.get("/api/gigs/mine?status=draft").json["data"] == [draft]
    assert teacher.get("/api/gigs/mine?status=archived").json["data"] == []


def test_only_teachers_have_gigs_of_their_own(world: World) -> None:
    assert world.student().get("/api/gigs/mine").status_code == 403
    assert world.admin().get("/api/gigs/mine").status_code == 403


STEPS = {"draft": [], "published": ["published"], "paused": ["published", "paused"], "archived": ["archived"]}


@pytest.mark.parametrize("status", STEPS)
def test_details_are_shown_to_whom_they_concern(world: World, status: str) -> None:
    teacher = world.teacher()
    others: list[Person | FlaskClient] = [world.anyone, world.student(), world.teacher()]
    for visibility in ("public", "unlisted", "private"):
        path = _gig_in(world, teacher, status, visibility)

        for answer in (teacher.get(path), world.admin().get(path)):
            assert (answer.json["status"], answer.json["visibility"]) == (status, visibility)
            assert answer.json["location"] == "Room 3"
        answers = [other.get(path) for other in others]
        expected = 200 if status in ("published", "paused") and visibility != "private" else 404
        assert [answer.status_code for answer in answers] == [expected] * 3
        assert all("Room 3" not in answer.text for answer in answers)


def _gig_in(world: World, teacher: Person, status: str, visibility: str) -> str:
    path = f"/api/gigs/{world.gig(teacher, status='draft', location='Room 3')['id']}"
    assert teacher.post(f"{path}/visibility", {"visibility": visibility}).status_code == 200
    for step in STEPS[status]:
        assert teacher.post(f"{path}/status", {"status": step}).status_code == 200
    return path


def _ids(world: World, **filters: Any) -> list[int]:
    answer = world.anyone.get("/api/gigs", query_string=filters)
    assert answer.status_code == 200, answer.text
    return [gig["id"] for gig in answer.json["data"]]


def _rated(world: World, *ratings: list[int]) -> list[int]:
    """The ids of one gig for each list of ratings, each of a teacher who got these."""
    student = world.student()
    return [_rated_gig(world, student, stars) for stars in ratings]


def _rated_gig(world: World, student: Person, ratings: list[int]) -> int:
    gig = world.gig(world.teacher())
    for rating in ratings:
        world.review(student, gig, rating=rating)
    return int(gig["id"])
