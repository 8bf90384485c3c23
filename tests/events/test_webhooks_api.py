"""Webhooks as administrators' programs manage them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from standardwebhooks.webhooks import WebhookVerificationError

from database import reading
from events.types import LOGGED
from events.webhooks.models import Webhook
from tests.conftest import FakeClock
from tests.events.conftest import Post
from tests.support.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

URL = "https://8.8.8.8/in"


def test_a_webhook_is_given_changed_and_deleted(post: Post) -> None:
    made = post.webhook(url=URL, types=["gig.paused", "gig.changed", "gig.paused"], description="  The hall ")
    path = f"/api/webhooks/{made['id']}"

    shown = post.admin.get(path).json
    listed = post.admin.get("/api/webhooks?limit=1").json
    changed = post.admin.patch(path, {"types": [], "description": "", "url": "https://9.9.9.9/"}).json
    deleted = post.admin.delete(path)

    assert shown == {name: value for name, value in made.items() if name != "secret"}
    assert (shown["types"], shown["description"]) == (["gig.changed", "gig.paused"], "The hall")
    assert listed == {"data": [shown], "next_cursor": None, "cached": False}
    assert (changed["types"], changed["description"], changed["url"]) == ([], "", "https://9.9.9.9/")
    assert (deleted.status_code, post.admin.get(path).status_code) == (204, 404)


def test_the_secret_is_shown_once_and_stored_nowhere(post: Post) -> None:
    made = post.webhook(url=URL)

    with post.world.app.app_context(), reading() as connection:
        stored = connection.execute(select(Webhook.__table__)).one()

    assert made["secret"].startswith("whsec_")
    assert "secret" not in post.admin.get(f"/api/webhooks/{made['id']}").json
    assert not [value for value in stored if str(value) in made["secret"] and len(str(value)) > 8]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "http://8.8.8.8/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "https://169.254.169.254/latest"}, "url"),
        ({"url": "https://user@8.8.8.8/"}, "url"),
        ({"url": "https://8.8.8.8/" + "a" * 2000}, "url"),
        ({"url": URL, "types": ["gig.exploded"]}, "types"),
        ({"url": URL, "types": ["webhook.stopped"]}, "types"),
        ({"url": URL, "description": "x" * 201}, "description"),
        ({"url": URL, "secret": "mine"}, "secret"),
    ],
    ids=str,
)
def test_what_cannot_be_a_webhook_is_refused(post: Post, body: dict[str, Any], field: str) -> None:
    answer = post.admin.post("/api/webhooks", body)

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert post.admin.get("/api/webhooks").json["data"] == []


def test_an_address_is_checked_when_it_is_changed_and_nothing_else_is_then(post: Post) -> None:
    made = post.webhook(url=URL)

    answer = post.admin.patch(f"/api/webhooks/{made['id']}", {"url": "https://192.168.1.1/", "description": "new"})

    assert answer.status_code == 422
    assert post.state(made)["url"] == URL
    assert post.state(made)["description"] == ""


def test_there_are_no_more_than_a_hundred(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.webhooks.service.MOST_WEBHOOKS", 2)
    post.webhook(url=URL)
    post.webhook(url=URL)

    answer = post.admin.post("/api/webhooks", {"url": URL})

    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (409, "too-many-webhooks")


def test_a_new_secret_signs_and_the_old_one_for_a_day_too(post: Post) -> None:
    made = post.webhook()
    new = post.admin.post(f"/api/webhooks/{made['id']}/rotate-secret").json
    post.happen(1)
    post.work()
    (both,) = post.receiver.messages
    post.clock.advance(hours=25)
    post.happen(2)
    post.work()
    alone = post.receiver.messages[-1]

    assert new["secret"] != made["secret"]
    assert datetime.fromisoformat(new["old_until"]) > datetime.now(UTC) + timedelta(hours=23)
    assert both.verified_by(new["secret"]) == both.verified_by(made["secret"])
    assert (len(both.headers["webhook-signature"].split()), len(alone.headers["webhook-signature"].split())) == (2, 1)
    with pytest.raises(WebhookVerificationError):
        both.verified_by("whsec_" + "A" * 43 + "=")


def test_another_secret_key_is_noticed_instead_of_signing_with_another_secret(
    post: Post, make_app: Callable[..., Flask], clock: FakeClock
) -> None:
    webhook = post.webhook()
    other = World(make_app(webhooks_allow_loopback=True, secret_key="another secret key"), clock)
    post = replace(post, world=other, admin=replace(post.admin, client=other.anyone))
    post.happen(1)

    post.work()

    (delivery,) = post.deliveries(webhook)
    assert "SECRET_KEY" in delivery["error"]
    assert post.receiver.messages == []
    new = post.admin.post(f"/api/webhooks/{webhook['id']}/rotate-secret").json["secret"]
    post.work(minutes=1)
    assert post.receiver.messages[-1].verified_by(new)["data"]["gig_id"] == 1


def test_a_test_is_sent_once_whatever_the_webhook_wants_and_though_it_is_paused(post: Post) -> None:
    webhook = post.webhook(types=["gig.paused"])
    post.change(webhook, active=False)
    post.receiver.answer(500)

    sent = post.admin.post(f"/api/webhooks/{webhook['id']}/test")
    post.work()
    post.work(hours=1)

    assert (sent.status_code, sent.json["type"], sent.json["status"]) == (202, "webhook.test", "waiting")
    assert post.receiver.types == ["webhook.test"]
    (delivery,) = post.deliveries(webhook)
    assert (delivery["id"], delivery["status"]) == (sent.json["id"], "failed")
    assert post.state(webhook)["failing_since"] is None


def test_a_webhook_that_was_paused_gets_what_it_missed(post: Post) -> None:
    webhook = post.webhook()
    paused = post.change(webhook, active=False)
    post.happen(1, 2)
    post.work()
    missed = list(post.receiver.messages)

    post.change(webhook, active=True)
    post.work()

    assert (paused["active"], paused["off_because"], missed) == (False, "paused", [])
    assert post.numbers() == [1, 2]


def test_a_delivery_is_sent_again_under_its_id_whatever_came_of_it(post: Post) -> None:
    webhook = post.webhook()
    post.happen(1)
    post.work()
    (delivery,) = post.deliveries(webhook)

    again = post.admin.post(f"/api/webhooks/deliveries/{delivery['id']}/replay")
    post.work()

    assert (again.status_code, again.json["status"], again.json["attempts"]) == (202, "waiting", 0)
    assert post.receiver.ids == [delivery["event_id"]] * 2
    assert post.deliveries(webhook)[0]["status"] == "delivered"


def test_deliveries_are_listed_by_how_they_stand_a_page_at_a_time(post: Post) -> None:
    webhook = post.webhook()
    post.receiver.answers = lambda message: (410 if message.said["data"]["gig_id"] == 3 else 200, b"")
    post.happen(1, 2, 3)
    post.work()
    path = f"/api/webhooks/{webhook['id']}/deliveries"

    failed = post.deliveries(webhook, "?status=failed")
    first = post.admin.get(f"{path}?limit=2").json
    second = post.admin.get(f"{path}?limit=2&cursor={first['next_cursor']}").json

    assert [it["answer_status"] for it in failed] == [410]
    assert [it["id"] for it in first["data"] + second["data"]] == [3, 2, 1]
    assert (second["next_cursor"], post.admin.get(f"{path}?status=lost").status_code) == (None, 422)


def test_deleting_a_webhook_deletes_what_was_sent_to_it(post: Post) -> None:
    webhook = post.webhook()
    post.happen(1)
    post.work()
    (delivery,) = post.deliveries(webhook)
    post.happen(2)

    post.admin.delete(f"/api/webhooks/{webhook['id']}")
    post.work()

    assert post.numbers() == [1]
    assert post.admin.post(f"/api/webhooks/deliveries/{delivery['id']}/replay").status_code == 404


def test_every_type_of_the_log_can_be_chosen(post: Post) -> None:
    assert post.webhook(url=URL, types=list(LOGGED))["types"] == sorted(LOGGED)
