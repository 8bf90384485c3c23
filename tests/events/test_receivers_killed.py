"""Receivers that are processes of their own: killed, away for a while, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from events.webhooks import retries
from tests.events.conftest import Post
from tests.support.webhook_receiver import receiver_process

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pauses be as long as the table says."""
    monkeypatch.setattr(retries, "_JITTER", 0.0)


def test_a_receiver_that_was_killed_gets_all_that_it_missed_in_order_when_it_is_back(
    post: Post, tmp_path: Path
) -> None:
    with receiver_process(tmp_path / "killed") as killed, receiver_process(tmp_path / "other") as other:
        webhooks = [post.webhook(url=each.url) for each in (killed, other)]
        post.happen(*range(5))
        post.work()

        killed.kill()
        post.happen(*range(5, 12))
        post.work()
        meanwhile = [[number for number, _ in each.messages()] for each in (killed, other)]
        post.work(minutes=10)
        killed.start()
        post.work(minutes=31)
        post.happen(12)
        post.work()

        assert meanwhile == [[*range(5)], [*range(12)]]
        assert [number for number, _ in killed.messages()] == [*range(13)]
        assert [number for number, _ in other.messages()] == [*range(13)]
        assert [post.state(webhook)["waiting"] for webhook in webhooks] == [0, 0]


def test_a_receiver_that_dies_while_it_takes_a_message_gets_it_again_under_its_id(post: Post, tmp_path: Path) -> None:
    with receiver_process(tmp_path / "record") as receiver:
        receiver.kill()
        receiver.start(dies_at=3)
        webhook = post.webhook(url=receiver.url)
        post.happen(*range(6))
        post.work()
        receiver.wait()
        receiver.start()

        post.work(minutes=31)

        messages = receiver.messages()
        assert [number for number, _ in messages] == [0, 1, 2, 3, 3, 4, 5]
        assert [number for number, _ in dict.fromkeys(messages)] == [*range(6)]
        assert post.state(webhook)["waiting"] == 0
