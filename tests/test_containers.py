"""The container's files name what there is: settings, commands, addresses, files."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from config import ROOT, load_settings
from config.settings import _SettingsSchema
from events.exchange import outlet
from jobs import relay
from support.caddy_server import CADDYFILE
from tests.machines.compose import COMPOSE, OURS, filled

DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
PROXY = CADDYFILE.read_text()
# Those that no setting of ours is about.
OF_PYTHON = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}


def instructions(name: str) -> list[str]:
    return re.findall(rf"^\s*{name} (.*)$", DOCKERFILE, re.MULTILINE)


@pytest.mark.parametrize("name", OURS)
def test_the_settings_of_each_service_can_be_used(name: str, tmp_path: Path) -> None:
    environ = {key: filled(value).replace(" ", "-") for key, value in OURS[name]["environment"].items()}

    settings = load_settings(environ | {"LECTERN_INSTANCE": str(tmp_path)}, root=tmp_path)

    assert set(environ) <= set(_SettingsSchema().fields)
    assert settings.database_url.startswith("postgresql")
    assert (bool(settings.celery_broker_url), settings.trusted_proxies) == (True, 1)
    assert "@database/" in settings.database_url
    assert "//cache:" in settings.redis_url


def test_one_service_runs_jobs_and_the_others_none() -> None:
    runners = [name for name, service in OURS.items() if service["environment"]["JOB_CONCURRENCY"] != "0"]

    assert runners == ["jobs"]


def test_the_commands_are_there(sqlite_app: Flask) -> None:
    commands = [json.loads(instructions("CMD")[-1]), *(it["command"] for it in OURS.values() if "command" in it)]

    for program, *words in commands:
        if program.endswith("python"):
            assert importlib.util.find_spec(words[words.index("-m") + 1])
        elif program.endswith("celery"):
            assert (ROOT / words[1].replace(".", "/")).with_suffix(".py").exists()
        else:
            group, command = words[2:]
            assert command in sqlite_app.cli.commands[group].commands  # type: ignore[attr-defined]


@pytest.fixture
def sqlite_app(tmp_path: Path) -> Flask:
    environ = {"LECTERN_INSTANCE": str(tmp_path), "CACHE_TYPE": "NullCache"}
    return create_app(load_settings(environ, root=tmp_path))


def test_the_addresses_that_are_asked_for_the_health_are_there(sqlite_app: Flask) -> None:
    asked = re.findall(r"/health/\w+", DOCKERFILE + PROXY)

    assert sorted(asked) == ["/health/live", "/health/ready"]
    assert set(asked) <= {rule.rule for rule in sqlite_app.url_map.iter_rules()}


def test_the_image_is_not_for_root_and_can_be_read_only() -> None:
    assert instructions("USER") == ["10001"]
    assert all(service["read_only"] and service["cap_drop"] == ["ALL"] for service in OURS.values())
    (volume,) = instructions("VOLUME")
    assert all(f"{volume}:mode=1777" in service["tmpfs"] for service in OURS.values())
    # Some engines give a tmpfs the mode of the folder in whose place it comes.
    assert "--mode=1777 instance" in DOCKERFILE


def test_what_is_copied_and_referred_to_is_there() -> None:
    sources = [copied.split()[0] for copied in instructions("COPY") if not copied.startswith("--from")]
    needed = {name for service in COMPOSE["services"].values() for name in service.get("depends_on", ())}
    variables = {word for line in instructions("ENV") for word in re.findall(r"(\w+)=", line)}

    assert all((ROOT / source).exists() for source in sources)
    assert needed <= set(COMPOSE["services"])
    assert variables - OF_PYTHON <= set(_SettingsSchema().fields)
    # No secret and no database of a developer's gets into an image.
    assert {".env", "instance", ".git"} <= set((ROOT / ".dockerignore").read_text().split())


def test_the_proxy_has_the_file_that_the_tests_of_several_machines_run() -> None:
    proxy = COMPOSE["services"]["proxy"]
    mounted, place, rights = proxy["volumes"][0].split(":")
    assert (ROOT / mounted, place, rights) == (CADDYFILE, "/etc/caddy/Caddyfile", "ro")
    variables = dict(re.findall(r"\{\$(\w+):([^}]+)\}", PROXY))

    assert set(proxy["environment"]) <= set(variables)
    # Each server by the name and the port that the proxy knows.
    (port,) = {word for line in instructions("ENV") for word in re.findall(r"\bPORT=(\d+)", line)}
    servers = [name for name, service in OURS.items() if "command" not in service]
    assert variables["WEB_SERVERS"].split() == [f"{name}:{port}" for name in servers]
    # The proxy notices that a server is about to stop before it does.
    (interval,) = re.findall(r"health_interval (\d+)s", PROXY)
    assert all(float(OURS[name]["environment"]["DRAIN_SECONDS"]) > 2 * int(interval) for name in servers)


def test_jobs_and_events_have_exchanges_of_their_own_at_the_one_broker() -> None:
    at = OURS["web-1"]["environment"]
    assert at["CELERY_BROKER_URL"] == at["EVENTS_URL"]

    queues = relay.make_celery("amqp://broker//").amqp.queues

    assert outlet.EXCHANGE not in [queue.exchange.name for queue in queues.values()]


def test_what_is_waited_for_has_a_check() -> None:
    """A service with a condition never starts where the other one is never healthy."""
    for service in COMPOSE["services"].values():
        for name, it in dict(service["depends_on"]).items() if isinstance(service.get("depends_on"), dict) else ():
            assert it == {"condition": "service_healthy"}
            needed = COMPOSE["services"][name]
            assert needed.get("healthcheck", {"disable": name not in OURS}).get("disable") is not True


def test_images_are_named_without_a_host() -> None:
    images = [from_.split()[0] for from_ in instructions("FROM")]
    images += [service["image"] for service in COMPOSE["services"].values()]

    assert not [image for image in images if "." in image.partition("/")[0] and "/" in image]
