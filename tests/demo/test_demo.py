"""The demo school: complete, believable in time, and the same every time."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.models import Role, User
from accounts.sign_in import service as sign_ins
from administration.audit.models import AuditEntry
from bookings.models import Booking, BookingEvent
from bookings.rules.occupancy import lessons_of, wanted
from bookings.statuses import ACTIVE, BookingStatus
from database import reading
from demo import load_if_empty
from events.webhooks.models import DeliveryStatus, OffBecause, Webhook, WebhookDelivery
from extensions import db
from gigs.discovery.models import FeaturedGig
from gigs.models import Gig, GigSkill, GigStatus
from gigs.queries import gig_to_book
from gigs.traces.models import GigView
from jobs.models import Job, JobState
from mail.models import MailState, SentMail
from operators.doctor.checks import wrong_ratings
from reviews.models import Review
from schedule.models import Schedule
from schedule.queries import rules_for
from schedule.times.free_time import slot_at
from tests.bookings.rows import overlapping_pairs
from tests.conftest import SATURDAY, FakeClock
from tests.support.world import World

TODAY = SATURDAY.replace(hour=0, minute=0)

# For what does not depend on the database: a whole school for each test takes its time.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def school(app: Flask, tmp_path: Path) -> Flask:
    """An application with the demo school in it."""
    _load(app, tmp_path)
    return app


def test_it_has_what_a_visitor_wants_to_look_at(school: Flask) -> None:
    assert _count(school, User.role) == {Role.TEACHER: 9, Role.STUDENT: 42, Role.OFFICE: 1, Role.ADMIN: 1}
    assert _count(school, Booking.status).total() == 123
    assert set(_count(school, Booking.status)) == set(BookingStatus)
    assert _count(school, Gig.status).total() == 23
    assert set(_count(school, Gig.status)) == {GigStatus.PUBLISHED, GigStatus.PAUSED, GigStatus.DRAFT}
    assert len(_count(school, Gig.category_key)) == 6
    assert _count(school, Review.id).total() == 25
    assert sum(reply != "" for reply in _count(school, Review.reply).elements()) >= 10
    assert len(_count(school, User.time_zone)) >= 12


@on_sqlite
def test_a_webhook_shows_its_deliveries_and_sends_nothing(school: Flask) -> None:
    assert _count(school, WebhookDelivery.status) == {DeliveryStatus.DELIVERED: 2, DeliveryStatus.WAITING: 1}
    assert _column(school, Webhook.off_because) == [OffBecause.PAUSED]


@on_sqlite
def test_the_office_finds_a_hidden_review_work_that_was_given_up_and_a_mail_that_came_back(school: Flask) -> None:
    assert sum(at is not None for at in _column(school, Review.hidden_at)) == 1
    assert Counter(_column(school, Job.state))[JobState.DEAD] == 1
    assert _column(school, SentMail.state) == [MailState.REFUSED]
    assert Counter(_column(school, AuditEntry.looked)) == {True: 2, False: 1}
    with school.app_context(), reading() as connection:
        assert [*wrong_ratings(connection)] == []
        assert connection.scalar(select(func.max(AuditEntry.at))) < TODAY


@on_sqlite
def test_lessons_lie_before_on_and_after_today(school: Flask) -> None:
    starts = _column(school, Booking.starts_at)

    assert sum(start < TODAY for start in starts) >= 30
    assert sum(TODAY <= start < TODAY + timedelta(days=1) for start in starts) == 3
    assert sum(start >= TODAY + timedelta(days=1) for start in starts) >= 10


@on_sqlite
def test_everything_happened_before_today_and_in_order(school: Flask) -> None:
    changes = [*_column(school, BookingEvent.at), *_column(school, Review.created_at), *_column(school, Gig.updated_at)]
    assert max(changes) < TODAY

    with school.app_context(), reading() as connection:
        statement = select(Booking.id, Booking.created_at, Booking.updated_at, User.created_at.label("joined")).join(
            User, User.id == Booking.student_id
        )
        for row in connection.execute(statement):
            events = select(BookingEvent.at).where(BookingEvent.booking_id == row.id).order_by(BookingEvent.id)
            history = list(connection.execute(events).scalars())
            assert history == sorted(history)
            assert row.joined < row.created_at == history[0]
            assert row.updated_at == history[-1]


def test_no_two_active_lessons_overlap(school: Flask) -> None:
    # The three students of the group lesson share one start on three seats, and so do the seven singers of the choir.
    group, choir = 3, 21
    assert overlapping_pairs(school) == group + choir


@on_sqlite
def test_what_is_to_come_lies_in_the_times_that_teachers_offer(school: Flask) -> None:
    columns = (Booking.id, Booking.teacher_id, Booking.gig_id, Booking.starts_at)
    # Sessions take place when their teacher has set them.
    alone = Booking.session_id.is_(None)
    to_come = select(*columns).where(Booking.status.in_(ACTIVE), Booking.starts_at >= TODAY, alone)
    with school.app_context(), reading() as connection:
        for row in connection.execute(to_come).all():
            gig = gig_to_book(connection, row.gig_id)
            assert gig
            week = row.starts_at - timedelta(days=7), row.starts_at + timedelta(days=7)
            lessons = lessons_of(connection, [row.teacher_id], *week, without=row.id)[row.teacher_id]
            rules = rules_for(connection, gig, TODAY)

            assert slot_at(rules, wanted(gig), lessons, row.starts_at), (gig.title, row.starts_at)


@on_sqlite
def test_teachers_in_many_zones_offer_times_and_one_offers_all(school: Flask) -> None:
    rules = _column(school, Schedule.rules)
    assert [each["weekly"] for each in rules].count(None) == 1
    assert sum(bool(each["exceptions"]) for each in rules) >= 4
    assert sum(bool(each["time_off"]) for each in rules) >= 2
    assert set(_clocks_of_time_off(school)) == {"00:00"}


@on_sqlite
def test_some_gigs_are_recommended_and_have_visitors(school: Flask) -> None:
    visitors = Counter(_column(school, GigView.gig_id))

    assert len(_column(school, FeaturedGig.gig_id)) == 3
    assert max(visitors.values()) > 50


@on_sqlite
def test_the_same_day_gives_the_same_school(
    make_app: Callable[..., Flask], sqlite_template: Path, tmp_path: Path
) -> None:
    schools = []
    for name, minutes in (("morning", 0), ("evening", 23 * 60 + 59)):
        url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / name)}"
        school = make_app(database_url=url)
        _load(school, tmp_path, TODAY + timedelta(minutes=minutes))
        schools.append(_contents(school))

    assert schools[0] == schools[1]


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24", "2028-02-29", "2026-12-31"])
@on_sqlite
def test_it_can_be_loaded_on_any_day(app: Flask, tmp_path: Path, day: str) -> None:
    _load(app, tmp_path, datetime.fromisoformat(f"{day}T23:30:00+00:00"))

    assert _count(app, Booking.status).total() == 123


@on_sqlite
def test_a_second_start_loads_nothing_and_knows_the_sign_ins(school: Flask, tmp_path: Path) -> None:
    contents = _contents(school)
    password = (tmp_path / "demo-password").read_text()

    shown = _load(school, tmp_path)

    assert _contents(school) == contents
    assert {sign_in.role for sign_in in shown} == set(Role)
    assert {sign_in.password for sign_in in shown} == {password}


@on_sqlite
def test_one_password_opens_all_accounts_and_is_kept_for_the_owner_alone(school: Flask, tmp_path: Path) -> None:
    file = tmp_path / "demo-password"
    emails = _column(school, User.email)

    with school.app_context():
        people = {sign_ins.authenticate(email, file.read_text()).user_id for email in emails}

    assert len(people) == 53
    assert len(file.read_text()) >= 16
    assert file.stat().st_mode & 0o777 == 0o600


@on_sqlite
def test_a_sign_in_that_does_not_work_any_more_is_not_shown(school: Flask, world: World, tmp_path: Path) -> None:
    world.operator("accounts", "deactivate", "leila.farahani@example.org")
    world.operator("accounts", "set-password", "lukas.brandt@example.org", "--password", "something of his own")

    emails = {sign_in.email for sign_in in _load(school, tmp_path)}

    assert emails == {
        f"{key}@example.org" for key in ("tom.ashworth", "clara.winter", "amara.okafor", "office", "helen.marsh")
    }


def test_a_database_with_people_in_it_is_left_alone(app: Flask, world: World, tmp_path: Path) -> None:
    world.student()

    assert _load(app, tmp_path) == []

    assert _count(app, User.id).total() == 1
    assert not (tmp_path / "demo-password").exists()


def test_an_interrupted_load_leaves_an_empty_database(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demo.school.reviews.change_review", _interrupt)

    with pytest.raises(KeyboardInterrupt):
        _load(app, tmp_path)

    assert _count(app, User.id).total() == 0


def test_another_machine_that_was_faster_is_no_error(
    app: Flask, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.student(email="helen.marsh@example.org")
    monkeypatch.setattr("demo.load._nobody_there", lambda: True)

    assert _load(app, tmp_path) == []

    assert _count(app, User.id).total() == 1


@on_sqlite
def test_lists_that_were_cached_before_show_the_school(app: Flask, world: World, tmp_path: Path) -> None:
    assert [world.anyone.get("/api/gigs").json["cached"] for _ in range(2)] == [False, True]

    _load(app, tmp_path)

    answer = world.anyone.get("/api/gigs?limit=100").json
    assert (len(answer["data"]), answer["cached"]) == (20, False)
    assert [category["gigs"] for category in world.anyone.get("/api/gigs/categories").json["data"]] == [
        7,
        5,
        3,
        2,
        2,
        1,
    ]


@on_sqlite
def test_cached_lists_of_the_school_equal_the_rows(
    school: Flask, world: World, tmp_path: Path, clock: FakeClock
) -> None:
    clock.advance(minutes=1)
    for sign_in in _load(school, tmp_path):
        person = world.anyone.post("/api/auth/login", json={"email": sign_in.email, "password": sign_in.password}).json
        headers = {"Authorization": f"Bearer {person['access_token']}"}

        first, second = (world.anyone.get("/api/bookings?limit=100", headers=headers).json for _ in range(2))
        rest = world.anyone.get(f"/api/bookings?limit=100&cursor={first['next_cursor']}", headers=headers).json

        assert first["data"] == second["data"]
        # The administrator comes after the office, whose list is the same.
        assert (first["cached"], second["cached"]) == (person["user"]["role"] == "admin", True)
        shown = len(first["data"]) + (len(rest["data"]) if first["next_cursor"] else 0)
        assert shown == _number_of_bookings(school, person["user"])


def _load(app: Flask, instance: Path, now: datetime = SATURDAY) -> list[Any]:
    with app.app_context():
        return load_if_empty(instance, now)


def _column(app: Flask, column: Any) -> list[Any]:
    with app.app_context(), reading() as connection:
        return list(connection.execute(select(column)).scalars())


def _count(app: Flask, column: Any) -> Counter[Any]:
    return Counter(_column(app, column))


def _number_of_bookings(app: Flask, person: dict[str, Any]) -> int:
    own = {"student": Booking.student_id == person["id"], "teacher": Booking.teacher_id == person["id"]}
    statement = select(func.count()).select_from(Booking)
    with app.app_context(), reading() as connection:
        return connection.execute(
            statement.where(own[person["role"]]) if person["role"] in own else statement
        ).scalar_one()


def _contents(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the school but for the salted hashes."""
    contents = {}
    with app.app_context(), reading() as connection:
        for model in (User, Gig, GigSkill, Booking, BookingEvent, Review):
            table = db.metadata.tables[model.__tablename__]
            columns = [column for column in table.columns if column.name != "password_hash"]
            contents[table.name] = [
                tuple(row) for row in connection.execute(select(*columns).order_by(*table.primary_key))
            ]
    return contents


def _interrupt(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def _clocks_of_time_off(school: Flask) -> Iterator[str]:
    """What the clocks of their teachers show when holidays begin and end."""
    with school.app_context(), reading() as connection:
        rows = connection.execute(select(Schedule.rules, User.time_zone).join(User, User.id == Schedule.teacher_id))
        for rules, zone in rows:
            for off in rules["time_off"]:
                yield from (
                    f"{datetime.fromisoformat(off[end]).astimezone(ZoneInfo(zone)):%H:%M}" for end in ("from", "to")
                )
