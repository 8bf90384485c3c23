"""Everything that `compose.yaml` starts, as processes on one machine: each can be killed and started again."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol, Self

from kombu import Connection, Exchange, Queue
from sqlalchemy import NullPool, create_engine, text

from config import ROOT
from server.children import wait_until
from support.servers import CaddyServer, LecternServer, PostgresServer, RabbitServer, free_port
from tests.machines import compose
from tests.server.clients import ask
from tests.support.mail_server import Inbox, mail_server, text_of

READY_SECONDS = 120.0
# How a calendar's event in a mail names its lesson.
LESSON = re.compile(r"UID:booking-(\d+)-")


class Cache(Protocol):
    """The Redis servers of a school: one, or those that Sentinels or a Cluster keep."""

    @property
    def url(self) -> str:
        """The address for `REDIS_URL`."""


class Machine:
    """A web server with its workers, always at the same address."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._instance = folder
        self._port = free_port()
        self._environ = {**environ, "PORT": str(self._port)}
        self.address = f"127.0.0.1:{self._port}"
        self.server: LecternServer | None = None
        # What its servers of before have printed.
        self._printed = ""

    def start(self, code: Path = ROOT) -> None:
        """Start it, with the code of a folder, and wait until it takes traffic."""
        self.begin(code)
        self.wait_until_ready()

    def begin(self, code: Path = ROOT) -> None:
        """Start it without waiting."""
        if self.server is not None:
            self._printed += self.server.output
        self.server = LecternServer(self._instance, self._environ, code=code)

    def wait_until_ready(self) -> None:
        """Wait until it takes traffic."""
        assert self.server is not None
        self.server.wait_until_ready()
        assert wait_until(self.is_ready, seconds=READY_SECONDS), self.server.output

    def is_ready(self) -> bool:
        """Tell whether a proxy may send it requests."""
        try:
            return ask(f"http://{self.address}", "/health/ready").status == 200
        except OSError:
            return False

    def errors(self) -> str:
        """Return what was printed about errors, each with what follows it."""
        printed = self._printed + (self.server.output if self.server else "")
        found = re.finditer(r"^.* ERROR .*(?:\n(?!\d{4}-).*)*", printed, re.MULTILINE)
        return "\n".join(match[0] for match in found)

    def kill(self) -> None:
        """Lose the whole machine."""
        assert self.server is not None
        self.server.kill()

    def stop(self) -> None:
        """Tell it to stop, as a supervisor does, and wait until it has."""
        assert self.server is not None
        assert self.server.stop() == 0, self.server.output

    def close(self) -> None:
        """End it at once, if it was started."""
        if self.server is not None:
            self.kill()


class Program:
    """Another process of the product: the runner of jobs, or a worker of Celery."""

    def __init__(self, name: str, folder: Path, environ: Mapping[str, str]) -> None:
        self._command, self._instance, self._environ = compose.command(name), folder, environ
        self._process: LecternServer | None = None

    def start(self, code: Path = ROOT) -> None:
        """Start it; it works a while later."""
        self._process = LecternServer(self._instance, self._environ, command=self._command, code=code)

    @property
    def output(self) -> str:
        """All that it has printed so far."""
        assert self._process is not None
        return self._process.output

    def kill(self) -> None:
        """End it and its children as a crash would."""
        assert self._process is not None
        self._process.kill()

    def stop(self) -> None:
        """Tell it to stop, and wait until it has."""
        assert self._process is not None
        assert self._process.stop() == 0, self._process.output

    def close(self) -> None:
        """End it at once, if it was started."""
        if self._process is not None:
            self.kill()


class School:
    """Two web servers behind a proxy, a runner, a Celery worker, PostgreSQL, Redis, RabbitMQ, and a mail server.

    `code` is the folder of the version that everything begins with; `events` tells other programs what happens.
    """

    def __init__(self, cache: Cache, *, code: Path = ROOT, events: bool = True) -> None:
        self._events = events
        self.cache, self.inbox, self._code = cache, Inbox(), code
        self._running = ExitStack()
        # A queue of another program, which keeps what comes until somebody asks.
        self._queue = Queue("observer", Exchange("lectern", type="topic", durable=True), routing_key="#", durable=True)
        self._heard: set[int] = set()
        self._mailed: set[int] = set()
        self._looked_at = 0

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._running.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def _start(self) -> None:
        enter = self._running.enter_context
        self.folder = Path(enter(tempfile.TemporaryDirectory(prefix="lectern-school-", ignore_cleanup_errors=True)))
        self.broker = enter(RabbitServer())
        # A transaction that was acknowledged survives the crash of the server, as it does where nobody set anything.
        self.database = enter(PostgresServer(own=True, options={"synchronous_commit": "on"}))
        self.address = self.database.create_database("machines")
        mails = enter(mail_server(self.inbox))
        places = {
            "HOST": "127.0.0.1",
            "SECRET_KEY": "a secret that only this school uses",
            "DATABASE_URL": self.address,
            "REDIS_URL": self.cache.url,
            "CELERY_BROKER_URL": self.broker.url,
            "EVENTS_URL": self.broker.url if self._events else "",
            "TRUSTED_HOSTS": "127.0.0.1",
            "MAIL_URL": f"smtp://127.0.0.1:{mails.port}",
            "MAIL_FROM": "Lectern <lessons@example.org>",
            "PYTHONDONTWRITEBYTECODE": "1",
            # The load books more than anybody does.
            "RATELIMIT_ENABLED": "0",
            "MAX_OPEN_REQUESTS": "1000000",
            "MAX_OPEN_REQUESTS_PER_TEACHER": "1000000",
        }
        self.machines = [Machine(self.folder / name, compose.settings(name, **places)) for name in ("web-1", "web-2")]
        self.runner, self.worker = (
            Program(name, self.folder / name, compose.settings(name, **places)) for name in ("jobs", "worker")
        )
        self._running.callback(self._stop_programs)
        self.broker.start()
        if self._events:
            with Connection(self.broker.url) as connection:
                self._queue(connection).declare()
        for machine in self.machines:
            machine.begin(self._code)
        self.machines[0].wait_until_ready()
        self.runner.start(self._code)
        self.worker.start(self._code)
        self.machines[1].wait_until_ready()
        self.proxy = enter(CaddyServer([machine.address for machine in self.machines]))
        self.wait_until_open()

    def wait_until_open(self) -> None:
        """Wait until the proxy knows of a web server that takes traffic.

        Before, versions of Caddy until 2.7.4 refuse a POST at once.
        """
        is_open = lambda: ask(self.proxy.url, "/health/ready").status == 200  # noqa: E731
        assert wait_until(is_open, seconds=READY_SECONDS), self.proxy.log

    def token_for(self, address: str) -> str:
        """Wait for the mail by which somebody confirms their address, and take the token out of it."""
        tokens: list[str] = []

        def came() -> bool:
            mails = [mail for mail in self.inbox.received if address in mail["To"]]
            tokens.extend(token for mail in mails for token in re.findall(r"/confirm-email\S*?=(\S+)", text_of(mail)))
            return bool(tokens)

        assert wait_until(came, seconds=READY_SECONDS), self.runner.output + self.worker.output
        return tokens[-1]

    def mailed(self) -> set[int]:
        """Return the lessons about which a mail with a calendar's event has come, by their ids."""
        received = self.inbox.received
        while self._looked_at < len(received):
            self._mailed.update(int(lesson) for lesson in LESSON.findall(received[self._looked_at].as_string()))
            self._looked_at += 1
        return self._mailed

    def heard(self) -> set[int]:
        """Return the lessons of whose acceptance another program has heard by now, by their ids."""
        with Connection(self.broker.url) as connection:
            queue = self._queue(connection)
            while message := queue.get():
                event = json.loads(message.body)
                if event["type"] == "booking.accepted":
                    self._heard.add(event["data"]["booking_id"])
                message.ack()
        return self._heard

    def lessons(self) -> dict[int, str]:
        """Return how each lesson stands in the database."""
        engine = create_engine(self.address, poolclass=NullPool)
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT id, status FROM bookings")).all()
        return {row.id: row.status for row in rows}

    def _stop_programs(self) -> None:
        for program in (self.worker, self.runner):
            program.close()
        for machine in self.machines:
            machine.close()
