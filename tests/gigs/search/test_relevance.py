"""What stands first when somebody looks for something."""

from __future__ import annotations

from tests.gigs.search.questions import QUESTIONS, Question
from tests.gigs.search.school import open_school
from tests.support.world import World


def test_sixty_questions_have_the_first_results_that_a_person_expects(world: World) -> None:
    ids = open_school(world)
    keys = {gig_id: key for key, gig_id in ids.items()}

    answers = {asked.words: _found(world, keys, asked.words) for asked in QUESTIONS}

    assert len(answers) >= 60
    assert {words: found for words, found in answers.items() if not _as_expected(words, found)} == {}


def _found(world: World, keys: dict[int, str], words: str) -> list[str]:
    answer = world.anyone.get("/api/gigs", query_string={"q": words, "limit": 100})
    assert answer.status_code == 200, answer.text
    assert answer.json["total"] == len(answer.json["data"])
    return [keys[gig["id"]] for gig in answer.json["data"]]


def _as_expected(words: str, found: list[str]) -> bool:
    asked = next(asked for asked in QUESTIONS if asked.words == words)
    return _first(asked, found) and not {*asked.also.split()} - {*found} and not {*asked.never.split()} & {*found}


def _first(asked: Question, found: list[str]) -> bool:
    first = asked.first.split()
    return {*found[: len(first)]} == {*first} if first else not found
