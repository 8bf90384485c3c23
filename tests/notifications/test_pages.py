"""The bell on each page, the list behind it, the settings, and the way out of a mail."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask

from notifications import unsubscribe
from notifications.types import NotificationType
from support.monitor import monitor
from support.queries import count_queries
from support.servers import RedisServer
from tests.pages.visitor import Visitor
from tests.support.world import Person, World

SETTINGS = "/api/users/me/notification-settings"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def anna(world: World) -> Person:
    return world.student(name="Anna Berg")


@pytest.fixture
def visitor(world: World, anna: Person) -> Visitor:
    return Visitor(world.app).sign_in(anna)


def unsubscribe_path(world: World, person: Person, kind: unsubscribe.Kind) -> str:
    with world.app.app_context():
        return urlsplit(unsubscribe.address(person.id, kind)).path


@pytest.mark.parametrize(("number", "words"), [(0, "Notifications"), (1, "1 unread notification")])
def test_the_bell_says_how_many_are_unread(
    world: World, anna: Person, visitor: Visitor, number: int, words: str
) -> None:
    for _ in range(number):
        world.told(anna)

    visitor.open("/gigs")

    assert f'<span class="visually-hidden">{words}</span>' in visitor.answer.text


def test_the_bell_knows_what_another_process_has_told(
    world: World, anna: Person, visitor: Visitor, make_app: Callable[..., Flask]
) -> None:
    elsewhere = World(make_app(), world.clock)
    visitor.open("/")

    elsewhere.told(anna)
    elsewhere.told(anna)

    assert "2 unread notifications" in visitor.open("/").answer.text


def test_the_bell_costs_no_round_trip_and_no_statement(
    world: World, anna: Person, visitor: Visitor, redis_server: RedisServer
) -> None:
    world.told(anna)
    visitor.open("/gigs")

    with count_queries() as statements, monitor(redis_server) as commands:
        visitor.open("/gigs")

    assert "1 unread notification" in visitor.answer.text
    assert statements == []
    # The list of gigs, who looks at it and what is beside the bell, all at once.
    assert [command.split()[0] for command in commands] == ["MGET"]


def test_pages_for_programs_do_not_ask_for_it(world: World, anna: Person) -> None:
    with count_queries() as statements:
        anna.get(SETTINGS)

    assert not [statement for statement in statements if "notifications" in statement]


def test_to_look_at_the_list_marks_nothing_as_read(world: World, anna: Person, visitor: Visitor) -> None:
    world.told(anna, title="Ada has accepted")

    visitor.open("/notifications").open("/notifications")

    assert "Ada has accepted" in visitor.text
    assert "1 unread notification" in visitor.answer.text


def test_opening_one_leads_to_its_page_and_it_is_read(world: World, anna: Person, visitor: Visitor) -> None:
    told = world.told(anna, path="/calendar")

    visitor.open("/notifications").send(f"/notifications/{told}/open")

    assert (visitor.status, visitor.path) == (200, "/calendar")
    assert "unread notification" not in visitor.answer.text


def test_marking_all_leaves_what_has_come_since(world: World, anna: Person, visitor: Visitor) -> None:
    world.told(anna)
    visitor.open("/notifications")
    world.told(anna, title="It came while the list was read")

    visitor.send("/notifications/read-all")

    assert "1 unread notification" in visitor.answer.text


def test_the_settings_are_saved_and_keep_what_a_program_chose(anna: Person, visitor: Visitor) -> None:
    anna.put(SETTINGS, {"reminders_minutes": [45]})
    form = visitor.open("/notifications/settings").form("/notifications/settings")
    assert form.values["reminders"] == "45"

    visitor.send("/notifications/settings", digest="daily", mail="lesson-moved")

    assert "Your choices are saved." in visitor.text

    shown = anna.get(SETTINGS).json
    # A student's page does not show what only others are told, so that stays as it is.
    wanted = [name for name, is_wanted in shown["mail"].items() if is_wanted]
    for_teachers = ["lesson-requested", "lesson-booked", "session-set", "application-received", "task-handed-in"]
    for_teachers += ["payment-reported", "review-written", "calendar-failing", "teaching-decided"]
    for_administrators = ["webhook-stopped"]
    assert sorted(wanted) == sorted(["lesson-moved", *for_teachers, *for_administrators])
    assert (shown["reminders_minutes"], shown["digest"]) == ([45], "daily")


def test_too_many_reminders_are_refused_beside_them(world: World, anna: Person, visitor: Visitor) -> None:
    token = visitor.open("/notifications/settings").form().values["csrf_token"]
    minutes = ["10", "30", "60", "120", "1440", "2880"]

    visitor.post("/notifications/settings", {"csrf_token": token, "digest": "none", "reminders": minutes})

    assert visitor.status == 422
    assert "At most 5 reminders." in visitor.text


def test_a_mailbox_program_ends_mails_of_one_type_without_a_cookie(world: World, anna: Person) -> None:
    path = unsubscribe_path(world, anna, NotificationType.LESSON_MOVED)

    answer = world.anyone.post(path, data={"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    chosen = anna.get(SETTINGS).json
    assert [name for name, wanted in chosen["mail"].items() if not wanted] == ["lesson-moved"]


def test_to_open_the_address_changes_nothing_and_shows_a_button(world: World, anna: Person) -> None:
    path = unsubscribe_path(world, anna, NotificationType.LESSON_MOVED)
    reader = Visitor(world.app)

    reader.open(path)

    assert anna.get(SETTINGS).json["mail"]["lesson-moved"]
    assert "A lesson of yours has another time or place." in reader.text
    reader.send(path)
    assert not anna.get(SETTINGS).json["mail"]["lesson-moved"]


def test_who_stops_the_digest_gets_no_single_mails_instead(world: World, anna: Person) -> None:
    anna.put(SETTINGS, {"digest": "daily"})

    world.anyone.post(unsubscribe_path(world, anna, None))

    chosen = anna.get(SETTINGS).json
    assert chosen["digest"] == "none"
    assert {name for name, wanted in chosen["mail"].items() if wanted} == {
        "lesson-booked",
        "session-set",
        "lesson-cancelled",
        "lesson-message",
        "lesson-moved",
        "lesson-reminder",
        "task-due",
        "waitlist-offer",
    }


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_that_was_changed_ends_nothing(world: World, anna: Person, method: str) -> None:
    path = unsubscribe_path(world, anna, NotificationType.LESSON_MOVED)
    before = anna.get(SETTINGS).json

    for changed in (path[:-1], f"{path}x", path.replace("/unsubscribe/", "/unsubscribe/W"), "/unsubscribe/1"):
        assert world.anyone.open(changed, method=method).status_code == 404

    assert anna.get(SETTINGS).json == before
