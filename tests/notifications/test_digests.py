"""The daily digest: at 7 in the reader's zone, once, and only if something is new."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from database import reading
from jobs import steps
from mail.models import SentMail
from notifications import digests
from notifications.types import NotificationType
from tests.conftest import FakeClock
from tests.support.races import at_once
from tests.support.world import Person, World

SETTINGS = "/api/users/me/notification-settings"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def reader(world: World, zone: str = "Europe/Berlin") -> Person:
    """Somebody who gets digests."""
    person = world.student(name="Anna Berg", time_zone=zone)
    assert person.put(SETTINGS, {"digest": "daily"}).status_code == 200
    return person


def run(world: World, clock: FakeClock) -> None:
    """Do what is done every five minutes, and then the jobs that it made."""
    with world.app.app_context():
        digests.send_due(clock())
    steps.drain(world.app)


def sent(world: World) -> list[str]:
    with world.app.app_context(), reading() as connection:
        of_digest = select(SentMail.subject).where(SentMail.type == "notifications.digest").order_by(SentMail.id)
        return list(connection.scalars(of_digest))


def move_to(clock: FakeClock, at: datetime) -> None:
    clock.advance(seconds=(at - clock()).total_seconds())


@pytest.mark.parametrize(
    ("zone", "now", "end"),
    [
        ("Europe/Berlin", "2026-11-23T06:00", "2026-11-23T05:59"),
        ("Europe/Berlin", "2026-11-23T05:59", "2026-11-22T05:59"),
        ("America/Los_Angeles", "2026-11-23T14:59", "2026-11-22T14:59"),
        ("America/Los_Angeles", "2026-11-23T15:00", "2026-11-23T14:59"),
        ("Asia/Kathmandu", "2026-11-23T01:15", "2026-11-23T01:14"),
        ("Pacific/Kiritimati", "2026-11-22T17:00", "2026-11-22T16:59"),
        # The night in which the clocks are put forward, and the one in which they are put back.
        ("Europe/Berlin", "2027-03-28T05:00", "2027-03-28T04:59"),
        ("Europe/Berlin", "2027-10-31T05:59", "2027-10-30T04:59"),
        ("Europe/Berlin", "2027-10-31T06:00", "2027-10-31T05:59"),
    ],
)
def test_it_ends_a_minute_before_seven_on_the_readers_clock(zone: str, now: str, end: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)

    assert digests.end_of_stretch(zone, at) == datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_it_comes_at_seven_where_its_reader_lives_and_once(world: World, clock: FakeClock) -> None:
    clock.advance(seconds=(datetime(2027, 3, 27, 12, tzinfo=UTC) - clock()).total_seconds())
    berlin, tokyo = reader(world), reader(world, "Asia/Tokyo")
    for person in (berlin, tokyo):
        clock.advance(minutes=1)
        world.told(person)
    counts = []

    # Seven in Tokyo; before and after seven in Berlin, on the day the clocks are put forward; a day later.
    for at in ("27T21:59", "27T22:01", "28T04:59", "28T05:01", "28T05:06", "29T05:01"):
        move_to(clock, datetime.fromisoformat(f"2027-03-{at}").replace(tzinfo=UTC))
        run(world, clock)
        counts.append(len(sent(world)))

    assert counts == [0, 1, 1, 2, 2, 2]


@on_sqlite
def test_it_has_what_is_new_and_unread_and_can_wait(world: World, clock: FakeClock) -> None:
    anna = reader(world)
    clock.advance(minutes=1)
    read = world.told(anna, title="This was read")
    anna.patch(f"/api/notifications/{read}", {"read": True})
    world.told(anna, title="This was mailed at once", type=NotificationType.WAITLIST_OFFER)
    world.told(anna, title="This is not mailed", type=NotificationType.REVIEW_REPLIED)
    anna.put(SETTINGS, {"mail": {"review-replied": False}})
    world.told(anna, title="Grace has accepted")
    world.told(anna, title="Ada has declined", type=NotificationType.LESSON_DECLINED)

    clock.advance(days=1)
    run(world, clock)

    assert sent(world) == ["2 things are new at Lectern"]
    (file,) = [text for text in _kept(world) if "2 things are new" in text]
    assert "Grace has accepted" in file
    assert "Ada has declined" in file
    assert not any(word in file for word in ("This was read", "at once", "not mailed"))
    assert "List-Unsubscribe: <http" in file
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in file


@on_sqlite
def test_nothing_new_is_no_mail_and_what_was_in_one_does_not_come_again(world: World, clock: FakeClock) -> None:
    anna = reader(world)
    clock.advance(minutes=1)
    world.told(anna)
    counts = []

    for told in (False, False, True):
        if told:
            world.told(anna)
        clock.advance(days=1)
        run(world, clock)
        counts.append(len(sent(world)))

    assert counts == [1, 1, 2]


@on_sqlite
def test_what_was_told_before_the_digest_was_chosen_is_not_in_it(world: World, clock: FakeClock) -> None:
    anna = world.student()
    world.told(anna)
    anna.put(SETTINGS, {"digest": "daily"})
    clock.advance(days=1)

    run(world, clock)

    assert sent(world) == []


@on_sqlite
def test_who_changed_their_mind_gets_none(world: World, clock: FakeClock) -> None:
    anna = reader(world)
    clock.advance(minutes=1)
    world.told(anna)
    clock.advance(days=1)
    with world.app.app_context():
        digests.send_due(clock())
    world.sign_in(anna).put(SETTINGS, {"digest": "none"})

    steps.drain(world.app)

    assert sent(world) == []


def test_several_machines_at_once_make_one_mail(world: World, clock: FakeClock) -> None:
    anna = reader(world)
    clock.advance(minutes=1)
    world.told(anna)
    clock.advance(days=1)

    at_once([lambda: run(world, clock)] * 3)

    assert sent(world) == ["1 thing is new at Lectern"]


@on_sqlite
def test_a_handler_that_is_called_again_sends_nothing(world: World, clock: FakeClock) -> None:
    anna = reader(world)
    clock.advance(minutes=1)
    world.told(anna)
    until = clock() + timedelta(hours=1)
    arguments = {"user_id": anna.id, "since": (clock() - timedelta(hours=1)).isoformat(), "until": until.isoformat()}

    with world.app.app_context():
        digests.send_digest(arguments, clock())
        digests.send_digest(arguments, clock())

    assert len(sent(world)) == 1


@on_sqlite
def test_many_readers_of_one_zone_are_all_reached(
    world: World, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "AT_ONCE", 2)
    people = [reader(world) for _ in range(5)]
    clock.advance(minutes=1)
    for person in people:
        world.told(person)
    clock.advance(days=1)

    run(world, clock)

    assert len(sent(world)) == 5


def _kept(world: World) -> list[str]:
    """The mails that were kept as files, decoded as far as a reader of headers needs."""
    return [file.read_text().replace("=\n", "") for file in (Path(world.app.instance_path) / "mail").glob("*.eml")]
