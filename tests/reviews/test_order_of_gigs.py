"""The order by rating follows each review at once."""

from __future__ import annotations

from tests.support.world import World


def order(world: World) -> list[int]:
    return [gig["id"] for gig in world.anyone.get("/api/gigs?sort=rating").json["data"]]


def test_gigs_follow_the_ratings_of_their_teachers(world: World) -> None:
    good, bad = world.teacher(), world.teacher()
    of_good, of_bad = world.gig(good)["id"], world.gig(bad)
    unknown = world.gig(world.teacher())["id"]
    assert order(world) == [unknown, of_bad["id"], of_good]

    world.review(world.student(), of_bad, rating=2)
    assert order(world) == [of_bad["id"], unknown, of_good]

    world.review(world.student(), world.gig(good), rating=5)
    another = max(order(world))
    assert order(world) == [another, of_good, of_bad["id"], unknown]


def test_a_new_gig_has_its_teachers_rating(world: World) -> None:
    teacher = world.teacher()
    rated = world.gig(teacher)
    world.review(world.student(), rated, rating=4)
    unrated = world.gig(world.teacher())["id"]

    new = world.gig(teacher)["id"]

    assert order(world) == [new, rated["id"], unrated]
