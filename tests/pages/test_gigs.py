"""The search, a gig's page, and a teacher's work on their own gigs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from gigs import service
from tests.gigs.bodies import WHOLE
from tests.pages.visitor import Visitor
from tests.support.world import World

Visit = Callable[..., Visitor]

ENTERED: dict[str, Any] = {
    "title": "Calculus for first-year students",
    "summary": "Understand the idea, then the rules are easy.",
    "description": "We begin with what you know already.\r\n\r\nThen we draw it.",
    "category": "Mathematics",
    "skills": " limits, derivatives ,, Limits",
    "price": "30",
    "currency": "EUR",
    "duration_minutes": "45",
    "capacity": "1",
    "location": "Room 4",
}


def test_a_gig_is_written_published_and_found_at_once(visit: Visit, world: World) -> None:
    anyone, teacher = visit().open("/gigs"), visit(world.teacher(name="Ada Marlowe"))
    assert "Nothing is offered yet" in anyone.text

    teacher.open("/gigs/new").send(**ENTERED)
    assert "Your draft is saved." in teacher.text
    assert "Nothing is offered yet" in anyone.open("/gigs").text
    teacher.send(then="published")

    assert "“Calculus for first-year students” is published." in teacher.text
    assert "Calculus for first-year students" in anyone.open("/gigs").text
    assert "Ada Marlowe" in anyone.text
    assert "New at Lectern See all gigs All teachers Calculus" in anyone.open("/").text


def test_saving_the_editor_as_it_is_changes_nothing(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    before = teacher.post("/api/gigs", WHOLE).json

    visit(teacher).open(f"/gigs/{before['id']}/edit").send()

    assert teacher.get(f"/api/gigs/{before['id']}").json == before


@pytest.mark.parametrize(
    ("hours", "percent", "words"),
    [
        ("24", "50", "Cancelling is free until 24 hours before the lesson. After that it costs 50% of the price."),
        ("48", "100", "Cancelling is free until 2 days before the lesson. After that it costs the full price."),
        ("1", "5", "Cancelling is free until 1 hour before the lesson."),
        ("24", "0", "Cancelling is free until the lesson starts."),
        ("", "", "Cancelling is free until the lesson starts."),
    ],
)
def test_what_cancelling_costs_stands_on_the_gigs_page(
    visit: Visit, world: World, hours: str, percent: str, words: str
) -> None:
    terms = {"free_cancellation_hours": hours, "late_cancellation_percent": percent}
    teacher = visit(world.teacher()).open("/gigs/new").send(**ENTERED | terms)
    teacher.send(then="published")

    assert words in visit().open("/gigs/1").text


def test_a_gig_is_saved_as_it_was_meant(visit: Visit, world: World) -> None:
    teacher = world.teacher()

    visit(teacher).open("/gigs/new").send(**ENTERED)

    gig = teacher.get("/api/gigs/1").json
    assert gig["description"] == "We begin with what you know already.\n\nThen we draw it."
    assert (gig["skills"], gig["location"], gig["status"]) == (["limits", "derivatives"], "Room 4", "draft")


def test_students_can_be_asked_to_apply_instead_of_booking(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    visitor = visit(teacher).open("/gigs/new").send(**ENTERED | {"enrolment": "application"})
    assert teacher.get("/api/gigs/1").json["enrolment"] == "application"
    assert visitor.form().values["enrolment"] == "application"

    visitor.send(enrolment="booking")

    assert teacher.get("/api/gigs/1").json["enrolment"] == "booking"


@pytest.mark.parametrize(
    ("typed", "cents"),
    [("30", 3000), ("30.00", 3000), ("30,00", 3000), ("30,5", 3050), (" 0 ", 0), ("100000", 10_000_000)],
)
def test_a_price_is_typed_as_people_write_it(visit: Visit, world: World, typed: str, cents: int) -> None:
    teacher = world.teacher()

    visit(teacher).open("/gigs/new").send(**ENTERED | {"price": typed})

    assert teacher.get("/api/gigs/1").json["price_cents"] == cents


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"title": "ab"}, "Title: Use 3 to 120 characters."),
        ({"summary": "x" * 201}, "Summary: Use at most 200 characters."),
        ({"description": "too short"}, "Description: Use 20 to 10,000 characters."),
        ({"category": ""}, "Subject: Please name a subject."),
        ({"skills": ",".join(map(str, range(21)))}, "Skills: At most 20 skills."),
        ({"skills": "x" * 41}, "Skills: Use 1 to 40 characters."),
        ({"price": ""}, "Price: Please name a price."),
        ({"price": "1,000"}, "Price: Please write an amount such as 30 or 30.50."),
        ({"price": "-3"}, "Price: Please write an amount such as 30 or 30.50."),
        ({"price": "100000.01"}, "Price: The most that is possible is 100,000."),
        ({"currency": "euro"}, "Currency: Give the code of a currency in use, such as EUR."),
        ({"duration_minutes": "4"}, "Minutes: Choose a number from 5 to 480."),
        ({"duration_minutes": "an hour"}, "Minutes: Please enter a whole number."),
        ({"free_cancellation_hours": "721"}, "Free until (hours before): Choose a number from 0 to 720."),
        ({"late_cancellation_percent": "a"}, "After that (percent): Please enter a whole number."),
        ({"capacity": "501"}, "Places: Choose a number from 1 to 500."),
        ({"location": "x" * 501}, "Place or meeting link: Use at most 500 characters."),
        ({"title": "nul\0nul"}, "Title: This text contains a character that cannot be stored."),
    ],
)
def test_what_cannot_be_a_gig_is_said_and_nothing_typed_is_lost(
    visit: Visit, world: World, wrong: dict[str, Any], message: str
) -> None:
    teacher = world.teacher()

    visitor = visit(teacher).open("/gigs/new").send(**ENTERED | wrong)

    assert (visitor.status, message in visitor.text) == (422, True), visitor.text
    kept = visitor.form().values
    typed = ENTERED | wrong | {"description": (ENTERED | wrong)["description"].replace("\r\n", "\n")}
    assert {name: kept[name] for name in typed if "\0" not in typed[name] and name != "currency"} == {
        name: text for name, text in typed.items() if "\0" not in text and name != "currency"
    }
    assert teacher.get("/api/gigs/mine").json["data"] == []


def test_the_editor_shows_what_is_there_and_saves_what_is_changed(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher, currency="XAF", price_cents=3050, location="Room 4")
    visitor = visit(teacher).open(f"/gigs/{gig['id']}/edit")
    shown = visitor.form().values
    assert (shown["price"], shown["currency"], shown["skills"]) == ("30.50", "XAF", "piano, reading music")

    visitor.send(title="Piano for everybody")

    assert "Your changes are saved." in visitor.text
    after = teacher.get(f"/api/gigs/{gig['id']}").json
    assert after == gig | {"title": "Piano for everybody", "updated_at": after["updated_at"]}


def test_a_gig_has_buttons_for_exactly_what_is_allowed(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    visitor = visit(teacher)

    for status, offered in [
        ("draft", {"published", "archived"}),
        ("published", {"paused", "archived"}),
        ("archived", set()),
    ]:
        gig = world.gig(teacher, status=status)
        buttons = re.findall(r'name="then" value="(\w+)"', visitor.open(f"/gigs/{gig['id']}/edit").answer.text)
        assert set(buttons) == offered


def test_a_status_that_is_not_possible_any_more_changes_nothing(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)
    visitor = visit(teacher).open(f"/gigs/{gig['id']}/edit")
    teacher.delete(f"/api/gigs/{gig['id']}")

    visitor.send(then="paused")

    assert (visitor.status, "This gig is archived" in visitor.text) == (422, True)
    assert teacher.get(f"/api/gigs/{gig['id']}").json["status"] == "archived"


def test_an_archived_gig_is_not_edited_any_more_and_keeps_what_was_typed(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)
    visitor = visit(teacher).open(f"/gigs/{gig['id']}/edit")
    teacher.delete(f"/api/gigs/{gig['id']}")

    visitor.send(title="Too late")

    assert visitor.status == 422
    assert "it does not change any more" in visitor.text
    assert visitor.form().values["title"] == "Too late"


def test_who_can_see_a_gig_is_the_teachers_choice(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)
    visitor, anyone = visit(teacher), visit()

    visitor.open(f"/gigs/{gig['id']}/edit").send(visibility="private")

    assert "Only you can see “Piano for beginners”." in visitor.text
    assert anyone.open(f"/gigs/{gig['id']}").status == 404


def test_another_teachers_gig_is_not_theirs_to_change(visit: Visit, world: World) -> None:
    published, draft = (world.gig(world.teacher(), status=status) for status in ("published", "draft"))
    visitor = visit(world.teacher()).open("/profile")
    token = visitor.form().values["csrf_token"]

    assert visitor.open(f"/gigs/{published['id']}/edit").status == 403
    assert visitor.open(f"/gigs/{draft['id']}/edit").status == 404
    archive = {"then": "archived", "csrf_token": token}
    assert visitor.post(f"/gigs/{published['id']}/edit", ENTERED | archive).status == 403
    assert visitor.open(f"/gigs/{published['id']}").status == 200


def test_a_gigs_location_is_not_for_everybody(visit: Visit, world: World) -> None:
    gig = world.gig(world.teacher(), location="Secret room")

    assert "Secret room" not in visit(world.student()).open(f"/gigs/{gig['id']}").answer.text


def test_filters_narrow_the_list_and_stay_in_the_address(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    world.gig(teacher, title="Cheap piano", price_cents=1000)
    world.gig(teacher, title="Dear piano", price_cents=9000)
    world.gig(teacher, title="Calculus", category="Mathematics", price_cents=1000)

    visitor = visit().open("/gigs?category=music&max_hourly=14,50&sort=price&utm_source=mail")

    assert "Cheap piano" in visitor.text
    assert "Dear piano" not in visitor.text
    assert "Calculus" not in visitor.text
    assert 'href="/gigs?category=Music&amp;sort=price"' in visitor.answer.text
    assert 'value="14,50"' in visitor.answer.text


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("max_hourly=abc", "Please write an amount such as 30 or 30.50."),
        ("min_hourly=20&max_hourly=10", "The lowest price is above the highest."),
        ("min_rating=9", "Choose a number from 1 to 5."),
        ("sort=colour", "Must be one of"),
        ("teacher_id=x", "Not a valid integer."),
        ("q=" + "x" * 101, "Use at most 100 characters."),
    ],
)
def test_a_filter_that_makes_no_sense_is_said_beside_it(visit: Visit, query: str, message: str) -> None:
    visitor = visit().open(f"/gigs?{query}")

    assert (visitor.status, message in visitor.text) == (422, True)


def test_a_long_list_of_gigs_leads_on(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    for number in range(23):
        world.gig(teacher, title=f"Piano {number}")
    visitor = visit().open("/gigs?q=piano")
    assert visitor.answer.text.count("<article") == 20

    link = visitor.answer.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")

    assert visitor.open(link).answer.text.count("<article") == 3
    assert "Back to the first gigs" in visitor.text


def test_the_filter_by_somebody_unknown_finds_nothing(visit: Visit) -> None:
    visitor = visit().open("/gigs?teacher_id=4711")

    assert "No gig fits" in visitor.text


def test_every_button_of_the_editor_saves_what_was_written(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher, status="draft")
    path, visitor = f"/gigs/{gig['id']}/edit", visit(teacher)

    visitor.open(path).send(price="45", title="Organ", then="published")
    assert "“Organ” is published." in visitor.text
    visitor.send(price="46", visibility="unlisted")
    assert "Your changes are saved. Only people who have the link can see “Organ”." in visitor.text
    visitor.send(price="47", then="paused")
    assert "“Organ” is paused." in visitor.text

    now = teacher.get(f"/api/gigs/{gig['id']}").json
    assert (now["price_cents"], now["visibility"], now["status"]) == (4700, "unlisted", "paused")
    visitor.send(summary="Loud.", then="archived")
    now = teacher.get(f"/api/gigs/{gig['id']}").json
    assert (now["summary"], now["status"]) == ("Loud.", "archived")


@pytest.mark.parametrize("wrong", [{"price": "many"}, {"then": "draft"}, {"visibility": "nobody"}])
def test_what_is_refused_changes_nothing_and_stays_typed(visit: Visit, world: World, wrong: dict[str, Any]) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher, status="draft")
    visitor = visit(teacher).open(f"/gigs/{gig['id']}/edit")

    visitor.send(**{"title": "Organ", "visibility": "unlisted", "then": "published"} | wrong)

    assert visitor.status == 422
    now = teacher.get(f"/api/gigs/{gig['id']}").json
    assert (now["title"], now["visibility"], now["status"]) == (gig["title"], "public", "draft")
    assert visitor.form().values["title"] == "Organ"


def test_a_teacher_publishes_so_many_gigs(visit: Visit, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_PUBLISHED", 2)
    teacher = world.teacher()
    first, _, third = world.gig(teacher), world.gig(teacher), world.gig(teacher, status="draft")
    publish = {"status": "published"}

    refused = teacher.post(f"/api/gigs/{third['id']}/status", publish)

    assert (refused.status_code, refused.json["type"]) == (409, "/problems/too-many-gigs")
    visitor = visit(teacher).open(f"/gigs/{third['id']}/edit").send(title="Organ", then="published")
    assert (visitor.status, "Please pause or archive another gig first." in visitor.text) == (422, True)
    teacher.post(f"/api/gigs/{first['id']}/status", {"status": "paused"})
    assert teacher.post(f"/api/gigs/{third['id']}/status", publish).status_code == 200


def test_the_editor_of_another_ones_gig_does_not_speak_of_ones_own_times(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    gig = world.gig(teacher)

    theirs = visit(world.admin()).open(f"/gigs/{gig['id']}/edit").text
    own = visit(teacher).open(f"/gigs/{gig['id']}/edit").text

    assert "Students choose among the teacher’s free hours." in theirs
    assert "Students choose among your free hours." in own
    assert [word for word in ("your free", "of yours", "you set", "you have accepted") if word in theirs] == []


def test_an_administrator_edits_a_gig_that_is_not_theirs(visit: Visit, world: World) -> None:
    gig = world.gig(world.teacher())

    visitor = visit(world.admin()).open(f"/gigs/{gig['id']}/edit")

    assert "Edit this gig" in visitor.text
    # Their own gigs they have none of, so no link leads there.
    assert 'href="/gigs/mine"' not in visitor.answer.text


def test_a_teacher_is_not_told_that_their_gigs_page_is_what_students_see(visit: Visit, world: World) -> None:
    teacher = world.teacher()

    text = visit(teacher).open(f"/gigs/{world.gig(teacher)['id']}").text

    assert "This is your gig. Students can book it." in text
    assert "as students see it" not in text
    assert "See who is waiting for a place" in text


def test_the_first_publishing_leads_past_the_hours(visit: Visit, world: World) -> None:
    teacher = world.teacher(hours=None)
    gig = world.gig(teacher, status="draft")
    visitor = visit(teacher).open(f"/gigs/{gig['id']}/edit")

    visitor.send(title="Piano, changed", then="published")
    asked, path = visitor.form().values, visitor.path
    status = teacher.get(f"/api/gigs/{gig['id']}").json["status"]
    visitor.send()

    assert (path, status) == (f"/gigs/{gig['id']}/hours", "draft")
    assert (asked["monday-start"], asked["friday-end"], asked["saturday-start"]) == ("09:00", "17:00", "")
    after = teacher.get(f"/api/gigs/{gig['id']}").json
    assert (after["status"], after["title"]) == ("published", "Piano, changed")
    assert "“Piano, changed” is published. Students can ask for lessons at these times" in visitor.text
    assert len(teacher.get("/api/teachers/me/availability").json["weekly"]) == 5


def test_who_has_said_when_publishes_at_once_and_chooses_among_schedules(visit: Visit, world: World) -> None:
    teacher = world.teacher()
    made = teacher.post("/api/teachers/me/schedules", {"name": "School"}).json
    gig = world.gig(teacher, status="draft")
    visitor = visit(teacher).open(f"/gigs/{gig['id']}/edit")

    visitor.send(schedule_id=str(made["id"]), then="published")

    after = teacher.get(f"/api/gigs/{gig['id']}").json
    assert (after["status"], after["schedule_id"]) == ("published", made["id"])
    assert visitor.form().values["schedule_id"] == str(made["id"])
