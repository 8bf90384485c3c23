"""Writers that forget to invalidate what they changed."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

import tags
from accounts.models import SignIn, User
from bookings import writes
from bookings.models import Booking
from caching import Tag, TagKind, invalidate, invalidation_check
from caching.invalidation_check import ForgottenInvalidation
from database import writing
from gigs.models import Gig
from reviews.models import Review
from tests.conftest import FakeClock
from tests.support.world import World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def change(app: Flask, work: Callable[[Session], object]) -> None:
    with app.app_context(), writing() as session:
        work(session)


def test_a_forgotten_invalidation_of_a_row_fails_the_test_suite(world: World) -> None:
    gig = world.gig(world.teacher())

    def forget(session: Session) -> None:
        session.get_one(Gig, gig["id"]).title = "Another title"

    with pytest.raises(ForgottenInvalidation):
        change(world.app, forget)
    assert world.anyone.get(f"/api/gigs/{gig['id']}").json["title"] == gig["title"]


def test_in_production_it_is_logged_and_made_up_for(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(invalidation_check, "strict", False)
    teacher = world.teacher()
    gig = world.gig(teacher)
    teacher.get("/api/gigs/mine")

    with caplog.at_level(logging.ERROR):
        change(world.app, lambda session: setattr(session.get_one(Gig, gig["id"]), "title", "Another title"))

    assert "Forgotten invalidation" in caplog.text
    assert teacher.get("/api/gigs/mine").json["data"][0]["title"] == "Another title"


def test_old_and_new_owner_are_both_expected(world: World) -> None:
    first, second = world.teacher(), world.teacher()
    gig = world.gig(first)

    def hand_over(session: Session) -> None:
        session.get_one(Gig, gig["id"]).teacher_id = second.id
        invalidate(tags.user_gigs(second.id))

    with pytest.raises(ForgottenInvalidation, match=f"user:{first.id}"):
        change(world.app, hand_over)


@pytest.mark.parametrize("strict", [True, False])
def test_a_bulk_statement_without_any_invalidation_is_refused_everywhere(
    world: World, monkeypatch: pytest.MonkeyPatch, strict: bool
) -> None:
    monkeypatch.setattr(invalidation_check, "strict", strict)
    person = world.student()

    with pytest.raises(ForgottenInvalidation):
        change(world.app, lambda session: session.execute(update(User).values(name="Everybody")))

    assert person.get("/api/users/me").json["name"] == person.name


def test_a_bulk_delete_is_seen_too(world: World) -> None:
    with pytest.raises(ForgottenInvalidation):
        change(world.app, lambda session: session.execute(delete(Review)))


# What every change of a user's row makes old, but for columns that are shown nowhere.
OF_A_USER = (tags.viewer(1), tags.profile(1), tags.users())
OF_A_BOOKING = (tags.user_bookings(1), tags.all_bookings(), tags.teacher_slots(2), tags.gig_sessions(1))


def rename_all(session: Session, *invalidated: Tag, unseen_by: dict[TagKind, str] | None = None) -> None:
    options = invalidation_check.unseen_by(unseen_by or {})
    session.execute(update(User).values(name="Everybody"), execution_options=options)
    invalidate(*invalidated)


def test_a_bulk_statement_that_invalidates_every_kind_is_fine(world: World) -> None:
    change(world.app, lambda session: rename_all(session, *OF_A_USER))


@on_sqlite
@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("forgotten", OF_A_USER, ids=lambda tag: tag.key)
def test_a_bulk_statement_has_to_invalidate_every_kind(
    world: World, monkeypatch: pytest.MonkeyPatch, forgotten: Tag, strict: bool
) -> None:
    monkeypatch.setattr(invalidation_check, "strict", strict)
    person = world.student()
    rest = {*OF_A_USER} - {forgotten}

    with pytest.raises(ForgottenInvalidation, match=f"changed users, and nothing invalidated [a-z]+:{forgotten.name}"):
        change(world.app, lambda session: rename_all(session, *rest))

    assert person.get("/api/users/me").json["name"] == person.name


@on_sqlite
@pytest.mark.parametrize("forgotten", OF_A_BOOKING, ids=lambda tag: tag.key)
def test_a_change_of_bookings_has_to_invalidate_lists_and_slots(world: World, forgotten: Tag) -> None:
    def agree(session: Session) -> None:
        session.execute(update(Booking).values(status="accepted"))
        invalidate(*{*OF_A_BOOKING} - {forgotten})

    with pytest.raises(ForgottenInvalidation, match=forgotten.name):
        change(world.app, agree)


@pytest.mark.parametrize("forgotten", [tags.user_bookings, tags.all_bookings, tags.teacher_slots], ids=str)
@on_sqlite
def test_an_answer_to_a_request_has_to_invalidate_lists_and_slots(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, forgotten: TagKind
) -> None:
    teacher, student = world.teacher(), world.student()
    booking = world.booking(student, world.gig(teacher))
    of_both = {forgotten(person.id) for person in (teacher, student)} | {forgotten()}
    monkeypatch.setattr(writes, "invalidate", lambda *tags: invalidate(*{*tags} - of_both))

    answer = teacher.patch(f"/api/bookings/{booking['id']}", {"status": "accepted"})

    assert answer.status_code == 500
    assert f"nothing invalidated {forgotten.owner_kind}:{forgotten.name}" in caplog.text
    assert student.get(f"/api/bookings/{booking['id']}").json["status"] == "pending"


def test_a_bulk_statement_may_say_which_kinds_do_not_show_what_it_changes(world: World) -> None:
    reasons = {tags.viewer: "A reason.", tags.profile: "A reason."}

    change(world.app, lambda session: rename_all(session, tags.users(), unseen_by=reasons))


def test_what_one_bulk_statement_spares_another_one_still_has_to_invalidate(world: World) -> None:
    def rename_twice(session: Session) -> None:
        rename_all(session, unseen_by={tags.viewer: "A reason."})
        rename_all(session, tags.profile(1), tags.users())

    with pytest.raises(ForgottenInvalidation, match="user:viewer"):
        change(world.app, rename_twice)


def test_a_bulk_insert_needs_no_invalidation_where_new_rows_are_shown_nowhere(world: World, clock: FakeClock) -> None:
    person = world.student()
    row = {"user_id": person.id, "refresh_id": "x", "created_at": clock(), "expires_at": clock()}

    change(world.app, lambda session: session.execute(insert(SignIn), [row]))


def test_a_column_that_is_shown_nowhere_needs_no_invalidation(world: World) -> None:
    world.student()

    change(world.app, lambda session: session.execute(update(User).values(password_hash="x")))


def test_a_rolled_back_change_leaves_nothing_to_expect(world: World) -> None:
    gig = world.gig(world.teacher())
    with pytest.raises(ForgottenInvalidation):
        change(world.app, lambda session: setattr(session.get_one(Gig, gig["id"]), "title", "Another title"))

    change(world.app, lambda session: session.execute(update(User).values(password_hash="x")))
