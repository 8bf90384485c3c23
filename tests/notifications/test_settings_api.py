"""What people want to be told, over the API."""

from __future__ import annotations

from typing import Any

import pytest

from database import reading
from notifications import settings
from notifications.types import ALWAYS_MAILED, TYPES, NotificationType
from tests.support.world import Person, World

SETTINGS = "/api/users/me/notification-settings"
# What is sent beside a good choice of mails.
REFUSED: list[dict[str, Any]] = [
    {"reminders_minutes": [4]},
    {"reminders_minutes": [20161]},
    {"reminders_minutes": [60, 60]},
    {"reminders_minutes": [10, 20, 30, 40, 50, 60]},
    {"reminders_minutes": ["60"]},
    {"reminders_minutes": None},
    {"mail": {"lesson-eaten": True}},
    {"mail": {"lesson-moved": "yes"}},
    {"mail": {"lesson-moved": None}},
    {"mail": []},
    {"digest": "weekly"},
    {"digest": None},
    {"push": True},
]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def anna(world: World) -> Person:
    return world.student(name="Anna Berg")


@on_sqlite
def test_who_chose_nothing_has_the_defaults(anna: Person) -> None:
    assert anna.get(SETTINGS).json == {
        "mail": {type_: facts.mail for type_, facts in TYPES.items()},
        "reminders_minutes": [1440, 60],
        "digest": "none",
    }


def test_what_is_shown_can_be_sent_back_changed(anna: Person) -> None:
    wanted = anna.get(SETTINGS).json
    wanted["mail"] |= {"lesson-moved": False, "review-written": False}
    wanted |= {"reminders_minutes": [20160, 30, 5], "digest": "daily"}

    answer = anna.put(SETTINGS, wanted)

    assert (answer.status_code, answer.json) == (200, wanted)
    assert anna.get(SETTINGS).json == wanted


@on_sqlite
def test_what_is_left_out_stays_as_it_is(anna: Person) -> None:
    anna.put(SETTINGS, {"mail": {"lesson-moved": False}, "reminders_minutes": []})

    anna.put(SETTINGS, {"mail": {"lesson-accepted": False}})

    shown = anna.get(SETTINGS).json
    assert [name for name, wanted in shown["mail"].items() if not wanted] == ["lesson-accepted", "lesson-moved"]
    assert shown["reminders_minutes"] == []


@on_sqlite
def test_reminders_are_shown_with_the_earliest_first(anna: Person) -> None:
    assert anna.put(SETTINGS, {"reminders_minutes": [5, 1440, 60]}).json["reminders_minutes"] == [1440, 60, 5]


@on_sqlite
def test_what_makes_no_sense_is_refused_and_changes_nothing(anna: Person) -> None:
    before = anna.put(SETTINGS, {"digest": "daily"}).json

    answers = [anna.put(SETTINGS, {"mail": {"lesson-accepted": False}} | refused) for refused in REFUSED]

    assert [answer.status_code for answer in answers] == [422] * len(REFUSED)
    assert anna.get(SETTINGS).json == before


@on_sqlite
def test_mails_about_the_account_say_why_they_cannot_be_turned_off(anna: Person) -> None:
    answer = anna.put(SETTINGS, {"mail": dict.fromkeys(ALWAYS_MAILED, False)})

    assert answer.status_code == 422
    for name in ALWAYS_MAILED:
        assert "always sent" in answer.json["errors"]["mail"][name][0]


def test_each_person_gets_their_own_settings(world: World, anna: Person) -> None:
    ben = world.student()
    anna.put(SETTINGS, {"mail": {"lesson-moved": False}, "digest": "daily"})

    with world.app.app_context(), reading() as connection:
        of = settings.of(connection, [anna.id, ben.id])

    assert of[ben.id] == settings.Settings()
    assert not of[anna.id].mails_at_once(NotificationType.LESSON_MOVED)
    assert not of[anna.id].mails_at_once(NotificationType.LESSON_ACCEPTED)
    assert of[anna.id].mails_at_once(NotificationType.WAITLIST_OFFER)
    assert of[ben.id].mails_at_once(NotificationType.LESSON_ACCEPTED)
