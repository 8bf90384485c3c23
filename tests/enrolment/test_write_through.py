"""After a decision an application is in the cache before anybody asks for it."""

from __future__ import annotations

import pytest

from support.queries import recorded_queries
from tests.support.world import World


@pytest.mark.parametrize(("status", "by"), [("accepted", "teacher"), ("rejected", "teacher"), ("withdrawn", "student")])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_first_to_ask_after_a_decision_needs_no_statement(world: World, status: str, by: str) -> None:
    people = {"teacher": world.teacher(), "student": world.student()}
    course = world.gig(people["teacher"], enrolment="application")
    applied = people["student"].post(f"/api/gigs/{course['id']}/applications", {"message": "I would like to learn."})
    path = f"/api/applications/{applied.json['id']}"
    # What the answer needs to know of those who ask is known already.
    for person in people.values():
        assert person.get(path).json["status"] == "pending"

    with recorded_queries() as queries:
        assert people[by].patch(path, {"status": status}).json["status"] == status

    loads = [query for query in queries if "applications.message" in query.statement and "JOIN" in query.statement]
    # One for each of the two, and the answer finds what was filled.
    assert len(loads) == 2
    with recorded_queries() as queries:
        assert [person.get(path).json["status"] for person in people.values()] == [status, status]
    assert [*queries] == []
