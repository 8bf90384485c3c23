"""Read and validate the settings: the one reader of the environment and of `.env`.

Every setting is optional and explained in `.env.example`. Nothing else in the program reads `os.environ`.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import click
from dotenv import dotenv_values
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

ROOT = Path(__file__).resolve().parent

# A Unix socket's path must fit into `sockaddr_un`, 108 bytes on Linux and 104 on macOS. HAProxy takes 97 of them.
LONGEST_SOCKET_PATH = 97
# The longest body of a request, in bytes.
MAX_BODY_BYTES = 1_000_000
REDIS_SCHEMES = ("redis://", "rediss://", "unix://", "redis+sentinel://", "rediss+sentinel://")


# What a server on loopback is called, and what stands for every name.
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
ANY_HOST = "*"


class ConfigError(click.ClickException):
    """A setting is malformed or unsafe: the message, which `flask` shows alone, says what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Everything an operator can choose, validated."""

    instance: Path
    host: str = "127.0.0.1"
    port: int = 8000
    web_concurrency: int = 2
    web_threads: int = 4
    database_url: str
    redis_url: str
    secret_key: str
    cache_type: str = "RedisCache"
    cache_ttl: int = 600
    cache_audit_share: float = 0.0
    demo_data: bool = True
    ratelimit_enabled: bool = True
    trusted_proxies: int = 0
    trusted_hosts: tuple[str, ...] = LOOPBACK_NAMES
    metrics_token: str | None = None
    log_level: str = "INFO"
    max_open_requests: int = 20
    max_open_requests_per_teacher: int = 10
    max_open_series: int = 3

    @property
    def embedded_database(self) -> bool:
        """Tell whether the database is the SQLite file that Lectern keeps in its own folder."""
        return self.database_url == embedded_database_url(self.instance)

    @property
    def embedded_redis(self) -> bool:
        """Tell whether Redis is the server that `make run` starts on a Unix socket."""
        return self.redis_url == embedded_redis_url(self.instance)


class _SettingsSchema(Schema):
    """What may stand in the environment, under names that are explained in `.env.example`."""

    class Meta:
        unknown = EXCLUDE

    LECTERN_INSTANCE = fields.String(load_default="instance")
    HOST = fields.String(load_default="127.0.0.1")
    PORT = fields.Integer(load_default=8000, validate=validate.Range(0, 65535))
    WEB_CONCURRENCY = fields.Integer(load_default=2, validate=validate.Range(1, 256))
    WEB_THREADS = fields.Integer(load_default=4, validate=validate.Range(1, 256))
    DATABASE_URL = fields.String(load_default=None)
    REDIS_URL = fields.String(load_default=None)
    REDIS_HOST = fields.String(load_default=None)
    REDIS_PORT = fields.Integer(load_default=None, validate=validate.Range(1, 65535))
    REDIS_PASSWORD = fields.String(load_default="")
    SECRET_KEY = fields.String(load_default=None, validate=validate.Length(min=16))
    CACHE_TYPE = fields.String(load_default="RedisCache", validate=validate.OneOf(["RedisCache", "NullCache"]))
    CACHE_TTL = fields.Integer(load_default=600, validate=validate.Range(1, 86_400))
    CACHE_AUDIT_SHARE = fields.Float(load_default=0.001, validate=validate.Range(0, 1))
    DEMO_DATA = fields.Boolean(load_default=None)
    RATELIMIT_ENABLED = fields.Boolean(load_default=True)
    TRUSTED_PROXIES = fields.Integer(load_default=0, validate=validate.Range(0, 16))
    TRUSTED_HOSTS = fields.String(load_default=None)
    METRICS_TOKEN = fields.String(load_default=None)
    MAX_OPEN_REQUESTS = fields.Integer(load_default=20, validate=validate.Range(1, 1_000_000))
    MAX_OPEN_REQUESTS_PER_TEACHER = fields.Integer(load_default=10, validate=validate.Range(1, 1_000_000))
    MAX_OPEN_SERIES = fields.Integer(load_default=3, validate=validate.Range(1, 1_000_000))
    LOG_LEVEL = fields.String(
        load_default="INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"])
    )


def load_settings(environ: Mapping[str, str] | None = None, *, root: Path = ROOT) -> Settings:
    """Read and validate the settings.

    The environment wins over `.env` in `root`. An empty value counts as not given.

    Raises ConfigError if a value is malformed, or unsafe where the server can be reached from elsewhere.
    """
    given = {**dotenv_values(root / ".env"), **(os.environ if environ is None else environ)}
    try:
        env = _SettingsSchema().load({name: value for name, value in given.items() if value})
    except ValidationError as error:
        problems = (f"{name}: {' '.join(messages)}" for name, messages in error.normalized_messages().items())
        raise ConfigError("These settings cannot be used. " + "; ".join(problems)) from None
    instance = (root / env["LECTERN_INSTANCE"]).resolve()
    database_url = _database_url(env["DATABASE_URL"] or embedded_database_url(instance))
    demo_by_default = is_loopback(env["HOST"]) and database_url == embedded_database_url(instance)
    return Settings(
        instance=instance,
        host=env["HOST"],
        port=env["PORT"],
        web_concurrency=env["WEB_CONCURRENCY"],
        web_threads=env["WEB_THREADS"],
        database_url=database_url,
        redis_url=_redis_url(env) or embedded_redis_url(instance),
        secret_key=_secret_key(env["SECRET_KEY"], env["HOST"], instance),
        cache_type=env["CACHE_TYPE"],
        cache_ttl=env["CACHE_TTL"],
        cache_audit_share=env["CACHE_AUDIT_SHARE"],
        demo_data=demo_by_default if env["DEMO_DATA"] is None else env["DEMO_DATA"],
        ratelimit_enabled=env["RATELIMIT_ENABLED"],
        trusted_proxies=env["TRUSTED_PROXIES"],
        trusted_hosts=_trusted_hosts(env["TRUSTED_HOSTS"], env["HOST"], env["TRUSTED_PROXIES"]),
        metrics_token=env["METRICS_TOKEN"],
        log_level=env["LOG_LEVEL"],
        max_open_requests=env["MAX_OPEN_REQUESTS"],
        max_open_requests_per_teacher=env["MAX_OPEN_REQUESTS_PER_TEACHER"],
        max_open_series=env["MAX_OPEN_SERIES"],
    )


def embedded_database_url(instance: Path) -> str:
    """Name the SQLite file that is used when no DATABASE_URL is given."""
    return f"sqlite:///{instance / 'lectern.db'}"


def private_socket(instance: Path, name: str) -> Path:
    """Name a socket: in `instance`, or in a private folder if that path is too long.

    The folder depends on `instance` alone, so that a command in another shell finds the running server.
    """
    socket = instance / name
    if len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH:
        return socket
    digest = hashlib.sha256(os.fsencode(instance)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"lectern-{os.getuid()}-{digest}" / name


def embedded_redis_socket(instance: Path) -> Path:
    """Name the embedded Redis server's socket."""
    return private_socket(instance, "redis.sock")


def embedded_redis_url(instance: Path) -> str:
    """Name the address of the embedded Redis server."""
    return f"unix://{quote(str(embedded_redis_socket(instance)))}"


def metrics_folder(instance: Path) -> Path:
    """Name the folder that the server's workers write their counters to."""
    return instance / "metrics"


def _database_url(url: str) -> str:
    """Accept the usual spellings of PostgreSQL's address and choose the driver that Lectern ships."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    if url.startswith(("postgresql+psycopg://", "sqlite:///")) and url != "sqlite:///":
        return url
    raise ConfigError("The setting DATABASE_URL cannot be used: give postgresql://… or sqlite:///path/to/file.")


def _redis_url(env: Mapping[str, Any]) -> str | None:
    """Take REDIS_URL, else build it from REDIS_HOST, else return None for the embedded server."""
    if url := env["REDIS_URL"]:
        if not url.startswith(REDIS_SCHEMES):
            raise ConfigError(f"REDIS_URL cannot be used: it has to begin with one of {', '.join(REDIS_SCHEMES)}.")
        if not _names_hosts(url):
            raise ConfigError("REDIS_URL cannot be used: a port is no number, or a host or service is missing.")
        return str(url)
    if env["REDIS_HOST"] is None and env["REDIS_PORT"] is None:
        return None
    credentials = f":{quote(env['REDIS_PASSWORD'], safe='')}@" if env["REDIS_PASSWORD"] else ""
    return f"redis://{credentials}{env['REDIS_HOST'] or '127.0.0.1'}:{env['REDIS_PORT'] or 6379}/0"


def _names_hosts(url: str) -> bool:
    """Tell whether a Redis address has hosts and ports, and for Sentinels a service."""
    parts = urlsplit(url)
    hosts = parts.netloc.rpartition("@")[2].split(",")
    readable = all(re.fullmatch(r"([^:]*|\[[0-9a-fA-F:.]+\])(:\d+)?", host) for host in hosts)
    needs_path = parts.scheme == "unix" or parts.scheme.endswith("+sentinel")
    return readable and (bool(parts.path.strip("/")) if needs_path else len(hosts) == 1)


def _secret_key(given: str | None, host: str, instance: Path) -> str:
    """Take the given key, or on loopback one that is made and kept in `instance`."""
    if given:
        return given
    if not is_loopback(host):
        raise ConfigError(f"SECRET_KEY must be set when HOST is {host}: every process and machine has to share it.")
    return private_file(instance / "secret_key", lambda: secrets.token_urlsafe(48))


def _trusted_hosts(given: str | None, host: str, proxies: int) -> tuple[str, ...]:
    """Take the given names, else those of loopback, or any where it is reached from elsewhere."""
    if given:
        return tuple(_host_name(name.strip()) for name in given.split(",") if name.strip())
    if is_loopback(host) and not proxies:
        return tuple(dict.fromkeys((*LOOPBACK_NAMES, _host_name(host))))
    return (ANY_HOST,)


def _host_name(name: str) -> str:
    """Write a name as it stands in the header Host, without a port: in small letters, IPv6 in brackets."""
    name = name.lower()
    return f"[{name}]" if name.count(":") > 1 and not name.startswith("[") else name


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a server that listens on `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def writable_folder(folder: Path) -> Path:
    """Make the folder if it is missing, or raise ConfigError if nothing can be written there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        close_to_others(folder)
        reason = "" if os.access(folder, os.W_OK | os.X_OK) else "Permission denied"
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        raise ConfigError(
            f"The folder {folder} cannot be written to: {reason}. Lectern keeps its files there; "
            "LECTERN_INSTANCE names another folder."
        )
    return folder


def private_file(path: Path, make: Callable[[], str]) -> str:
    """Return the content of `path`, and first create it if it is missing.

    It gets mode 0600 and the content of `make()`. Two processes that start together agree: the file appears whole and
    only once.
    """
    try:
        if not path.exists():
            _create(path, make())
        return path.read_text()
    except OSError as error:
        raise ConfigError(f"The file {path} cannot be used: {error.strerror}. Is it another user's?") from None


def _create(path: Path, content: str) -> None:
    draft = writable_folder(path.parent) / f"{path.name}.{secrets.token_hex(4)}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def close_to_others(path: Path) -> None:
    """Take away what people may do who are neither the owner nor in the group, if there are such rights.

    What an operator gives to the group, for example for backups, stays. A shared place such as `/tmp` is left alone.
    """
    status = path.stat()
    if status.st_mode & 0o007 and not status.st_mode & stat.S_ISVTX and status.st_uid == os.geteuid():
        path.chmod(stat.S_IMODE(status.st_mode) & ~0o007)
