"""Bad input gets a clear 4xx and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from jsontext import dumps
from tests.gigs.bodies import WHOLE
from tests.support.cursors import forged_cursor
from tests.support.world import World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BAD_VALUES: list[tuple[str, Any]] = [
    ("title", "ab"),
    ("title", "  ab  "),
    ("title", "x" * 121),
    ("title", "Pia\0no"),
    ("title", 12345),
    ("title", True),
    ("title", None),
    ("title", ["Piano"]),
    ("summary", "x" * 201),
    ("summary", None),
    ("description", "x" * 19),
    ("description", "x" * 10_001),
    ("category", "M"),
    ("category", "x" * 61),
    ("skills", "piano"),
    ("skills", {"piano": 1}),
    ("skills", None),
    ("skills", [""]),
    ("skills", ["  "]),
    ("skills", ["x" * 41]),
    ("skills", [7]),
    ("skills", [None]),
    ("skills", [["piano"]]),
    ("skills", ["pia\0no"]),
    ("skills", [f"skill {number}" for number in range(21)]),
    ("price_cents", "30"),
    ("price_cents", True),
    ("price_cents", 30.5),
    ("price_cents", -1),
    ("price_cents", 10_000_001),
    ("price_cents", 2**63),
    ("price_cents", 1e300),
    ("price_cents", None),
    ("currency", "XXQ"),
    ("currency", "eur"),
    ("currency", "EURO"),
    ("currency", "EUR\n"),
    ("duration_minutes", 4),
    ("duration_minutes", 481),
    ("duration_minutes", "45"),
    ("capacity", 0),
    ("capacity", 501),
    ("capacity", False),
    ("free_cancellation_hours", -1),
    ("free_cancellation_hours", 721),
    ("free_cancellation_hours", 1.5),
    ("late_cancellation_percent", -1),
    ("late_cancellation_percent", 101),
    ("late_cancellation_percent", "50"),
    ("enrolment", "lottery"),
    ("enrolment", 1),
    ("location", "x" * 501),
    ("status", "published"),
    ("visibility", "private"),
    ("teacher_id", 1),
    ("popularity", 99),
    ("id", 7),
]

BAD_QUERIES = [
    {"limit": "0"},
    {"limit": "101"},
    {"limit": "ten"},
    {"limit": "1e1"},
    {"limit": "١"},
    {"limit": ""},
    {"cursor": "nonsense"},
    {"cursor": "%00"},
    {"cursor": "é"},
    {"cursor": forged_cursor([])},
    {"cursor": forged_cursor({"newest": 1})},
    {"cursor": forged_cursor(["newest", 1])},
    {"cursor": forged_cursor(["newest", "1", 1])},
    {"cursor": forged_cursor(["newest", True, 1])},
    {"cursor": forged_cursor(["newest", 1.5, 1])},
    {"cursor": forged_cursor(["newest", 2**64 - 1, 1])},
    {"cursor": forged_cursor(["price", 1, 1])},
    {"cursor": forged_cursor(["newest", 1, 1]), "sort": "price"},
    {"sort": "cheapest"},
    {"sort": "NEWEST"},
    {"min_price": "-1"},
    {"min_price": "10000001"},
    {"min_price": "9" * 40},
    {"max_price": "1.5"},
    {"min_price": "2", "max_price": "1"},
    {"min_rating": "0"},
    {"min_rating": "6"},
    {"min_rating": "4.5"},
    {"teacher_id": "0"},
    {"teacher_id": str(2**63)},
    {"teacher_id": "me"},
    {"q": "x" * 101},
    {"q": "pia\0no"},
    {"category": "x" * 61},
    {"skill": "x" * 41},
    {"skill": "a\0"},
    {"colour": "red"},
    {"offset": "20"},
]


@on_sqlite
def test_a_bad_value_is_refused_by_name_and_changes_nothing(world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)

    for field, value in BAD_VALUES:
        for answer in (
            teacher.patch(f"/api/gigs/{gig['id']}", {field: value}),
            teacher.post("/api/gigs", WHOLE | {field: value}),
        ):
            assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), (field, value)
            assert field in answer.json["errors"], (field, value)

    assert teacher.get("/api/gigs/mine").json["data"] == [gig]


@on_sqlite
@pytest.mark.parametrize("field", ["title", "description", "category", "skills", "price_cents", "currency"])
def test_what_a_gig_cannot_do_without_is_required(world: World, field: str) -> None:
    teacher = world.teacher()

    answer = teacher.post("/api/gigs", {name: value for name, value in WHOLE.items() if name != field})

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]
    assert teacher.get("/api/gigs/mine").json["data"] == []


@on_sqlite
def test_a_bad_query_is_refused(world: World) -> None:
    for query in BAD_QUERIES:
        answer = world.anyone.get("/api/gigs", query_string=query)

        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), query
        assert answer.json["errors"], query


@on_sqlite
def test_bad_queries_of_the_other_lists_are_refused(world: World) -> None:
    teacher = world.teacher()
    path = f"/api/gigs/{world.gig(teacher)['id']}"

    for where in ("/api/gigs/mine?status=lost", "/api/gigs/mine?q=x", "/api/gigs/categories?limit=1", f"{path}?x=1"):
        assert teacher.get(where).status_code == 422, where


BODIES: list[tuple[bytes, str, int]] = [
    (b"", "application/json", 400),
    (b"{", "application/json", 400),
    (b'{"title": NaN}', "application/json", 400),
    (b'{"title": "\xff"}', "application/json", 400),
    (b'{"title": "\\ud800"}', "application/json", 400),
    (b"[" * 100_000, "application/json", 400),
    (b'{"skills": ' + b"[" * 500 + b"]" * 500 + b"}", "application/json", 422),
    (b"[]", "application/json", 422),
    (b"null", "application/json", 422),
    (b'"title"', "application/json", 422),
    (b"title=Piano", "application/x-www-form-urlencoded", 415),
    (b"{}", "text/plain", 415),
    (b'{"title": "' + b"x" * 1_000_000 + b'"}', "application/json", 413),
]


@on_sqlite
def test_a_bad_body_is_refused(world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)

    for body, mimetype, expected in BODIES:
        for method, path in (("POST", "/api/gigs"), ("PATCH", f"/api/gigs/{gig['id']}")):
            answer = teacher.client.open(path, method=method, data=body, content_type=mimetype, headers=teacher.headers)
            assert answer.status_code == expected, (body[:40], answer.text)

    assert teacher.get("/api/gigs/mine").json["data"] == [gig]


@on_sqlite
@pytest.mark.parametrize(("action", "word"), [("status", "status"), ("visibility", "visibility")])
def test_a_bad_status_or_visibility_is_refused(world: World, action: str, word: str) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)
    path = f"/api/gigs/{gig['id']}/{action}"

    bodies: list[Any] = [{}, {word: "lost"}, {word: 1}, {word: None}, {word: "paused", "x": 1}, []]
    answers = [
        teacher.client.post(path, data=dumps(body), content_type="application/json", headers=teacher.headers)
        for body in bodies
    ]

    assert [answer.status_code for answer in answers] == [422] * len(bodies)
    assert teacher.get("/api/gigs/mine").json["data"] == [gig]


def test_text_in_every_script_is_kept(world: World) -> None:
    teacher = world.teacher()
    entered: dict[str, Any] = {
        "title": "👩‍🏫 Ελληνικά עברית 中文",
        "description": "Line one\nline two 🎹 and \u202eright to left",
        "skills": ["🎻", "日本語", "%_\\'\";--"],
        "category": "\ufdfa" * 60,
    }

    gig = world.gig(teacher, **entered)

    assert {name: gig[name] for name in entered} == entered
    assert world.anyone.get("/api/gigs", query_string={"q": "中文", "skill": "🎻"}).json["data"][0]["id"] == gig["id"]
