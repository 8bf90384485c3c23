"""Writers that forget to touch what they changed."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

import tags
from accounts.models import User
from caching import invalidate, invalidation_check
from caching.invalidation_check import ForgottenInvalidation
from database import writing
from gigs.models import Gig
from reviews.models import Review
from tests.support.world import World


def change(app: Flask, work: Callable[[Session], object]) -> None:
    with app.app_context(), writing() as session:
        work(session)


def test_a_forgotten_touch_of_a_row_fails_the_test_suite(world: World) -> None:
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
def test_a_bulk_statement_without_a_touch_is_refused_everywhere(
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


def test_a_bulk_statement_with_a_touch_is_fine(world: World) -> None:
    def rename(session: Session) -> None:
        session.execute(update(User).values(name="Everybody"))
        invalidate(tags.users())

    change(world.app, rename)


def test_a_column_that_is_shown_nowhere_needs_no_touch(world: World) -> None:
    world.student()

    change(world.app, lambda session: session.execute(update(User).values(password_hash="x")))


def test_a_rolled_back_change_leaves_nothing_to_expect(world: World) -> None:
    gig = world.gig(world.teacher())
    with pytest.raises(ForgottenInvalidation):
        change(world.app, lambda session: setattr(session.get_one(Gig, gig["id"]), "title", "Another title"))

    change(world.app, lambda session: session.execute(update(User).values(password_hash="x")))
