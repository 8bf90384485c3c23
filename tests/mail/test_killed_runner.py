"""A runner that is killed while it sends a mail: another one sends it, at most once too often."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from config import ROOT, Sender, Settings
from server.children import wait_until
from tests.conftest import FakeClock
from tests.support.mail_server import Inbox, mail_server
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class KillingInbox(Inbox):
    """Kills the process that sends, the first time that it comes to the given command."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self.command = command
        self.pid = 0

    async def handle_RCPT(self, *given: Any) -> str:  # noqa: N802
        self._kill_at("RCPT")
        return await super().handle_RCPT(*given)

    async def handle_DATA(self, *given: Any) -> str:  # noqa: N802
        answer = await super().handle_DATA(*given)
        self._kill_at("DATA")
        return answer

    def _kill_at(self, command: str) -> None:
        if self.pid and command == self.command:
            os.kill(self.pid, signal.SIGKILL)
            self.pid = 0


@pytest.mark.parametrize(("command", "mails"), [("RCPT", 1), ("DATA", 2)])
def test_a_mail_whose_sender_was_killed_arrives(
    make_app: Callable[..., Flask],
    clock: FakeClock,
    settings: Settings,
    tmp_path: Path,
    command: str,
    mails: int,
) -> None:
    inbox = KillingInbox(command)
    with mail_server(inbox) as server:
        app = make_app(mail_server=server, mail_from=Sender("Lectern", "lessons@example.org"))
        world = World(app, clock)
        person = world.student()
        world.operator("accounts", "confirm-email", person.email)
        world.operator("jobs", "drain")
        inbox.received.clear()
        change = {"password": "another long password", "current_password": PASSWORD}
        assert person.patch("/api/users/me", change).status_code == 200

        with runner(settings, tmp_path, f"smtp://{server.host}:{server.port}") as first:
            inbox.pid = first.pid
            assert first.wait(30) == -signal.SIGKILL
        with runner(settings, tmp_path, f"smtp://{server.host}:{server.port}"):
            assert wait_until(lambda: len(inbox.received) == mails, seconds=30)

    assert len({mail["Message-ID"] for mail in inbox.received}) == 1
    assert set(inbox.subjects) == {"Your password was changed"}


@contextmanager
def runner(settings: Settings, folder: Path, mail_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A runner whose leases are short, so that another one soon takes over what it had in hand."""
    environ = {
        **os.environ,
        "LECTERN_INSTANCE": str(settings.instance),
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "CACHE_TYPE": "NullCache",
        "MAIL_URL": mail_url,
        "MAIL_FROM": "lessons@example.org",
        "LECTERN_TEST_RECORD": str(folder / "record"),
        "LECTERN_TEST_DIE_AT": "the mail server's word",
    }
    process = subprocess.Popen((sys.executable, "-m", "tests.jobs.process"), cwd=ROOT, env=environ)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
