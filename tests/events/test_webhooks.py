"""What happens arrives at webhooks: signed, in order, again if need be, and nothing twice without its id."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from sqlalchemy import delete, select
from standardwebhooks.webhooks import WebhookVerificationError

from database import reading, writing
from events import EventType
from events.webhooks import retries, sending
from jobs.models import Job
from jobs.queue import enqueue
from jobs.registry import Handler, registry_of
from jobs.runner import Runner
from tests.events.conftest import Post
from tests.events.receiver import Message, receiver

only_on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pauses be as long as the table says."""
    monkeypatch.setattr(retries, "_JITTER", 0.0)


def test_what_happens_arrives_as_the_log_says_it_and_with_a_signature(post: Post) -> None:
    webhook = post.webhook()
    post.happen(1)

    post.work()

    (message,) = post.receiver.messages
    (event,) = [it for it in post.admin.get("/api/events").json["data"] if it["type"] == "gig.changed"]
    said = message.verified_by(webhook["secret"])
    assert said == event | {"timestamp": event["occurred_at"]}
    assert (message.id, message.headers["content-type"]) == (event["id"], "application/json")
    (delivery,) = post.deliveries(webhook)
    answered = {"status": "delivered", "attempts": 1, "answer_status": 200, "answer": "thank you", "error": ""}
    assert delivery | answered == delivery


@only_on_sqlite
def test_another_secret_or_another_body_is_not_verified(post: Post) -> None:
    post.webhook()
    other = post.webhook(url=post.receiver.url.replace("/in", "/other"), types=["gig.paused"])
    post.happen(1)
    post.work()
    (message,) = post.receiver.messages

    with pytest.raises(WebhookVerificationError):
        message.verified_by(other["secret"])


@only_on_sqlite
def test_only_what_happens_after_it_was_given_and_is_of_its_types_arrives(post: Post) -> None:
    post.happen(1)
    post.webhook(types=["gig.changed"])
    post.happen(2)
    post.happen(3, type_=EventType.GIG_ARCHIVED)

    post.work()

    assert post.numbers() == [2]


def test_what_happens_arrives_in_order_and_once_at_each_webhook(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "BATCH", 7)
    first = post.webhook()
    with receiver() as second:
        post.webhook(url=second.url)
        post.happen(*range(30))
        post.work()

        assert post.numbers() == list(range(30))
        assert [message.said["data"]["gig_id"] for message in second.messages] == list(range(30))
    assert {it["status"] for it in post.deliveries(first, "?limit=100")} == {"delivered"}


@only_on_sqlite
def test_without_a_webhook_nothing_is_written_beside_the_log(post: Post) -> None:
    post.happen(1)

    with post.world.app.app_context(), reading() as connection:
        jobs = connection.scalars(select(Job.name)).all()
    assert not [name for name in jobs if name.startswith("webhooks.")]


# Failures.


def test_what_is_not_taken_is_sent_again_under_the_same_id(post: Post) -> None:
    webhook = post.webhook()
    post.receiver.answer(500, b"not now")
    post.happen(1)
    post.work()
    (failed,) = post.deliveries(webhook)
    post.receiver.answer(204)

    post.work(seconds=4)
    assert len(post.receiver.messages) == 1
    post.work(seconds=2)

    assert len(set(post.receiver.ids)) == 1
    assert [message.verified_by(webhook["secret"])["id"] for message in post.receiver.messages] == post.receiver.ids
    assert failed | {"status": "waiting", "attempts": 1, "answer_status": 500, "answer": "not now"} == failed
    (done,) = post.deliveries(webhook)
    assert (done["status"], done["attempts"], done["next_at"]) == ("delivered", 2, None)


@only_on_sqlite
def test_what_one_message_is_refused_for_keeps_no_other_waiting(post: Post) -> None:
    webhook = post.webhook()
    post.receiver.answers = lambda message: (500 if message.said["data"]["gig_id"] == 2 else 200, b"")
    post.happen(1, 2, 3)

    post.work()

    assert post.numbers() == [1, 2, 3]
    assert [it["status"] for it in post.deliveries(webhook)] == ["delivered", "waiting", "delivered"]
    assert post.state(webhook)["failing_since"] is None


@only_on_sqlite
def test_a_receiver_that_is_down_is_asked_rarely_and_gets_everything_in_order_when_it_is_back(post: Post) -> None:
    webhook = post.webhook()
    post.receiver.answer(503)
    post.happen(*range(10))
    post.work()
    asked = len(post.receiver.messages)
    for _ in range(12):
        post.work(minutes=1)
    resting = post.state(webhook)
    post.receiver.answer(200)
    post.receiver.messages.clear()

    post.work(minutes=31)
    post.work()

    assert asked == retries.DOWN_AFTER
    assert resting["resume_at"] is not None
    assert post.numbers()[0] in (0, 1, 2, 3)
    assert sorted(post.numbers()) == list(range(10))
    assert post.numbers()[1:] == sorted(post.numbers()[1:])
    assert (post.state(webhook)["failing_since"], post.state(webhook)["waiting"]) == (None, 0)


def through(post: Post, days: float) -> None:
    """Let days go by, with the work of each hour."""
    for _ in range(round(days * 24)):
        post.work(hours=1)


@only_on_sqlite
def test_after_three_days_of_failures_it_is_switched_off_and_keeps_what_waits(post: Post) -> None:
    webhook = post.webhook()
    post.receiver.answer(500)
    post.happen(1)
    post.work()
    through(post, 2.9)
    before = post.state(webhook)

    through(post, 0.5)
    off = post.state(webhook)
    asked = len(post.receiver.messages)
    post.happen(2)
    through(post, 0.5)

    assert (before["active"], off["active"], off["off_because"]) == (True, False, "failing")
    assert len(post.receiver.messages) == asked
    post.receiver.answer(200)
    assert post.change(webhook, active=True)["failing_since"] is None
    post.work(seconds=1)
    assert post.numbers()[-1] == 2


def test_retries_take_three_days() -> None:
    assert timedelta(days=3) <= sum(retries.PAUSES, timedelta()) <= timedelta(days=3, hours=2)


@only_on_sqlite
def test_a_receiver_that_is_gone_is_sent_nothing_more(post: Post) -> None:
    webhook = post.webhook()
    post.receiver.answer(410)
    post.happen(1, 2)

    post.work()
    through(post, 0.5)

    assert len(post.receiver.messages) == 1
    assert post.state(webhook)["off_because"] == "gone"
    assert [it["status"] for it in post.deliveries(webhook)] == ["waiting", "failed"]


@only_on_sqlite
@pytest.mark.parametrize("status", [301, 307])
def test_a_redirect_is_no_delivery(post: Post, status: int) -> None:
    webhook = post.webhook()
    post.receiver.answer(status)
    post.happen(1)

    post.work()

    (delivery,) = post.deliveries(webhook)
    assert (delivery["status"], delivery["answer_status"], len(post.receiver.messages)) == ("waiting", status, 1)
    assert "not followed" in delivery["error"]


@only_on_sqlite
def test_no_more_is_kept_of_an_answer_than_can_be_read(post: Post) -> None:
    webhook = post.webhook()
    post.receiver.answer(200, b"\xff\0x" * 100_000)
    post.happen(1)

    post.work()

    (delivery,) = post.deliveries(webhook)
    assert (delivery["status"], len(delivery["answer"])) == ("delivered", 2000)


@only_on_sqlite
@pytest.mark.parametrize(
    ("says", "pause"),
    [
        (lambda _now: "120", timedelta(seconds=120)),
        (lambda now: format_datetime(now + timedelta(minutes=3), usegmt=True), timedelta(minutes=3)),
        # Shorter than our own pause, or no time at all.
        (lambda _now: "1", timedelta(seconds=5)),
        (lambda now: format_datetime(now - timedelta(days=1), usegmt=True), timedelta(seconds=5)),
        (lambda _now: "soon", timedelta(seconds=5)),
        (lambda _now: "-7", timedelta(seconds=5)),
        (lambda _now: "Thu, 99 Foo 99999 00:00:00 GMT", timedelta(seconds=5)),
        # No mistake of a receiver keeps its messages back for days.
        (lambda _now: "9" * 400, timedelta(hours=1)),
        (lambda now: format_datetime(now + timedelta(days=400), usegmt=True), timedelta(hours=1)),
    ],
)
def test_a_receiver_that_has_too_much_to_do_is_left_alone_for_as_long_as_it_asks(
    post: Post, says: Callable[[datetime], str], pause: timedelta
) -> None:
    post.clock.instant = post.clock.instant.replace(microsecond=0)
    webhook = post.webhook()
    post.receiver.answer(429)
    post.receiver.headers["Retry-After"] = says(post.clock())
    post.happen(1)

    post.work()

    (delivery,) = post.deliveries(webhook)
    assert datetime.fromisoformat(delivery["next_at"]) - datetime.fromisoformat(delivery["attempted_at"]) == pause


@only_on_sqlite
def test_what_else_waits_for_a_receiver_follows_after_the_pause_that_it_asks_for_in_order(post: Post) -> None:
    webhook = post.webhook()
    post.receiver.answer(503)
    post.receiver.headers["Retry-After"] = "600"
    post.happen(1, 2, 3)
    post.work()
    resting = post.state(webhook)
    post.receiver.answer(200)

    post.work(minutes=9)
    asked = post.numbers()
    post.work(minutes=2)

    assert resting["resume_at"] is not None
    assert asked == [1]
    assert post.numbers() == [1, 1, 2, 3]


@only_on_sqlite
def test_a_receiver_that_hangs_keeps_no_mail_waiting_where_there_is_one_thread_for_jobs(post: Post) -> None:
    free, mailed = threading.Event(), threading.Event()
    registry = registry_of(post.world.app)
    registry.periodic.clear()
    registry.add(Handler(name="test.mail", run=lambda _arguments, _now: mailed.set()))

    def hang(_: Message) -> tuple[int, bytes]:
        free.wait(20)
        return 200, b""

    webhook = post.webhook()
    post.receiver.answers = hang
    post.happen(1)
    runner = Runner(post.world.app, 1)
    thread = threading.Thread(target=runner.run)
    thread.start()
    wait_for(lambda: len(post.receiver.messages) == 1)

    with post.world.app.app_context(), writing() as session:
        enqueue(session, "test.mail", {})

    assert mailed.wait(10)
    free.set()
    wait_for(lambda: post.state(webhook)["waiting"] == 0)
    runner.stop()
    thread.join(20)


@only_on_sqlite
def test_one_that_hangs_keeps_no_other_waiting(post: Post) -> None:
    free = threading.Event()

    def hang(_: Message) -> tuple[int, bytes]:
        free.wait(20)
        return 200, b""

    stuck = post.webhook(description="stuck")
    post.receiver.answers = hang
    with receiver() as quick:
        post.webhook(url=quick.url)
        post.happen(1)
        worker = threading.Thread(target=post.work)
        worker.start()
        wait_for(lambda: len(post.receiver.messages) == len(quick.messages) == 1)
        # What happens while the other one hangs arrives, too.
        post.happen(2)
        threading.Thread(target=post.work).start()
        wait_for(lambda: len(quick.messages) == 2)
        assert len(post.receiver.messages) == 1
        free.set()
        worker.join(20)
    wait_for(lambda: post.state(stuck)["waiting"] == 0)


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        threading.Event().wait(0.02)
    raise AssertionError("It did not come true.")


# A process that ends in between.


def test_a_process_that_ends_before_it_has_noted_what_it_sent_sends_it_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = post.webhook()
    post.happen(1)

    def killed(_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(sending, "settle", killed)
        post.work()
    post.work(minutes=1)

    assert post.numbers() == [1, 1]
    assert len(set(post.receiver.ids)) == 1
    (delivery,) = post.deliveries(webhook)
    assert (delivery["status"], delivery["attempts"]) == ("delivered", 1)


def tidy_up(post: Post) -> None:
    with post.world.app.app_context():
        registry_of(post.world.app).periodic["webhooks.tidy-up"].run(post.clock())


@only_on_sqlite
def test_work_that_was_lost_is_found_again(post: Post) -> None:
    webhook = post.webhook()
    post.happen(1)
    with post.world.app.app_context(), writing() as session:
        session.execute(delete(Job))

    tidy_up(post)
    post.work()

    assert post.numbers() == [1]
    assert post.state(webhook)["waiting"] == 0


@only_on_sqlite
def test_deliveries_are_forgotten_after_thirty_days(post: Post) -> None:
    webhook = post.webhook()
    post.happen(1)
    post.work()
    post.clock.advance(days=29)
    post.happen(2)
    post.work()
    post.clock.advance(days=2)

    tidy_up(post)

    assert len(post.deliveries(webhook)) == 1
