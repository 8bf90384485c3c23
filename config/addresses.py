"""Check the addresses that settings name: of the database, of Redis, of the server itself."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from config.errors import ConfigError

BROKER_SCHEMES = ("amqp://", "amqps://", "redis://", "rediss://")
EXCHANGE_SCHEMES = ("amqp://", "amqps://")
REDIS_SCHEMES = (
    "redis://",
    "rediss://",
    "unix://",
    "redis+sentinel://",
    "rediss+sentinel://",
    "redis+cluster://",
    "rediss+cluster://",
)

# What a server on loopback is called, and what stands for every name.
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
ANY_HOST = "*"


def database_address(url: str) -> str:
    """Accept the usual spellings of PostgreSQL's address and choose the driver that Lectern ships."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    if url.startswith(("postgresql+psycopg://", "sqlite:///")) and url != "sqlite:///":
        return url
    raise ConfigError("The setting DATABASE_URL cannot be used: give postgresql://… or sqlite:///path/to/file.")


def redis_address(env: Mapping[str, Any]) -> str | None:
    """Take REDIS_URL, else build it from REDIS_HOST, else return None for the embedded server."""
    if url := env["REDIS_URL"]:
        if not url.startswith(REDIS_SCHEMES):
            raise ConfigError(f"REDIS_URL cannot be used: it has to begin with one of {', '.join(REDIS_SCHEMES)}.")
        if not _names_hosts(url):
            raise ConfigError("REDIS_URL cannot be used: a port is no number, or a host or service is missing.")
        if _is_cluster(url) and urlsplit(url).path.strip("/") not in ("", "0"):
            raise ConfigError("REDIS_URL cannot be used: a Redis Cluster has only the database 0.")
        return str(url)
    if env["REDIS_HOST"] is None and env["REDIS_PORT"] is None:
        return None
    credentials = f":{quote(env['REDIS_PASSWORD'], safe='')}@" if env["REDIS_PASSWORD"] else ""
    return f"redis://{credentials}{env['REDIS_HOST'] or '127.0.0.1'}:{env['REDIS_PORT'] or 6379}/0"


def broker_address(url: str | None, redis_url: str) -> str | None:
    """Accept the address of a message broker for Celery, if one is given, that is not the cache's Redis.

    That one may forget whatever it likes when its memory is full.
    """
    if url is None:
        return None
    if not url.startswith(BROKER_SCHEMES):
        raise ConfigError(f"CELERY_BROKER_URL cannot be used: it has to begin with one of {', '.join(BROKER_SCHEMES)}.")
    if not _names_hosts(url):
        raise ConfigError("CELERY_BROKER_URL cannot be used: a port is no number, or a host is missing.")
    if url.startswith("redis") and _servers(url) & _servers(redis_url):
        raise ConfigError(
            "CELERY_BROKER_URL cannot be the Redis server of the cache, which forgets what it likes when its memory is "
            "full: name another server, or RabbitMQ as amqp://user:password@host."
        )
    return url


def exchange_address(url: str | None) -> str | None:
    """Accept the address of the RabbitMQ to which events are published, if one is given."""
    if url is None:
        return None
    if not url.startswith(EXCHANGE_SCHEMES):
        raise ConfigError(f"EVENTS_URL cannot be used: it has to begin with {' or '.join(EXCHANGE_SCHEMES)}.")
    if not _names_hosts(url):
        raise ConfigError("EVENTS_URL cannot be used: a port is no number, or a host is missing.")
    return url


def _servers(url: str) -> set[tuple[str, str]]:
    """Name the servers of a Redis address, whatever is said about databases, users and TLS.

    Where they are known only to Sentinels, or have no name, there are none.
    """
    scheme = urlsplit(url).scheme
    return set(map(_server, _hosts(url))) if scheme != "unix" and not scheme.endswith("+sentinel") else set()


def _server(host: str) -> tuple[str, str]:
    name, colon, port = host.rpartition(":")
    if not colon or port.endswith("]"):
        name, port = host, "6379"
    name = name.lower().strip("[]")
    return LOOPBACK_NAMES[1] if name in ("", "localhost", "::1") else name, port


def _names_hosts(url: str) -> bool:
    """Tell whether a Redis address has hosts and ports, and for Sentinels a service."""
    parts = urlsplit(url)
    hosts = _hosts(url)
    readable = all(re.fullmatch(r"([^:]*|\[[0-9a-fA-F:.]+\])(:\d+)?", host) for host in hosts)
    if _is_cluster(url):
        return readable and all(hosts)
    needs_path = parts.scheme == "unix" or parts.scheme.endswith("+sentinel")
    return readable and (bool(parts.path.strip("/")) if needs_path else len(hosts) == 1)


def _hosts(url: str) -> list[str]:
    return urlsplit(url).netloc.rpartition("@")[2].split(",")


def _is_cluster(url: str) -> bool:
    return urlsplit(url).scheme.endswith("+cluster")


def trusted_hosts(given: str | None, host: str, public_url: str, proxies: int) -> tuple[str, ...]:
    """Take the given names, else those of loopback and the public one.

    Where it is reached from elsewhere any will do.
    """
    if given:
        return tuple(_host_name(name.strip()) for name in given.split(",") if name.strip())
    if is_loopback(host) and not proxies:
        return tuple(dict.fromkeys((*LOOPBACK_NAMES, *map(_host_name, (host, urlsplit(public_url).hostname or host)))))
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


def is_any_address(host: str) -> bool:
    """Tell whether a server that listens on `host` listens on all addresses of its machine."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
