"""The Redis server that `make run` owns."""

import os
import signal
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from config import embedded_redis_socket, embedded_redis_url
from server import embedded_redis
from server.children import CannotStart
from server.embedded_redis import EmbeddedRedis, find_program
from support.processes import has_ended


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    return tmp_path / "instance"


@pytest.fixture
def long_instance(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An instance folder whose socket moves to the folder for temporary files, which is this test's own."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        monkeypatch.setattr("tempfile.tempdir", folder)
        yield Path(folder) / ("long" * 30)


@pytest.fixture
def server(instance: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(instance)
    server.start()
    yield server
    server.stop()


def ask(instance: Path, *command: str) -> Any:
    with redis.Redis.from_url(embedded_redis_url(instance), decode_responses=True) as client:
        return client.execute_command(*command)


def end(instance: Path, number: signal.Signals) -> None:
    """End the server as a crash would, behind its owner's back."""
    with redis.Redis.from_url(embedded_redis_url(instance)) as client:
        pid = client.info("server")["process_id"]
    descriptor = os.pidfd_open(pid)
    os.kill(pid, number)
    assert has_ended(descriptor)


def test_it_answers_on_a_socket_of_its_user_alone(instance: Path, server: EmbeddedRedis) -> None:
    assert ask(instance, "PING")
    assert stat.S_IMODE(server.socket.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "0"),
        ("save", ""),
        ("appendonly", "no"),
        ("maxmemory", str(256 * 1024 * 1024)),
        ("maxmemory-policy", "allkeys-lru"),
    ],
)
@pytest.mark.usefixtures("server")
def test_it_is_bounded_and_keeps_nothing_on_disk(instance: Path, name: str, value: str) -> None:
    assert ask(instance, "CONFIG", "GET", name) == {name: value}


def test_a_folder_with_blanks_and_quotes_in_its_name_will_do(tmp_path: Path) -> None:
    instance = tmp_path / 'a folder\'s "name"'
    server = EmbeddedRedis(instance)
    try:
        server.start()
        assert ask(instance, "PING")
    finally:
        server.stop()


def test_a_socket_path_that_is_too_long_moves_to_a_private_folder(long_instance: Path) -> None:
    server = EmbeddedRedis(long_instance)
    try:
        server.start()
        assert ask(long_instance, "PING")
        assert server.socket.parent.parent == long_instance.parent
        assert stat.S_IMODE(server.socket.parent.stat().st_mode) == 0o700
    finally:
        server.stop()


def test_a_private_folder_that_others_may_enter_is_refused(long_instance: Path) -> None:
    embedded_redis_socket(long_instance).parent.mkdir(mode=0o755)
    with pytest.raises(CannotStart, match="0700"):
        EmbeddedRedis(long_instance).start()


def test_a_private_folder_that_is_a_link_is_refused(long_instance: Path) -> None:
    (long_instance.parent / "elsewhere").mkdir(mode=0o700)
    embedded_redis_socket(long_instance).parent.symlink_to(long_instance.parent / "elsewhere")
    with pytest.raises(CannotStart, match="0700"):
        EmbeddedRedis(long_instance).start()


def test_a_stale_socket_file_is_removed(instance: Path, server: EmbeddedRedis) -> None:
    end(instance, signal.SIGKILL)
    assert server.socket.exists()

    successor = EmbeddedRedis(instance)
    try:
        successor.start()
        assert ask(instance, "PING")
    finally:
        successor.stop()


@pytest.mark.usefixtures("server")
def test_a_second_server_for_the_same_folder_is_refused(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_redis, "GRACE_SECONDS", 0)
    with pytest.raises(CannotStart, match="another `make run`"):
        EmbeddedRedis(instance).start()
    assert ask(instance, "PING")


def test_stopping_ends_the_process_and_removes_the_socket(instance: Path, server: EmbeddedRedis) -> None:
    process = os.pidfd_open(ask(instance, "INFO", "server")["process_id"])
    server.stop()
    assert has_ended(process)
    assert not server.socket.exists()


def test_a_server_that_has_ended_is_started_again(
    instance: Path, server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(embedded_redis, "PAUSE_BETWEEN_STARTS", 0)
    end(instance, signal.SIGKILL)
    server.revive()
    assert ask(instance, "PING")
    assert "starting it again" in caplog.text


def test_a_server_that_ends_again_and_again_is_started_once_in_a_while(instance: Path, server: EmbeddedRedis) -> None:
    end(instance, signal.SIGKILL)
    server.revive()
    assert not embedded_redis._answers(server.socket)


def test_a_living_server_is_left_alone(instance: Path, server: EmbeddedRedis) -> None:
    before = ask(instance, "INFO", "server")["run_id"]
    server.revive()
    assert ask(instance, "INFO", "server")["run_id"] == before


def test_a_failed_restart_is_logged(
    instance: Path, server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(embedded_redis, "PAUSE_BETWEEN_STARTS", 0)
    monkeypatch.setattr(embedded_redis, "find_program", lambda: Path("/bin/false"))
    end(instance, signal.SIGKILL)
    server.revive()
    assert "did not start" in caplog.text


def test_a_program_that_gives_up_is_quoted(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_redis, "MAX_MEMORY", "much")
    with pytest.raises(CannotStart, match=r"did not start. It said: .*memory"):
        EmbeddedRedis(instance).start()


def test_without_a_program_on_the_path_the_one_in_the_wheel_serves(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    server = EmbeddedRedis(instance)
    try:
        server.start()
        assert ask(instance, "INFO", "server")["server_name"] == "valkey"
    finally:
        server.stop()


def test_without_any_program_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(CannotStart, match=r"install redis-server.*REDIS_URL.*NullCache"):
        find_program()
