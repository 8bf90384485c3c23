"""Webhooks where a broker hands the jobs to Celery: all of them are processes, and each is killed and back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Exists, exists, select

from config import ROOT, Settings
from database import reading
from events.webhooks.listener import DISPATCH
from events.webhooks.models import Webhook
from jobs.models import Job, JobState
from server.children import wait_until
from support.rabbitmq_server import RabbitServer
from tests.events.conftest import Post
from tests.support.fixtures import running
from tests.support.webhook_receiver import ReceiverProcess, receiver_process

pytestmark = [
    pytest.mark.middleware_not_compared,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]

RELAY = ("flask", "--app", "app", "jobs", "run")
WORKER = ("celery", "-A", "jobs.celery", "worker", "--concurrency=1", "--loglevel=ERROR")
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture(scope="module")
def rabbit() -> Iterator[RabbitServer]:
    """A RabbitMQ that is not running yet."""
    yield from running(RabbitServer)


@pytest.fixture
def start(post: Post, settings: Settings, rabbit: RabbitServer) -> Iterator[Start]:
    """A function that starts one of the programs an operator starts, over the database of `post`."""
    environ = {
        **os.environ,
        "LECTERN_INSTANCE": str(settings.instance),
        "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url,
        "CACHE_TYPE": "NullCache",
        "CELERY_BROKER_URL": rabbit.url,
        "WEBHOOKS_ALLOW_LOOPBACK": "1",
    }
    with ExitStack() as ended:

        def begin(*command: str) -> subprocess.Popen[bytes]:
            process = subprocess.Popen((sys.executable, "-m", *command), cwd=ROOT, env=environ)
            ended.callback(process.wait)
            ended.callback(process.kill)
            return process

        yield begin


def arrive(receiver: ReceiverProcess, *numbers: int) -> bool:
    """Wait until these events have arrived, in this order and no other."""
    return wait_until(lambda: [number for number, _ in receiver.messages()] == [*numbers], seconds=90)


def is_handed_on(post: Post) -> bool:
    """Tell whether the broker has what makes deliveries, and nobody has begun it."""
    handed = select(Job.id).where(Job.name == DISPATCH, Job.state == JobState.WAITING, Job.leased_by.is_not(None))
    return _is(post, exists(handed))


def has_failed(post: Post) -> bool:
    """Tell whether the receiver was asked in vain."""
    return _is(post, exists().where(Webhook.failures > 0))


def _is(post: Post, condition: Exists) -> bool:
    with post.world.app.app_context(), reading() as connection:
        return bool(connection.scalar(select(condition)))


def test_a_worker_of_celery_has_webhooks_delivered_whatever_was_killed_meanwhile(
    post: Post, start: Start, rabbit: RabbitServer, tmp_path: Path
) -> None:
    with receiver_process(tmp_path / "record") as receiver:
        post.webhook(url=receiver.url)
        rabbit.start()
        start(*RELAY)
        post.happen(0)
        # What makes deliveries is handed on, and done by nobody else.
        assert wait_until(lambda: is_handed_on(post), seconds=60)
        assert receiver.messages() == []

        worker = start(*WORKER)
        assert arrive(receiver, 0)

        worker.kill()
        worker.wait()
        post.happen(1)
        assert wait_until(lambda: is_handed_on(post), seconds=60)
        start(*WORKER)
        assert arrive(receiver, 0, 1)

        rabbit.kill()
        post.happen(2)
        rabbit.start()
        assert arrive(receiver, 0, 1, 2)

        receiver.kill()
        post.happen(3)
        assert wait_until(lambda: has_failed(post), seconds=60)
        receiver.start()
        assert arrive(receiver, 0, 1, 2, 3)
