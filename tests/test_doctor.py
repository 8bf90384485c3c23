"""What is true of every database, and that `flask doctor` notices where it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, literal, select, text, update

from accounts.models import User
from events.webhooks.models import Webhook
from extensions import db
from gigs.models import Gig
from operators.doctor.checks import CHECKS
from operators.doctor.surroundings import SURROUNDINGS
from payments import sums
from payments.models import CreditUse, Payment, Refund
from tests.support.endpoints import API
from tests.support.scene import Askers, Scene, with_token
from tests.support.world import World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


# The features whose rows add up to something.
NOT_OFFLINE = ["redis: not looked at", "jobs: not looked at", "mail: not looked at", "redis clock: not looked at"]
COUNTED = ("payments", "proofs", "invoices", "reviews", "applications", "assignments", "webhooks")


def examine(app: Flask) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["doctor", "--offline"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@on_sqlite
def test_all_is_well_after_everything_that_counts_was_asked_of_the_api(world: World) -> None:
    scene = Scene(world)
    askers = Askers(scene, with_token)
    for endpoint in (it for it in API if it.method != "GET" and it.group in COUNTED):
        path, body = endpoint.make(scene)
        allowed = next(actor for actor, status in endpoint.statuses().items() if status in (200, 201, 202, 204))
        askers[allowed].ask(endpoint.method, path, json=body)

    code, said = examine(world.app)

    assert code == 0, said
    assert [line for line in said.splitlines() if ": ok" not in line] == NOT_OFFLINE
    assert said.count("\n") == len(SURROUNDINGS) + len(CHECKS)


def _write(app: Flask, *statements: Any) -> None:
    with app.app_context(), db.engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def _refund_too_much(scene: Scene) -> None:
    payment_id = scene.verified_payment()
    by = {"actor_id": scene.grace.id, "at": scene.world.clock(), "reason": ""}
    refund = insert(Refund).values(payment_id=payment_id, amount_cents=9999, **by)
    _write(scene.app, text("DROP TRIGGER refunds_fit_payment"), refund)


def _take_credit_twice(scene: Scene) -> None:
    payment_id = scene.verified_payment()
    use = select(Payment.id, Payment.booking_id, literal(1)).where(Payment.id == payment_id)
    _write(scene.app, insert(CreditUse).from_select(["payment_id", "booking_id", "amount_cents"], use))


def _change_rating(scene: Scene) -> None:
    scene.review()
    _write(scene.app, update(User).where(User.id == scene.grace.id).values(rating_sum=1))


def _free_place(scene: Scene) -> None:
    scene.assignment()
    _write(scene.app, update(Gig).values(places_taken=0))


def _rename_a_subject(scene: Scene) -> None:
    scene.world.gig(scene.grace, category="Cooking")
    _write(scene.app, update(Gig).where(Gig.category == "Cooking").values(category="Baking"))


def _replace_key(scene: Scene) -> None:
    scene.webhook()
    _write(scene.app, update(Webhook).values(secret_check="0" * 16))


TAMPERED: dict[str, tuple[Callable[[Scene], None], str]] = {
    "a refund beyond its payment": (_refund_too_much, "payments: 2 problems"),
    "credit that nobody used": (_take_credit_twice, "payments: one problem"),
    "another rating": (_change_rating, "ratings: one problem"),
    "another subject of a gig": (_rename_a_subject, "counts: 11 problems"),
    "another secret key": (_replace_key, "webhooks: one problem"),
    "a place that is taken": (_free_place, "places: one problem"),
}


@on_sqlite
@pytest.mark.leaves_old_answers
@pytest.mark.parametrize("what", TAMPERED)
def test_what_is_wrong_is_said_in_a_sentence_and_by_the_exit_code(world: World, what: str) -> None:
    tamper, expected = TAMPERED[what]
    tamper(Scene(world))

    code, said = examine(world.app)

    assert code == 1
    assert expected in said.splitlines(), said


@on_sqlite
def test_a_wrong_sum_of_lessons_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    Scene(world).verified_payment()
    monkeypatch.setattr(sums, "by_currency", lambda *_: [sums.Balance(currency="EUR", **dict.fromkeys(sums.TOTALS, 0))])

    code, said = examine(world.app)

    assert code == 1
    assert "totals: 2 problems" in said


@on_sqlite
def test_of_many_problems_the_first_are_shown(world: World) -> None:
    for _ in range(23):
        world.student()
    _write(world.app, update(User).values(rating_count=7))

    code, said = examine(world.app)

    assert code == 1
    assert "… and 3 more." in said
