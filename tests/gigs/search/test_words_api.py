"""How words are looked for: why a gig was found, in which order, what follows a change, what strange words do."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

import tags
from caching import invalidate
from database import reading, writing
from gigs.models import Gig
from gigs.search import index
from gigs.search.models import GigDocument, SearchWord
from gigs.search.terms import one_error_apart
from gigs.search.words import words_of
from support.queries import count_queries
from tests.support.world import World

sqlite_alone = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@sqlite_alone
def test_a_result_says_why_it_was_found(world: World) -> None:
    teacher = world.teacher(name="Zoë Müller")
    long = "We start slowly. " * 10 + "Then we play <b>Für</b> Elise together. " + "And so on. " * 30
    world.gig(teacher, title="Pianos & more", description=long, skills=["piano", "scales"])

    (found,) = world.anyone.get("/api/gigs?q=muller+piano+elise").json["data"]

    why = found["highlights"]
    assert why["title"] == [{"text": "Pianos", "marked": True}, {"text": " & more", "marked": False}]
    assert why["teacher"] == [{"text": "Zoë ", "marked": False}, {"text": "Müller", "marked": True}]
    assert why["skills"] == ["piano"]
    assert [part["text"] for part in why["excerpt"] if part["marked"]] == ["Elise"]
    assert "".join(part["text"] for part in why["excerpt"]).startswith("… ")
    assert "summary" not in why
    assert found["description"] == long[:200]


@sqlite_alone
def test_without_words_nothing_is_marked(world: World) -> None:
    world.gig(world.teacher())

    answer = world.anyone.get("/api/gigs").json

    assert "highlights" not in answer["data"][0]
    assert answer["corrected"] == {}


@sqlite_alone
def test_an_answer_says_which_words_were_taken_for_others(world: World) -> None:
    world.gig(world.teacher(), title="Algebra for all")

    assert world.anyone.get("/api/gigs?q=algerba").json["corrected"] == {"algerba": ["algebra"]}
    assert world.anyone.get("/api/gigs?q=algebra").json["corrected"] == {}


@sqlite_alone
def test_a_draft_neither_is_found_nor_keeps_a_typing_error_from_being_corrected(world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher, title="Algebra for all")
    world.gig(teacher, title="Algerba, not yet corrected", status="draft")

    answer = world.anyone.get("/api/gigs?q=algerba").json

    assert [found["id"] for found in answer["data"]] == [gig["id"]]


def test_words_that_no_public_gig_has_are_neither_named_nor_used(world: World) -> None:
    teacher = world.teacher(name="Zacharias Quill")
    shown = world.gig(teacher, title="Algebra for all")
    world.gig(teacher, title="Algebro, a draft", status="draft")
    hidden = world.gig(teacher, title="Algebru by invitation")
    assert teacher.post(f"/api/gigs/{hidden['id']}/visibility", {"visibility": "private"}).status_code == 200
    assert teacher.patch("/api/users/me", {"name": "Ada King"}).status_code == 200

    former = world.anyone.get("/api/gigs?q=zacharias").json, world.anyone.get("/api/gigs?q=zacharios").json
    found = world.anyone.get("/api/gigs?q=algebri").json

    assert [(answer["corrected"], answer["total"]) for answer in former] == [({}, 0), ({}, 0)]
    assert found["corrected"] == {"algebri": ["algebra"]}
    assert [gig["id"] for gig in found["data"]] == [shown["id"]]


def test_words_that_no_gig_has_any_more_are_forgotten(world: World) -> None:
    teacher = world.teacher(name="Zacharias Quill")
    world.gig(teacher, title="Algebra for all")
    draft = world.gig(teacher, title="Harmonium", status="draft")
    assert teacher.patch("/api/users/me", {"name": "Ada King"}).status_code == 200
    assert teacher.patch(f"/api/gigs/{draft['id']}", {"title": "Spinett"}).status_code == 200

    with world.app.app_context():
        index.forget_words()

    assert _known(world, "algebra", "spinett", "zacharias", "quill", "harmonium") == ["algebra", "spinett"]


def test_a_word_that_a_transaction_is_about_to_use_is_not_forgotten(world: World) -> None:
    if world.app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        pytest.skip("SQLite has one writer at a time.")
    teacher = world.teacher()
    gig = world.gig(teacher, title="Harmonium")
    assert teacher.patch(f"/api/gigs/{gig['id']}", {"title": "Spinett"}).status_code == 200

    def forget() -> None:
        with world.app.app_context():
            index.forget_words()

    with world.app.app_context(), writing() as session:
        session.execute(update(Gig).where(Gig.id == gig["id"]).values(title="Harmonium"))
        made_old = (tags.gig, tags.gig_sessions, tags.gig_applications)
        invalidate(tags.public_gigs(), tags.teachers(), *(tag(gig["id"]) for tag in made_old))
        invalidate(tags.user_gigs(teacher.id), tags.teacher_slots(teacher.id), tags.all_gigs())
        index.write(session, [gig["id"]])
        other = Thread(target=forget)
        other.start()
        other.join()

    assert _known(world, "harmonium") == ["harmonium"]


def test_a_new_name_of_the_teacher_is_found_at_once_and_the_old_one_no_more(world: World) -> None:
    teacher = world.teacher(name="Ada Lovelace")
    gig = world.gig(teacher)
    assert _ids(world, "lovelace") == [gig["id"]]

    assert teacher.patch("/api/users/me", {"name": "Ada King"}).status_code == 200

    assert (_ids(world, "lovelace"), _ids(world, "king")) == ([], [gig["id"]])


def test_pages_of_the_best_results_follow_each_other_without_gaps(world: World) -> None:
    teacher = world.teacher()
    titles = ["Piano", "Piano and organ", "Organ, a little piano", "Organ", "Harmonium", "Spinet"]
    ids = [world.gig(teacher, title=title)["id"] for title in titles]

    whole, pages, cursor = _ids(world, "piano"), [], None
    while cursor or not pages:
        asked = {"q": "piano", "limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = world.anyone.get("/api/gigs", query_string=asked).json
        pages, cursor = [*pages, *(gig["id"] for gig in answer["data"])], answer["next_cursor"]

    assert pages == whole
    assert sorted(whole) == ids
    assert whole[0] == ids[0]


@pytest.mark.parametrize("path", ["?q=algerba+pianno&category=music&min_rating=1", "?q=piano", "?sort=price"])
def test_a_cold_answer_takes_three_statements_at_most_and_a_warm_one_none(world: World, path: str) -> None:
    world.gig(world.teacher(), title="Algebra at the piano")

    with count_queries() as cold:
        assert world.anyone.get(f"/api/gigs{path}").headers["X-Cache"] == "MISS"
    with count_queries() as warm:
        assert world.anyone.get(f"/api/gigs{path}").headers["X-Cache"] == "HIT"

    assert len(cold) <= 3
    assert warm == []


_STRANGE = st.text(st.sampled_from("ab '\"*:&|!()<>-+#~^$%_\\/{}[]\u0301\u200bАä漢🎹"), max_size=100)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(max_size=120), _STRANGE))
@example(text="piano' OR 1=1 --")
@example(text='"piano" NEAR/3 ("x"')
@example(text="title:piano AND NOT")
@example(text="a:* & !b | <-> c")
@example(text="\0")
@example(text="!!! ??? ...")
@example(text="word " * 300)
@example(text="x" * 10_000)
@example(text="a b c d e f g h i j k l m n o p q r s t u v w x y z")
@example(text="abcde bcdef cdefg defgh efghi fghij ghijk hijkl ijklm jklmn klmno lmnop")
def test_strange_questions_do_no_harm(world: World, text: str) -> None:
    answer = world.anyone.get("/api/gigs", query_string={"q": text})

    assert answer.status_code in (200, 422), answer.text


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("algerba", "algebra", True),
        ("pianno", "piano", True),
        ("gitar", "guitar", True),
        ("xhess", "chess", True),
        ("piano", "piano", False),
        ("pinoa", "piano", False),
        ("chess", "cheese", False),
    ],
)
def test_one_error_is_one_letter_or_two_that_changed_places(one: str, other: str, apart: bool) -> None:
    assert one_error_apart(one, other) is apart
    assert one_error_apart(other, one) is apart


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Für Elise", ["fur", "elise"]),
        ("Łódź, STRASSE", ["lodz", "strasse"]),
        ("C++ and C#, 1+1", ["c++", "and", "c#", "1", "1"]),
        ("snake_case", ["snake", "case"]),
        ("한국어", ["한국어"]),
        ("हिन्दी", ["हिन्दी"]),
        ("?!", []),
    ],
)
def test_texts_are_taken_apart_into_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def _ids(world: World, words: str, **more: Any) -> list[int]:
    answer = world.anyone.get("/api/gigs", query_string={"q": words} | more)
    assert answer.status_code == 200, answer.text
    return [gig["id"] for gig in answer.json["data"]]


def _known(world: World, *words: str) -> list[str]:
    with world.app.app_context(), reading() as connection:
        known = select(SearchWord.word).where(SearchWord.word.in_(words)).order_by(SearchWord.word)
        return list(connection.scalars(known))


def test_operators_can_write_the_whole_index_anew(world: World) -> None:
    gig = world.gig(world.teacher(), title="Algebra for all")
    with world.app.app_context(), writing() as session:
        session.execute(delete(GigDocument))
        session.execute(delete(SearchWord))
        invalidate(tags.public_gigs())
    assert _ids(world, "algerba") == []

    world.operator("gigs", "index")

    assert _ids(world, "algerba") == [gig["id"]]
