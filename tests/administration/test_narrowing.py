"""Lists of the API narrowed by parts of names and titles, on both databases, whether few or many match."""

from __future__ import annotations

import pytest

from gigs import narrowing
from tests.support.world import World


@pytest.mark.parametrize("few", [narrowing.FEW, 0])
def test_own_and_all_lists_are_narrowed_by_words(world: World, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(narrowing, "FEW", few)
    grace, anna = world.teacher(name="Grace Hopper"), world.teacher(name="Anna Ö'Brien_100%")
    student, office = world.student(name="Ada Lovelace"), world.office()
    gigs = [world.gig(grace, title="Organ"), world.gig(anna, title="Violin 100%")]
    lessons = [world.booking(student, gig, starts_at=world.at(days=day))["id"] for day, gig in enumerate(gigs, 2)]
    for gig in gigs:
        paid = {"booking_id": lessons[gigs.index(gig)], "method": "cash", "amount_cents": 3000, "currency": "EUR"}
        teacher = grace if gig is gigs[0] else anna
        assert teacher.patch(f"/api/bookings/{paid['booking_id']}", {"status": "accepted"}).status_code == 200
        assert student.post("/api/payments", {**paid, "reference": ""}).status_code == 201

    for query, expected in (
        ("person=HOPPER", 1),
        ("teacher=ö'brien_100%25", 1),
        ("person=lovelace", 2),
        ("teacher=lovelace", 0),
        ("gig=100%25", 1),
        ("gig=ORGAN&person=ada", 1),
        ("person=_", 1),
        ("person=nobody", 0),
    ):
        for path in ("/api/bookings", "/api/payments"):
            for person in (student, office):
                found = person.get(f"{path}?{query}").json["data"]
                assert len(found) == expected, (path, query)
